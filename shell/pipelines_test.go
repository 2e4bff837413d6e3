package shell_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// TestPipelines holds the parts of pipelines, the place of the first operator, and how far pipefail reaches.
func TestPipelines(t *testing.T) {
	for body, want := range map[string]string{
		`a | b |& c`:                            `a/b/c "|"`,
		`a |& b`:                                `a/b "|&"`,
		`{ a; b; } | (c && d)`:                  `a,b/c,d "|"`,
		`set -eo pipefail; a | b`:               `a/b "|" pipefail`,
		`set -o pipefail; set +o pipefail; a|b`: `a/b "|"`,
		`(set -o pipefail; a | b); c | d`:       `a/b "|" pipefail;c/d "|"`,
		`if a | b; then c | d; fi`:              `a/b "|" tested;c/d "|"`,
		`a | b || c | d`:                        `a/b "|" tested;c/d "|"`,
		`X=$(a | b)`:                            `a/b "|"`,
		`X=$(a | b) c`:                          `a/b "|" lost`,
		`export X=$(a | b)`:                     `a/b "|" lost`,
		`echo "$(a | b)" | c`:                   `echo,a,b/c "|";a/b "|" lost`,
		`a || b`:                                ``,
	} {
		s := script(body)
		var got []string
		for _, line := range s.Pipelines {
			var parts []string
			for _, part := range line.Parts {
				var names []string
				for _, c := range part {
					names = append(names, c.Name)
				}
				parts = append(parts, strings.Join(names, ","))
			}
			text := fmt.Sprintf("%s %q", strings.Join(parts, "/"), operator(s, line))
			for _, flag := range []struct {
				name string
				on   bool
			}{{"pipefail", line.Pipefail}, {"tested", line.Tested}, {"lost", line.Lost}} {
				if flag.on {
					text += " " + flag.name
				}
			}
			got = append(got, text)
		}
		if diff := cmp.Diff(want, strings.Join(got, ";")); diff != "" {
			t.Errorf("%s (-want +got)\n%s", body, diff)
		}
	}
}

// TestCount holds how many commands a script has, for a Windows shell too, and that `-qO-` is a row of flags.
func TestCount(t *testing.T) {
	for body, want := range map[string]int{
		`a`: 1, `a | b`: 2, `a $(b)`: 2, `X=1`: 0, `sudo a`: 1, `["a", "b"]`: 1,
	} {
		if got := script(body).Count(); got != want {
			t.Errorf("%s: got %d, want %d", body, got, want)
		}
	}
	f := parser.Parse("Dockerfile", []byte("FROM scratch\nSHELL [\"pwsh\"]\nRUN a; b\nRUN if ($x) { y }\n"))
	for i, want := range []int{2, 0} {
		if got := shell.Read(plan.New(f, plan.Options{}).Stages[0].Steps[i+1]).Count(); got != want {
			t.Errorf("script %d of PowerShell: got %d, want %d", i, got, want)
		}
	}
	if c := script(`wget -qO- x`).Commands[0]; !c.Has("-q") || c.Has("-n") {
		t.Error("-qO- is not read as -q and -O")
	}
}

func script(body string) *shell.Script {
	f := parser.Parse("Dockerfile", []byte("FROM scratch\nRUN "+body+"\n"))
	return shell.Read(plan.New(f, plan.Options{}).Stages[0].Steps[0])
}

func operator(s *shell.Script, line *shell.Pipeline) string {
	return ("FROM scratch\nRUN " + s.Text.String)[line.Pipe.Start:line.Pipe.End]
}
