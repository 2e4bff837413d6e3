package packages

import (
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// DebianFrontendInEnv reports ENV DEBIAN_FRONTEND, which keeps debconf from asking in every container, although only the
// installs in the build need that. It is silent if a later ENV sets it again, and for images in which people work. It has a
// doubt about an image without a command, which may be a base for other builds.
var DebianFrontendInEnv = &lint.Rule{
	Name: "debian-frontend-in-env", Category: lint.Packages,
	Summary:  "`DEBIAN_FRONTEND` stays set in the running container",
	Severity: lint.Info, Profile: lint.Recommended, Scope: lint.ShippedStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnInstruction("ENV", func(p *lint.Pass, step *plan.Step, _ *instructions.EnvCommand) {
		in := step.Instruction
		for _, pair := range in.Pairs {
			if pair.Key.Value != debianFrontend || !strings.EqualFold(pair.Value.Value, "noninteractive") {
				continue
			}
			last := p.Plan.Target.End.Env.Lookup(debianFrontend)
			if last == nil || last.Arg || last.Step() != step || p.Plan.ForDevelopment() {
				return
			}
			f := p.Report(pair.Key.Full(), "`DEBIAN_FRONTEND` stays set in the container").
				Because("only this build's installs need it, but apt also asks no questions in containers and in images built on this one").
				Advise("use `ARG DEBIAN_FRONTEND=noninteractive`, which ends with the build")
			if run := p.Plan.Target.Command(); run.Entrypoint == nil && run.Cmd == nil && len(p.Services()) == 0 {
				f.Doubting("the image may be a base for others, whose builds need the variable too")
			}
			switch {
			case len(in.Pairs) > 1:
				f.Advise("move it to `ARG DEBIAN_FRONTEND=noninteractive`, which ends with the build")
			case len(in.Inner) == 0 && in.Text.Whole():
				keyword := "ARG"
				if in.Keyword.String == "env" {
					keyword = "arg"
				}
				span := parser.Span{Start: in.Keyword.Full().Start, End: pair.Value.Full().End}
				f.Offer(lint.Unsafe, "use `ARG`", lint.Replace(span, keyword+" "+debianFrontend+"=noninteractive"))
			}
			return
		}
	}),
}

const debianFrontend = "DEBIAN_FRONTEND"
