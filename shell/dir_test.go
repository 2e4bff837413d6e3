package shell_test

import (
	"strings"
	"testing"
)

// TestDir holds where the command `here` runs, `?` if that is not known.
func TestDir(t *testing.T) {
	for _, c := range []struct{ run, want string }{
		{"here", "/app"},
		{"cd a && cd b; here", "/app/a/b"},
		{"cd /x && here && cd /y", "/x"},
		{"cd a && cd .. && here", "/app"},
		{"cd $X && here", "?"},
		{"cd $X && cd /y && here", "/y"},
		{"cd && here", "?"},
		{"cd - && here", "?"},
		{"pushd a && here", "?"},
		{". ./env && here", "?"},
		// A subshell ends with what changed in it.
		{"(cd a && make); here", "/app"},
		{"(cd a && here); make", "/app/a"},
		{"(cd a); (cd b && here)", "/app/b"},
		{"cd a; (cd b; (here))", "/app/a/b"},
		{"x=$(cd a && pwd); here", "/app"},
		{"cd a | b; here", "/app"},
		{"a | { cd b; here; }", "/app/b"},
		{"cd a & here", "/app"},
		{"{ cd a; }; here", "/app/a"},
		// What need not run is not certain after it.
		{"if [ -d a ]; then cd a; here; fi", "/app/a"},
		{"if [ -d a ]; then cd a; fi; here", "?"},
		{"if [ -d a ]; then cd a; else here; fi", "?"},
		{"if cd a; then here; fi", "/app/a"},
		{"for i in a b; do cd a; done; here", "?"},
		{"case x in a) cd a;; esac; here", "?"},
		{"a || cd b; here", "?"},
		{"cd a || exit 1; here", "/app/a"},
		{"f() { cd a; }; here", "?"},
		{strings.Repeat("cd a; ", 101) + "here", "?"},
	} {
		_, all := scripts("FROM a\nWORKDIR /app\nRUN " + c.run + "\n")
		got := "no command"
		for _, command := range all[0].Commands {
			if command.Name == "here" {
				if dir := command.Dir(); dir.Known {
					got = dir.Text
				} else {
					got = "?"
				}
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.run, got, c.want)
		}
	}
}

func TestDeletesBelowDir(t *testing.T) {
	const dir = "/var/lib/apt/lists"
	for run, want := range map[string]bool{
		"rm -rf /var/lib/apt/lists/*":                  true,
		"cd /var/lib/apt/lists && rm -rf *":            true,
		"cd /var/lib && rm -rf apt/lists":              true,
		"cd /var/lib/apt && find lists -delete":        true,
		"(cd /var/lib/apt/lists) && rm -rf *":          false,
		"cd /var/lib/apt/lists && cd / && rm -rf tmp/": false,
		"cd $LISTS && rm -rf *":                        false,
		"rm -rf *":                                     false,
	} {
		_, all := scripts("FROM a\nWORKDIR /app\nRUN " + run + "\n")
		commands := all[0].Commands
		if got := commands[len(commands)-1].Deletes(dir); got != want {
			t.Errorf("%s: %v", run, got)
		}
	}
}
