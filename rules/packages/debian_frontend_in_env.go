package packages

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// DebianFrontendInEnv reports ENV DEBIAN_FRONTEND, which keeps debconf from asking in every container, although only the
// installs in the build need that. It is silent if a later ENV sets it again, for images in which people work, and if no step
// calls a package manager of Debian. It has a doubt about an image that may be a base for other builds, that builds packages, or that
// nothing shows to run a server.
var DebianFrontendInEnv = &lint.Rule{
	Name: "debian-frontend-in-env", Category: lint.Packages,
	Summary:  "`DEBIAN_FRONTEND` stays set in the running container",
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.ShippedStage, Since: "2026.1", Fix: lint.Unsafe,
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
			uses, makes := debian(p)
			if !uses {
				return
			}
			f := p.Report(pair.Key.Full(), "`DEBIAN_FRONTEND` stays set in the container").
				Because("packages that are installed in a container, or in an image built on this one, do not ask their questions either").
				Advise("use `ARG DEBIAN_FRONTEND=noninteractive`")
			run := p.Plan.Target.Command()
			if triggers(p) || run.Entrypoint == nil && run.Cmd == nil && len(p.Services()) == 0 || makes || container.Of(p).Quiet() {
				f.Doubting("the variable may be meant for containers, or for images built on this one")
			}
			inline := setInline(p)
			if inline {
				f.Because("each step that installs packages sets the variable itself, so the `ENV` only affects containers and images built on this one").
					Advise("remove `DEBIAN_FRONTEND` from the `ENV`")
			}
			switch {
			case inline:
			case inherited(p, step.Stage):
				f.Advise("use `ARG DEBIAN_FRONTEND=noninteractive` in each stage that installs packages")
			case len(in.Pairs) == 1 && len(in.Inner) == 0 && in.Text.Whole():
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

// setInline reports whether each command of apt in the target, and in the stages that it is built from, has the variable on its own
// command line.
func setInline(p *lint.Pass) bool {
	some := false
	for _, s := range p.Plan.Target.Lineage() {
		for _, sc := range p.Scripts(s) {
			for _, call := range sc.Calls() {
				if call.Action != shell.Install || !isApt(call) {
					continue
				}
				some = true
				if !slices.ContainsFunc(call.Command.Assigns, func(a shell.Assign) bool { return a.Name == debianFrontend }) &&
					(call.Command.Outer == nil || !slices.ContainsFunc(call.Command.Outer.Assigns, func(a shell.Assign) bool { return a.Name == debianFrontend })) {
					return false
				}
			}
		}
	}
	return some
}

// triggers reports whether the target, or a stage that it is built from, stores instructions for the builds of other images.
func triggers(p *lint.Pass) bool {
	for _, s := range p.Plan.Target.Lineage() {
		if slices.ContainsFunc(s.Steps, func(step *plan.Step) bool { return step.Trigger != nil }) {
			return true
		}
	}
	return false
}

// inherited reports whether another stage is built from stage. An ARG ends with its stage.
func inherited(p *lint.Pass, stage *plan.Stage) bool {
	return slices.ContainsFunc(p.Plan.Stages, func(s *plan.Stage) bool { return s.Base != nil && s.Base.Stage == stage })
}

// debian reports whether a step of the target, or of a stage that it is built from, calls a package manager of Debian, and whether
// one builds packages, or what the container starts does.
func debian(p *lint.Pass) (uses, builds bool) {
	for _, s := range p.Plan.Target.Lineage() {
		for _, step := range s.Steps {
			if step.Instruction.Name == "CMD" || step.Instruction.Name == "ENTRYPOINT" {
				builds = builds || packaging.Get().MatchString(step.Instruction.Text.String)
			}
		}
		for _, sc := range p.Scripts(s) {
			for _, c := range sc.Commands {
				switch c.Name {
				case "apt-get", "apt", "aptitude", "dpkg":
					uses = true
				case "debuild", "dpkg-buildpackage", "dch", "rpmbuild", "dh_make", "debchange":
					builds = true
				}
			}
		}
	}
	return uses, builds
}

// packaging matches a command that builds packages.
var packaging = lazy.Regexp{Expr: `\b(debuild|dpkg-buildpackage|dch|rpmbuild|dpkg-deb)\b`}

const debianFrontend = "DEBIAN_FRONTEND"
