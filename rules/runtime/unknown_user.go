package runtime

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// UnknownUser reports a user name in USER or `--chown` that the base image does not have and that no step creates. It is silent if
// anything may create it: a script that is not read, a package that may have a user of that name, or a file below /etc.
var UnknownUser = &lint.Rule{
	Name: "unknown-user", Category: lint.Runtime,
	Summary:  "USER or `--chown` names a user that nothing creates",
	Severity: lint.Error, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		switch in := s.Instruction; in.Name {
		case "COPY", "ADD":
			flag := in.Flag("chown")
			if flag == nil {
				return
			}
			name, ok := userIn(s.Env.Expand(flag.Value.Value))
			if !ok || !lacksUser(p, s.Stage, s.Stage.Steps[:s.Index], name) {
				return
			}
			f := p.Report(userSpan(flag.Value, name), "nothing creates user `%s` before this instruction", name).
				Because("BuildKit then makes root the owner of the files, without a warning").
				Advise("create the user above, or use a numeric user ID")
			f.Severity = lint.Warning
		case "USER":
			name, ok := userIn(s.Env.Expand(in.Args[0].Value))
			if !ok || !s.Stage.Reached || !lacksUser(p, s.Stage, s.Stage.Steps, name) {
				return
			}
			f := p.Report(userSpan(in.Args[0], name), "nothing creates user `%s`", name).
				Because("the container does not start, because `/etc/passwd` has no such user").
				Advise("create the user above, or use a numeric user ID")
			if runs(s) {
				f.Because("the next `RUN` fails, because `/etc/passwd` has no such user").Breaking(lint.BreaksBuild)
			} else if p.Plan.Target.End.UserStep != s {
				f.Because("`/etc/passwd` has no such user").Doubting("nothing runs as this user")
			}
		}
	}, "COPY", "ADD", "USER"),
}

// userIn is the name of the user that v means; ok is false for a number, for root and for what is not known.
func userIn(v plan.Value) (string, bool) {
	name, _, _ := strings.Cut(v.Text, ":")
	return name, v.Known && name != "" && name != "root" && strings.Trim(name, "0123456789") != "" && !strings.ContainsAny(name, `\/ `)
}

// userSpan is the place of name in w, or all of w.
func userSpan(w parser.Word, name string) parser.Span {
	if i := strings.Index(w.String, name); i >= 0 {
		return w.Span(i, i+len(name))
	}
	return w.Full()
}

// runs reports whether a RUN follows s before another USER.
func runs(s *plan.Step) bool {
	for _, next := range s.Stage.Steps[s.Index+1:] {
		switch next.Instruction.Name {
		case "RUN":
			return true
		case "USER":
			return false
		}
	}
	return false
}

// lacksUser reports whether certainly neither the base image of stage has the user called name nor steps, those of the stage, or the
// stages that it is built from create it.
func lacksUser(p *lint.Pass, stage *plan.Stage, steps []*plan.Step, name string) bool {
	var root *plan.Image
	for _, s := range stage.Lineage() {
		if s != stage {
			steps = s.Steps
		}
		root = s.Base
		if slices.ContainsFunc(steps, func(step *plan.Step) bool { return mayCreate(p, step, name) }) {
			return false
		}
	}
	switch {
	case root == nil:
		return false
	case root.Scratch:
		return true
	case !root.External():
		return false
	}
	has, known := image.Of(*root.Ref).Account(name)
	return known && !has
}

// mayCreate reports whether step may create the user called name.
func mayCreate(p *lint.Pass, step *plan.Step, name string) bool {
	if t := step.Copy; t != nil {
		if !t.To.Known || !path.IsAbs(t.To.Text) && !step.Workdir.Known {
			return true
		}
		to := step.Destination()
		return plan.Within(to, "/etc") || to == "/"
	}
	if step.Instruction.Name != "RUN" {
		return false
	}
	sc := p.Script(step)
	if sc == nil || sc.Err != nil || sc.File == nil {
		return true
	}
	if text := sc.Text.String; strings.Contains(text, name) || strings.Contains(text, "passwd") || strings.Contains(text, "sysusers") {
		return true
	}
	return slices.ContainsFunc(sc.Commands, func(c *shell.Command) bool {
		switch c.Name {
		case "useradd", "adduser", "usermod", "newusers":
			return slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return !w.Literal })
		}
		return container.Opaque(c)
	}) || slices.ContainsFunc(sc.Calls(), func(c *shell.Call) bool {
		return c.Action == shell.Install && system(c) && !applicationUser(name)
	})
}

// applicationUser reports whether name is one that people give to the user of their application, and packages do not.
func applicationUser(name string) bool {
	switch strings.ToLower(name) {
	case "app", "appuser", "app-user", "app_user", "application", "nonroot", "non-root", "user", "myuser", "node", "nodejs", "nextjs", "nestjs",
		"python", "django", "flask", "fastapi", "rails", "golang", "rust", "spring", "deploy", "deployer", "developer", "worker", "api", "bot":
		return true
	}
	return false
}

// system reports whether c installs packages of the distribution.
func system(c *shell.Call) bool {
	m := ecosystem.Of(c.Manager)
	return m != nil && m.System
}
