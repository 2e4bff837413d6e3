package fix_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/dockvet/dockvet/internal/fix"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules"
)

// FuzzFix fixes any input with all rules. What parses must parse afterwards, a safe fix must not change the build, and
// a second run must not change anything. Its seeds are the cases of all rules.
func FuzzFix(f *testing.F) {
	names, err := filepath.Glob("../../testdata/rules/*/*.txtar")
	if err != nil || len(names) == 0 {
		f.Fatal("no cases of rules", err)
	}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			if file.Name == "Dockerfile" {
				f.Add(file.Data, false)
				f.Add(file.Data, true)
			}
		}
	}
	linter := lint.New(rules.All(), lint.Settings{Profile: lint.Strict})
	f.Fuzz(func(t *testing.T, src []byte, unsafe bool) {
		o := fix.Options{Name: "Dockerfile", Unsafe: unsafe, Lint: func(p *plan.Plan, _ map[string]string) []*lint.Finding {
			return linter.Lint(lint.Build{Plan: p})
		}}
		r := fix.Run(src, o)
		for _, x := range r.Failures {
			t.Errorf("bug in the fix `%s` of %s: %s", x.Title, x.Rule.Name, x.Reason)
		}
		before, after := parser.Parse("Dockerfile", src), parser.Parse("Dockerfile", r.Source)
		if len(before.Errors) < len(after.Errors) {
			t.Errorf("the result does not parse: %s", after.Errors[0].Message)
		}
		if diff := plan.Diff(plan.New(before, plan.Options{}), plan.New(after, plan.Options{})); len(diff) > 0 && len(r.Changes) == 0 && !bytes.Equal(src, r.Source) {
			t.Errorf("the build changes, and nothing says so: %s", diff[0])
		}
		if again := fix.Run(r.Source, o); !bytes.Equal(again.Source, r.Source) {
			t.Errorf("a second run changes\n%s\ninto\n%s", r.Source, again.Source)
		}
	})
}
