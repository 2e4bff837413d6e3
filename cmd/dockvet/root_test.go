package main

import "testing"

func TestUseLinks(t *testing.T) {
	for _, x := range []struct {
		terminal bool
		env      map[string]string
		want     bool
	}{
		{true, nil, false},
		{true, map[string]string{"TERM": "xterm-kitty"}, true},
		{true, map[string]string{"VTE_VERSION": "6003"}, true},
		{true, map[string]string{"VTE_VERSION": "4999"}, false},
		{true, map[string]string{"TERM_PROGRAM": "vscode"}, true},
		{true, map[string]string{"TERM_PROGRAM": "Apple_Terminal"}, false},
		{true, map[string]string{"TERM": "dumb", "WT_SESSION": "x"}, false},
		{false, map[string]string{"TERM": "xterm-kitty"}, false},
		{false, map[string]string{"FORCE_HYPERLINK": "1"}, true},
		{true, map[string]string{"FORCE_HYPERLINK": "0", "TERM": "xterm-kitty"}, false},
	} {
		if got := useLinks(x.terminal, func(name string) string { return x.env[name] }); got != x.want {
			t.Errorf("terminal %v, %v: %v", x.terminal, x.env, got)
		}
	}
}
