package scripts

import (
	"slices"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// ConsecutiveRuns reports a RUN right behind another one with the same flags, where both have one command.
var ConsecutiveRuns = &lint.Rule{
	Name: "consecutive-runs", Summary: "RUNs of one command follow each other", Category: lint.Scripts,
	Aliases: []string{"DL3059"}, Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		var before *plan.Step
		for _, step := range s.Steps {
			if step.Instruction.Name != "RUN" || step.Instruction.Cmd == nil {
				before = nil
				continue
			}
			if before != nil && sameFlags(before.Instruction, step.Instruction) && single(p, before) && single(p, step) {
				p.Report(step.Instruction.Keyword.Full(), "`RUN` follows a `RUN`").
					Relate(before.Instruction.Keyword.Full(), "the one before").
					Because("each makes a layer of its own; apart they help only while one changes more often than the other").
					Advise("join them by `&&`, or in one heredoc").
					Alias("DL3059")
			}
			before = step
		}
	}),
}

func sameFlags(a, b *parser.Instruction) bool {
	return slices.EqualFunc(a.Flags, b.Flags, func(x, y parser.Flag) bool { return x.String == y.String })
}

// single reports whether step runs one command at most.
func single(p *lint.Pass, step *plan.Step) bool {
	sc := p.Script(step)
	return sc != nil && sc.Count() <= 1
}
