// Package security has the rules on who runs in the container and on what leaks from it.
package security

import (
	"strings"

	"github.com/dockvet/dockvet/internal/image"
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
		if step == nil || step.Stage != s || !s.End.User.Known || !isRoot(s.End.User.Text) {
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
		if isRoot(strings.Trim(word.Value, `"'`)) {
			if strings.HasSuffix(step.Instruction.Text.String, word.String) { // a blank behind it deceives hadolint
				f.Alias("DL3002")
			}
			if s == p.Plan.Stages[len(p.Plan.Stages)-1] {
				f.Alias("CKV_DOCKER_8")
			}
		}
		run := s.Command()
		user, known := "", false
		if i := s.Image(); i != nil {
			user, known = image.DefaultUser(*i.Ref)
		}
		switch {
		case !ships:
			f.Doubting("the stage does not ship as this user")
		case run.Entrypoint == nil && run.Cmd == nil && known && isRoot(user):
			f.Doubting("nothing here says what runs in it")
		default:
			if why := stepsDown(p, p.Plan.Target); why != "" {
				f.Doubting("%s", why)
			}
		}
	}),
}

// isRoot reports whether the operand of USER means root, with whatever group.
func isRoot(user string) bool {
	name, _, _ := strings.Cut(user, ":")
	return name == "root" || name == "0"
}

// stepsDown says what in s may make the container's process go on as another user than it starts as, "" if nothing does.
func stepsDown(p *lint.Pass, s *plan.Stage) (why string) {
	if i := s.Image(); i != nil && image.DropsRoot(*i.Ref) {
		return "the server in `" + i.Ref.Name() + "` starts as root and goes on as another user"
	}
	s.Lineage()(func(s *plan.Stage) bool {
		for _, step := range s.Steps {
			for _, tool := range [...]string{"gosu", "su-exec", "setpriv", "runuser", "s6-overlay", "supervisor", "sshd", "crond", "systemd", "/sbin/init"} {
				if strings.Contains(step.Instruction.Text.String, tool) {
					why = "`" + tool + "` starts the application as another user, or needs root"
					return false
				}
			}
		}
		return true
	})
	if why == "" && script(s) && createsUser(p, s) {
		return "the script that is started may change to the user that is created here"
	}
	return why
}

// script reports whether what s starts is a shell script of its own.
func script(s *plan.Stage) bool {
	run := s.Command()
	for _, step := range []*plan.Step{run.Entrypoint, run.Cmd} {
		if step == nil {
			continue
		}
		for _, word := range step.Instruction.Args {
			for field := range strings.FieldsSeq(word.Value) {
				if strings.HasSuffix(field, ".sh") || strings.Contains(field, "entrypoint") {
					return true
				}
			}
		}
	}
	return false
}

func createsUser(p *lint.Pass, s *plan.Stage) bool {
	found := false
	for s := range s.Lineage() {
		for _, step := range s.Steps {
			if sc := p.Script(step); sc != nil {
				for _, c := range sc.Commands {
					found = found || c.Name == "useradd" || c.Name == "adduser"
				}
			}
		}
		if found {
			break
		}
	}
	return found
}
