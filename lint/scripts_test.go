package lint_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// TestScriptsAreReadOnce holds that all ways to the code of a step lead to one Script, also if it was read before the linting.
func TestScriptsAreReadOnce(t *testing.T) {
	src := "FROM a AS b\nRUN apk add c && d\nONBUILD RUN e\nFROM b\nRUN [\"f\"]\nRUN <<G\nh\nG\n"
	for _, early := range []bool{false, true} {
		b := lint.Build{Plan: plan.New(parser.Parse("Dockerfile", []byte(src)), plan.Options{})}
		seen := map[*plan.Step]map[*shell.Script]bool{}
		see := func(s *shell.Script) {
			if seen[s.Step] == nil {
				seen[s.Step] = map[*shell.Script]bool{}
			}
			seen[s.Step][s] = true
		}
		if early {
			b.Scripts = new(shell.Scripts)
			for s := range b.Scripts.All(b.Plan) {
				see(s)
			}
		}
		reads := 0
		rules := []*lint.Rule{
			{Name: "run", Check: lint.OnRun(func(_ *lint.Pass, s *shell.Script) { see(s) })},
			{Name: "command", Check: lint.OnCommand(func(_ *lint.Pass, c *shell.Command) { see(c.Script) })},
			{Name: "call", Check: lint.OnCall(func(_ *lint.Pass, c *shell.Call) { see(c.Command.Script) })},
			{Name: "stage", Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
				for _, sc := range p.Scripts(s) {
					see(sc)
				}
				for _, step := range s.Steps {
					for ; step != nil; step = step.Trigger {
						if sc := p.Script(step); sc != nil {
							see(sc)
							reads++
						}
					}
				}
			})},
		}
		lint.New(rules, lint.Settings{Profile: lint.Strict}).Lint(b)
		if len(seen) != 4 || reads != 4 {
			t.Errorf("read early: %v: %d steps with a script, %d of them seen by the rule on stages; want 4", early, len(seen), reads)
		}
		for _, scripts := range slices.Collect(maps.Values(seen)) {
			if len(scripts) != 1 {
				t.Errorf("read early: %v: a step has %d scripts", early, len(scripts))
			}
		}
	}
}
