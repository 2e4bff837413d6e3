package runtime

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// SeveralCommands reports CMD, ENTRYPOINT and HEALTHCHECK that a later one of the same stage replaces. The later one,
// which hadolint reports, gets a finding with a doubt, because it is the effective one. A stage may replace what it
// inherits.
var SeveralCommands = &lint.Rule{
	Name: "several-commands", Summary: "a stage has CMD, ENTRYPOINT or HEALTHCHECK more than once", Category: lint.Runtime,
	Aliases:  []string{"DL3012", "DL4003", "DL4004", "MultipleInstructionsDisallowed", "DS-0007", "DS-0016", "DS-0023"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		for _, name := range [...]string{"CMD", "ENTRYPOINT", "HEALTHCHECK"} {
			var steps []*plan.Step
			for _, step := range s.Steps {
				if step.Instruction.Name == name && step.Instruction.Cmd != nil {
					steps = append(steps, step)
				}
			}
			for i, step := range steps {
				if len(steps) == 1 {
					break
				}
				last := steps[len(steps)-1].Instruction
				f := p.Report(step.Instruction.Keyword.Full(), "a later `%s` replaces this one", name).
					Because("only the last `%s` in a stage takes effect", name)
				if step.Instruction == last {
					f.Message = "this `" + name + "` replaces an earlier one"
					f.Relate(steps[i-1].Instruction.Keyword.Full(), "the earlier one").Doubting("hadolint reports the later one, although it is the one that takes effect")
				} else {
					f.Advise("remove this `%s`, or combine it with the later one", name).Relate(last.Keyword.Full(), "the effective one").
						Alias("MultipleInstructionsDisallowed")
				}
				if i > 0 {
					f.Alias(parity.Repeated(name))
				}
			}
		}
	}),
}
