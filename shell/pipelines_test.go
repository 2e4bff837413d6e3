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
		f := parser.Parse("Dockerfile", []byte("FROM scratch\nRUN "+body+"\n"))
		var got []string
		for _, line := range shell.Read(plan.New(f, plan.Options{}).Stages[0].Steps[0]).Pipelines {
			var parts []string
			for _, part := range line.Parts {
				var names []string
				for _, c := range part {
					names = append(names, c.Name)
				}
				parts = append(parts, strings.Join(names, ","))
			}
			s := fmt.Sprintf("%s %q", strings.Join(parts, "/"), f.Text(line.Pipe))
			for _, flag := range []struct {
				name string
				on   bool
			}{{"pipefail", line.Pipefail}, {"tested", line.Tested}, {"lost", line.Lost}} {
				if flag.on {
					s += " " + flag.name
				}
			}
			got = append(got, s)
		}
		if diff := cmp.Diff(want, strings.Join(got, ";")); diff != "" {
			t.Errorf("%s (-want +got)\n%s", body, diff)
		}
	}
}
