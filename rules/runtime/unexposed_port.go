package runtime

import (
	"fmt"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// UnexposedPort reports a port on which the started program certainly listens and that no EXPOSE names. It is silent
// where the base image may expose ports itself, where EXPOSE uses an unknown variable, where the environment or the
// command may choose another port, and on a loopback address. Where EXPOSE names another port instead, unused-expose
// reports it.
var UnexposedPort = &lint.Rule{
	Name: "unexposed-port", Summary: "the port that the application listens on is not exposed", Category: lint.Runtime,
	Severity: lint.Info, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.Unsafe,
	AllBuilds: true,
	Check: lint.OnFile(func(p *lint.Pass) {
		c := container.Of(p)
		for _, s := range c.Servers() {
			l, ok := s.Port()
			if !ok || l.Loopback() {
				continue
			}
			x := c.Exposed()
			if x.Unknown || x.Names(l.Port) {
				continue
			}
			if _, sure := x.Only(); sure {
				continue
			}
			f := p.Report(s.At, "`%s` listens on port %d, which is not exposed", source(l), l.Port).
				Because("EXPOSE tells people and tools which port to publish, and without it `docker run -P` skips the port").
				Advise("write `EXPOSE %d`", l.Port)
			relate(f, l, "%s listens on %d", l.Framework, l.Port)
			if p.Plan.ForDevelopment() {
				f.Doubting("the image seems to be for development or tests")
			}
			if step := above(p, s.At); step != nil {
				f.Advise("write `EXPOSE %d` before %s", l.Port, step.Instruction.Name)
				in := step.Instruction
				name := "EXPOSE"
				if in.Keyword.String == strings.ToLower(in.Keyword.String) {
					name = "expose"
				}
				f.Offer(lint.Unsafe, fmt.Sprintf("add `EXPOSE %d`", l.Port),
					lint.InsertAbove(p.File, in, fmt.Sprintf("%s %d", name, l.Port)))
			}
		}
	}),
}

// above is the first step of the group of CMD and ENTRYPOINT that contains span, nil if the target itself has none.
func above(p *lint.Pass, span parser.Span) *plan.Step {
	steps := p.Plan.Target.Steps
	command := func(s *plan.Step) bool { return s.Instruction.Name == "CMD" || s.Instruction.Name == "ENTRYPOINT" }
	for i, s := range steps {
		if !s.Instruction.Span.Contains(span) || !command(s) {
			continue
		}
		for i > 0 && command(steps[i-1]) {
			i--
		}
		return steps[i]
	}
	return nil
}
