package runtime

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// SeveralCommands reports CMD, ENTRYPOINT and HEALTHCHECK that a later one of the same stage replaces. The later one, where
// hadolint reports, gets a doubtful finding: it is what counts. What a stage inherits may be replaced.
var SeveralCommands = &lint.Rule{
	Name: "several-commands", Summary: "a stage has CMD, ENTRYPOINT or HEALTHCHECK more than once", Category: lint.Runtime,
	Aliases: []string{"DL3012", "DL4003", "DL4004", "MultipleInstructionsDisallowed", "DS-0007", "DS-0016", "DS-0023"}, Severity: lint.Warning,
	Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		for _, x := range []struct{ name, hadolint, trivy string }{
			{"CMD", "DL4003", "DS-0016"}, {"ENTRYPOINT", "DL4004", "DS-0007"}, {"HEALTHCHECK", "DL3012", "DS-0023"},
		} {
			var steps []*plan.Step
			for _, step := range s.Steps {
				if step.Instruction.Name == x.name && step.Instruction.Cmd != nil {
					steps = append(steps, step)
				}
			}
			for i, step := range steps {
				if len(steps) == 1 {
					break
				}
				last := steps[len(steps)-1].Instruction
				f := p.Report(step.Instruction.Keyword.Full(), "a later `%s` replaces this one", x.name).
					Because("only the last `%s` of a stage has an effect", x.name)
				if step.Instruction == last {
					f.Message = "this `" + x.name + "` replaces an earlier one"
					f.Relate(steps[i-1].Instruction.Keyword.Full(), "the earlier one").Doubting("it is the one that counts")
				} else {
					f.Advise("remove it, or join both").Relate(last.Keyword.Full(), "the one that counts").
						Alias("MultipleInstructionsDisallowed")
				}
				if i > 0 {
					f.Alias(x.hadolint, x.trivy)
				}
			}
		}
	}),
}
