// Package security has the rules about the user that a container runs as, and about secrets in the image.
package security

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// RootUser reports a stage whose last USER is root. Only the user at the end of the final stage ships, so only the
// strict profile reports the others.
var RootUser = &lint.Rule{
	Name: "root-user", Summary: "the last `USER` is root", Category: lint.Security,
	Aliases:  []string{"DL3002", "CKV_DOCKER_8"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		step := s.End.UserStep
		if step == nil || step.Stage != s || !s.End.User.Known || !container.Root(s.End.User.Text) {
			return
		}
		word := step.Instruction.Args[0]
		ships := p.Plan.Target != nil && p.Plan.Target.End.UserStep == step
		what := "stage ends"
		if ships {
			what = "container runs"
		}
		f := p.Report(word.Full(), "the %s as root", what).
			Because("anyone who breaks into the application has full control of the container").
			Advise("switch to an unprivileged user after the steps that need root")
		if container.Root(strings.Trim(word.Value, `"'`)) {
			if parity.RootUser(step) {
				f.Alias("DL3002")
			}
			if parity.LastRootUser(p.Plan, s) {
				f.Alias("CKV_DOCKER_8")
			}
		}
		run, c := s.Command(), container.Of(p)
		baseUser, _ := c.Base.User()
		switch {
		case !ships:
			f.Because("the stages that are built from this one start as root").
				Doubting("the container does not run as this user")
			if !slices.ContainsFunc(p.Plan.Stages, func(o *plan.Stage) bool { return o.Base != nil && o.Base.Stage == s }) {
				f.Because("the rest of this stage runs as root").
					Doubting("no stage is built from this one, so the container does not run as this user")
			}
		case strings.Contains(word.Value, "$"):
			f.Message = "by default, the " + what + " as root"
			f.Doubting("a build argument may choose another user")
		case run.Entrypoint == nil && run.Cmd == nil && container.Root(baseUser):
			f.Doubting("there is no CMD or ENTRYPOINT, so this may be a base image")
		case p.Plan.ForDevelopment():
			f.Doubting("the image is for development, tests or packaging")
		default:
			if why := stepsDown(p); why != "" {
				f.Message = startsAsRoot
				f.Advise("if the container can start as another user, switch to that user after the steps that need root").
					Doubting("%s", why)
			}
		}
	}),
}

// stepsDown says why the container may start as root: its process drops root later, needs it, or runs on a platform that
// chooses the user. It is "" if nothing says so.
func stepsDown(p *lint.Pass) string {
	switch d := container.Of(p).Descent(); {
	case d.Platform != "":
		return d.Platform
	case d.Image != "":
		return "the server in `" + d.Image + "` starts as root and then switches to another user"
	case d.Tool != "":
		return "`" + d.Tool + "` suggests that the container has to start as root"
	case d.Script:
		return "the entrypoint script may switch to the user that a step creates"
	}
	return ""
}
