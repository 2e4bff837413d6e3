package runtime

import (
	"path"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// WriteAfterVolume reports a RUN that changes files in a VOLUME declared above it. BuildKit keeps the change and the
// classic builder drops it, so only the strict profile reports it. The rule only looks at commands that certainly
// write, with a path that is certainly in the volume.
var WriteAfterVolume = &lint.Rule{
	Name: "write-after-volume", Summary: "a RUN writes to a VOLUME declared above it", Category: lint.Runtime,
	Severity: lint.Warning, Profile: lint.Strict, Scope: lint.ShippedStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnInstruction("VOLUME", func(p *lint.Pass, s *plan.Step, _ *instructions.VolumeCommand) {
		for _, w := range s.Instruction.Args {
			v := s.Env.Expand(w.Value)
			if !v.Known || !path.IsAbs(v.Text) {
				continue
			}
			dir := path.Clean(v.Text)
			for _, later := range s.After() {
				at, command, ok := writes(p, later, dir)
				if !ok {
					continue
				}
				line := p.File.Lines.Line(s.Instruction.Span.Start)
				p.Report(at, "`%s` changes the volume `%s`, which line %d declares", command, dir, line).
					Relate(w.Full(), "the volume is declared here").
					Because("the classic Docker builder discards changes to a volume that is already declared; BuildKit, the default "+
						"since Docker 23.0, keeps them").
					Advise("move VOLUME below the last step that writes to `%s`", dir)
				break
			}
		}
	}),
}

// writes finds the first command of a RUN that certainly writes below dir.
func writes(p *lint.Pass, step *plan.Step, dir string) (at parser.Span, name string, ok bool) {
	sc := p.Script(step)
	if sc == nil || step.Discards(dir) {
		return at, "", false
	}
	for _, c := range sc.Commands {
		switch c.Name {
		case "mkdir", "chown", "chmod", "chgrp", "touch", "cp", "mv", "ln", "install", "rm":
		default:
			continue
		}
		for i, w := range c.Operands("-m", "-o", "-g", "-t") {
			written := i > 0 || c.Name == "mkdir" || c.Name == "touch" || c.Name == "rm"
			if written && w.Literal && path.IsAbs(w.Text) && plan.Within(path.Clean(w.Text), dir) {
				return w.Span, c.Name, true
			}
		}
	}
	return at, "", false
}
