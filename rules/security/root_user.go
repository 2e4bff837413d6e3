// Package security has the rules on who runs in the container and on what leaks from it.
package security

import (
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// RootUser reports a stage whose last USER is root. What ships is the user at the end of the final stage; the others are left to
// the strict profile.
var RootUser = &lint.Rule{
	Name: "root-user", Summary: "the last `USER` is root", Category: lint.Security, Aliases: []string{"DL3002", "CKV_DOCKER_8"},
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
			Because("whoever breaks out of the application has all rights in the container").
			Advise("name an unprivileged user behind the steps that need root")
		if container.Root(strings.Trim(word.Value, `"'`)) {
			if strings.HasSuffix(step.Instruction.Text.String, word.String) { // a blank behind it deceives hadolint
				f.Alias("DL3002")
			}
			if s == p.Plan.Stages[len(p.Plan.Stages)-1] {
				f.Alias("CKV_DOCKER_8")
			}
		}
		run := s.Command()
		switch {
		case !ships:
			f.Doubting("the stage does not ship as this user")
		case run.Entrypoint == nil && run.Cmd == nil && container.Root(container.Of(p).BaseUser.Text):
			f.Doubting("nothing here says what runs in it")
		default:
			if why := stepsDown(p); why != "" {
				f.Doubting("%s", why)
			}
		}
	}),
}

// stepsDown says what may make the container's process go on as another user than it starts as, "" if nothing does.
func stepsDown(p *lint.Pass) string {
	switch d := container.Of(p).Descent(); {
	case d.Image != "":
		return "the server in `" + d.Image + "` starts as root and goes on as another user"
	case d.Tool != "":
		return "`" + d.Tool + "` starts the application as another user, or needs root"
	case d.Script:
		return "the script that is started may change to the user that is created here"
	}
	return ""
}
