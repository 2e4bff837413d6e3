package rules_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/lint/linttest"
)

// TestFixesKeepFaults checks that no safe fix hides that the build does something else than the file says: after all safe fixes of
// all rules, each rule on such a fault still reports what it reported before.
func TestFixesKeepFaults(t *testing.T) {
	faults := []string{
		"no-break-space", "shell-syntax-in-array", "swallowed-code", "swallowed-instruction", "syntax-error", "trailing-comment",
		"unstartable-array",
	}
	options := dockvet.Options{NoConfig: true, NoContext: true, Profile: new(lint.Strict)}
	count := func(findings []*dockvet.Finding) map[string]int {
		out := map[string]int{}
		for _, f := range findings {
			if slices.Contains(faults, f.Rule.Name) {
				out[f.Rule.Name+": "+f.Message]++
			}
		}
		return out
	}
	changed := 0
	for _, name := range append(faults, "blank-continuation-line", "legacy-key-value", "mixed-keyword-casing", "useless-backslash") {
		for _, c := range linttest.Read(t, "../testdata/rules/"+name) {
			before, err := dockvet.CheckBytes(t.Context(), "Dockerfile", c.Dockerfile, options)
			if err != nil {
				t.Fatal(err)
			}
			fixed, after, err := dockvet.FixBytes(t.Context(), "Dockerfile", slices.Clone(c.Dockerfile), options)
			if err != nil {
				t.Fatal(err)
			}
			want := count(before.Findings)
			if len(want) > 0 && string(fixed) != string(c.Dockerfile) {
				changed++
			}
			got := count(after.Findings)
			maps.DeleteFunc(got, func(k string, _ int) bool { return want[k] == 0 }) // what a fix uncovers is fine
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s/%s: findings before and after safe fixes (-before +after)\n%s\n%s", name, c.Name, diff, fixed)
			}
		}
	}
	if changed == 0 {
		t.Error("no case with such a fault has a safe fix, so this test cannot fail")
	}
}
