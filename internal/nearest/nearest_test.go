package nearest

import (
	"strings"
	"testing"
)

func TestName(t *testing.T) {
	names := []string{"latest-tag", "DL3007", "StageNameCasing"}
	for _, c := range []struct{ name, want string }{
		{"latst-tag", "latest-tag"},
		{"dl3007", "DL3007"},
		{"dl307", "DL3007"},
		{"stagenamecasing", "StageNameCasing"},
		{"stagename-casing", "StageNameCasing"},
		{"something-else", ""},
		{"", ""},
		{strings.Repeat("a", 1<<20), ""},
	} {
		if got, ok := Name(c.name, names); got != c.want || ok != (c.want != "") {
			t.Errorf("Name(%.20q) = %q, %v, want %q", c.name, got, ok, c.want)
		}
	}
}
