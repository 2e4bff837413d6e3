// Package security has the rules about the user that a container runs as, and about secrets in the image.
package security

import (
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
		reported := container.Root(strings.Trim(word.Value, `"'`)) && parity.RootUser(step)
		if !ships && !reported && !derived(p.Plan, s) {
			return // neither the container nor another stage runs as this user
		}
		f := p.Report(word.Full(), "the %s as root", what).
			Because("anyone who breaks into the application has full control of the container").
			Advise("switch to an unprivileged user after the steps that need root")
		if container.Root(strings.Trim(word.Value, `"'`)) {
			if reported {
				f.Alias("DL3002")
			}
			if parity.LastRootUser(p.Plan, s) {
				f.Alias("CKV_DOCKER_8")
			}
		}
		run, c, v := s.Command(), container.Of(p), origin(step.Env, word.Value)
		baseUser, _ := c.Base.User()
		switch {
		case !ships:
			f.Because("the stages that are built from this one start as root").
				Doubting("the container does not run as this user")
			if !derived(p.Plan, s) {
				f.Because("an image that is built from this stage with `--target` starts as root")
			}
		case strings.Contains(word.Value, "$") && (v == nil || v.Arg || v.Step() == nil):
			f.Message = "by default, the " + what + " as root"
			f.Doubting("the variable may have another value in a build")
			if v != nil && v.Arg {
				f.Advise("set the default of `ARG %s` to an unprivileged user", v.Name).Doubting("a build argument may choose another user")
				if v.Pair.HasValue && container.Root(strings.Trim(v.Pair.Value.Value, `"'`)) {
					f.Relate(v.Pair.Span, "the default is root")
				}
			}
		case run.Entrypoint == nil && run.Cmd == nil && container.Root(baseUser):
			f.Doubting(perhapsBase)
		case p.Plan.ForDevelopment():
			f.Doubting("the image seems to be for development, tests or packaging")
		default:
			if why := stepsDown(p); why != "" {
				f.Message = startsAsRoot
				f.Because("the application also runs as root unless it or its start script switches to another user").
					Advise("if the container can start as another user, switch to that user after the steps that need root").
					Doubting("%s", why)
			}
		}
	}),
}

// origin is the first variable that word uses, or the one from which an ENV copies its value; nil if there is none.
func origin(env *plan.Env, word string) *plan.Variable {
	const most = 10 // an ENV may copy an ENV
	for range most {
		names, _ := env.Uses(word)
		if len(names) == 0 {
			return nil
		}
		v := env.Lookup(names[0])
		if v == nil || v.Arg || v.Step() == nil || !strings.Contains(v.Pair.Value.Value, "$") {
			return v
		}
		env, word = v.Step().Env, v.Pair.Value.Value
	}
	return nil
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
