package fix_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	dockerfile "github.com/moby/buildkit/frontend/dockerfile/parser"
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
		if fix.Rejected(before) < fix.Rejected(after) {
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

// FuzzIgnore ignores what all rules find in any input. Only comments may be added, and BuildKit must read the same instructions.
func FuzzIgnore(f *testing.F) {
	for _, src := range []string{
		"", "FROM a", "\ufeffFROM a\n", "# escape=`\nFROM a\nRUN b `\n c\n", "# syntax=a\n# syntax=b\nFROM a\n", "# check=skip=all\n\nFROM a\r\n",
		"FROM a\nRUN <<A <<B\na\nA\nb\nB\n", "FROM a\n  RUN a \\\n# b\n\n  c\n", "ARG a\n# a is b\nARG a\nFROM $a AS a\n", "RUN a \\", "# a=b\nFROM a",
	} {
		f.Add([]byte(src), "")
	}
	linter := lint.New(rules.All(), lint.Settings{Profile: lint.Strict})
	f.Fuzz(func(t *testing.T, src []byte, reason string) {
		if strings.ContainsFunc(reason, unicode.IsControl) || !utf8.ValidString(reason) || len(src) > parser.MaxFile {
			return
		}
		file := parser.Parse("Dockerfile", src)
		found := linter.Lint(lint.Build{Plan: plan.New(file, plan.Options{})})
		for _, whole := range []bool{false, true} {
			var names []string
			for _, x := range found {
				if whole {
					names = append(names, x.Rule.Name)
				}
			}
			edits := fix.IgnoreComments(file.Source, found, false, reason, names)
			after, err := fix.Ignoring(file.Source, edits, false, plan.Options{})
			if err != nil {
				continue // it says so, and nothing is written
			}
			if was, is := dump(src), dump(after); was != is {
				t.Errorf("BuildKit reads another file\n%s\nbefore\n%s", is, was)
			}
		}
	})
}

// dump is what BuildKit reads: directives, words and flags.
func dump(data []byte) string {
	r, err := dockerfile.Parse(bytes.NewReader(data))
	if err != nil {
		return "error"
	}
	var b strings.Builder
	syntax, args, _, _ := dockerfile.DetectSyntax(data)
	fmt.Fprintf(&b, "%q %q %q\n", r.EscapeToken, syntax, args)
	for _, n := range r.AST.Children {
		fmt.Fprintf(&b, "%s %q %v\n", n.Dump(), n.Original, n.Heredocs)
	}
	return b.String()
}
