package rules_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/lint/linttest"
	"github.com/dockvet/dockvet/rules"
)

var update = flag.Bool("update", false, "rewrite what the cases of testdata/rules want")

const cases = "../testdata/rules"

func suite() linttest.Suite {
	return linttest.Suite{Rules: rules.All(), Retired: rules.Retired(), Inspect: words, Update: *update}
}

// TestRules runs the cases testdata/rules/RULE/*.txtar; `-update` rewrites what they want.
func TestRules(t *testing.T) {
	for _, rule := range rules.All() {
		if rule.Name != lint.RuleBug { // no Dockerfile shows it
			t.Run(rule.Name, func(t *testing.T) { suite().Run(t, rule, filepath.Join(cases, rule.Name)) })
		}
	}
	dirs, err := os.ReadDir(cases)
	if err != nil {
		t.Fatal(err)
	}
	index := lint.NewIndex(rules.All())
	for _, d := range dirs {
		if index[d.Name()] == nil {
			t.Errorf("testdata/rules/%s belongs to no rule", d.Name())
		}
	}
}

// words checks how a finding is worded.
func words(t *testing.T, f *lint.Finding) {
	t.Helper()
	for _, text := range []string{f.Message, f.Note, f.Help, f.Doubt} {
		wording(t, text)
	}
	for _, x := range f.Fixes {
		wording(t, x.Title)
	}
}
