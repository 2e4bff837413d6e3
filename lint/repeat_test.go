package lint_test

import (
	"testing"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// labels reports each LABEL, and tells those of one stage as one.
func labels() *lint.Rule {
	return &lint.Rule{
		Name: "a-label", Severity: lint.Info, Profile: lint.Recommended, Scope: lint.AnyStage,
		Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
			if s.Instruction.Name != "LABEL" {
				return
			}
			key := s.Instruction.Pairs[0].Key
			p.Repeat(p.Report(key.Full(), "label %s", key.Value), s.Stage)
		}),
	}
}

func TestRepeat(t *testing.T) {
	settings := lint.Settings{Profile: lint.Recommended}
	src := "FROM scratch\nLABEL a=1\nLABEL b=1\nFROM scratch\nLABEL c=1\n"
	expect(t, run(settings, src, labels()), "a-label@2 info label a", "a-label@5 info label c")
	src = "FROM scratch\n# dockvet ignore=a-label only here\nLABEL a=1\nLABEL b=1\n"
	expect(t, run(settings, src, labels()), "a-label@4 info label b")
}
