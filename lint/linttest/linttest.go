// Package linttest tests rules with cases, as dockvet tests its own; package lintcase says what a case is.
//
// A test is a loop over the rules:
//
//	var update = flag.Bool("update", false, "rewrite what the cases want")
//
//	func TestRules(t *testing.T) {
//		suite := linttest.Suite{Rules: myRules, Update: *update}
//		for _, rule := range myRules {
//			t.Run(rule.Name, func(t *testing.T) { suite.Run(t, rule, "testdata/"+rule.Name) })
//		}
//	}
package linttest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/lint/lintcase"
)

// What a test needs of package lintcase.
type (
	// Case is one case, read from an archive.
	Case = lintcase.Case
	// Config is the section `config` of a case.
	Config = lintcase.Config
)

// Render prints findings as the section want of a case has them.
func Render(findings []*lint.Finding) string { return lintcase.Render(findings) }

// Suite is a set of rules under test.
type Suite struct {
	// Rules run together in each case, so that a rule that fails on the case of another one is found. Only the
	// findings of the rule that the case belongs to are compared.
	Rules   []*lint.Rule
	Retired []lint.Retired
	// Inspect looks at each finding of the rule under test; nil: nobody does.
	Inspect func(*testing.T, *lint.Finding)
	// Update rewrites what the cases want instead of comparing it.
	Update bool
}

// Run runs each case *.txtar in the directory dir as a subtest. There must be one at least.
func (s Suite) Run(t *testing.T, rule *lint.Rule, dir string) {
	t.Helper()
	cases := Read(t, dir)
	if len(cases) == 0 {
		t.Fatalf("no cases in %s", dir)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) { s.run(t, rule, c) })
	}
}

// Read reads each case *.txtar in the directory dir, by name. There may be none.
func Read(t *testing.T, dir string) []Case {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []Case
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		c, err := lintcase.Parse(filepath.ToSlash(name), src)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		cases = append(cases, c)
	}
	return cases
}

func (s Suite) run(t *testing.T, rule *lint.Rule, c Case) {
	t.Helper()
	got, err := s.with(t).Run(rule, c)
	if err != nil {
		t.Error(err)
	}
	switch {
	case s.Update:
		if err := os.WriteFile(c.File, got.Text, 0o644); err != nil {
			t.Fatal(err)
		}
	case !got.Wanted:
		t.Error("the case has no section want; update it and read what was written")
	case got.Diff != "":
		t.Errorf("findings or fixes differ\n%s", got.Diff)
	}
}

// Lint runs all rules over c and returns the findings of rule, in order. What no case may show is an error of t.
func (s Suite) Lint(t *testing.T, rule *lint.Rule, c Case) []*lint.Finding {
	t.Helper()
	found, err := s.with(t).Lint(rule, c)
	if err != nil {
		t.Error(err)
	}
	return found
}

func (s Suite) with(t *testing.T) lintcase.Suite {
	t.Helper()
	core := lintcase.Suite{Rules: s.Rules, Retired: s.Retired}
	if s.Inspect != nil {
		core.Inspect = func(f *lint.Finding) { s.Inspect(t, f) }
	}
	return core
}
