package runtime

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/swallow"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// NamedUser reports a USER that is a name. The finding has a doubt unless the container runs as this user: the other
// places, and Windows accounts, are reported because hadolint reports them too. The rule ignores a user from an ARG.
var NamedUser = &lint.Rule{
	Name: "named-user", Summary: "USER is a name instead of a number", Category: lint.Runtime, Aliases: []string{"DL3066"},
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		if swallow.Comment(s.Instruction, p.File.Escape).String != "" {
			return // trailing-comment says what the name is
		}
		word := s.Instruction.Args[0]
		set, missing := s.Env.Uses(word.Value)
		for _, name := range append(set, missing...) {
			if argument(p.Plan, name) {
				return
			}
		}
		name, _, _ := strings.Cut(strings.Trim(word.Value, `"'`), ":")
		if name != "" && strings.Trim(name, "0123456789") == "" {
			return
		}
		f := p.Report(word.Full(), "`USER` is `%s`, not a numeric ID", word.String).Alias("DL3066")
		if s.Stage.Windows() || strings.EqualFold(name, "ContainerUser") || strings.EqualFold(name, "ContainerAdministrator") {
			f.Doubting(parity.Regardless("Windows accounts do not have numeric IDs"))
			return
		}
		if name == "root" {
			f.Advise("write `USER 0`").Doubting(parity.Regardless("the ID of `root` is always 0"))
			return
		}
		f.Because("Kubernetes cannot tell from a name whether the user is root, so with `runAsNonRoot: true` and no `runAsUser` the container does not start").
			Advise("use the numeric user ID")
		variable := len(set)+len(missing) > 0
		if variable {
			f.Message = "`USER` is `" + word.String + "`, which may not be a numeric ID"
			v := s.Env.Expand(word.Value)
			id, _, _ := strings.Cut(v.Text, ":")
			number := ""
			switch unknown := !v.Known || id == ""; {
			case unknown && strings.HasSuffix(strings.Trim(name, "${}"), "ID"):
				number = "the name of the variable suggests a number"
			case !unknown && strings.Trim(id, "0123456789") == "":
				number = "the value is `" + v.Text + "`"
			case !unknown:
				f.Message = "`USER` is `" + v.Text + "`, not a numeric ID"
				name, variable = id, false
			}
			if number != "" {
				f.Message = "`USER` is `" + word.String + "`, a variable"
				f.Because("").Advise("").Doubting(parity.Regardless(number))
				return
			}
		}
		switch {
		case p.Plan.Target == nil || p.Plan.Target.End.UserStep != s:
			f.Because("").Doubting(parity.Regardless("this instruction does not set the container's user"))
		case variable:
			f.Doubting("the variable may be a number")
		default:
			switch user, ok := container.Of(p).Account(); {
			case !ok || user.Name != name || user.Create != "":
			case user.ID == "" && !choosesID(p.Script(user.Step), name):
				f.Advise("create `%s` with a fixed ID, and use the ID here", name)
			case user.ID != "" && !strings.Contains(word.Value, ":"):
				id, _, _ := strings.Cut(user.ID, ":") // the group comes from /etc/passwd, as now
				f.Advise("write `USER %s`", id)
			}
		}
	}, "USER"),
}

// choosesID reports whether sc creates the user called name with an ID, which may be in a variable.
func choosesID(sc *shell.Script, name string) bool {
	return slices.ContainsFunc(sc.Commands, func(c *shell.Command) bool {
		created, ok := container.Creates(c)
		return ok && created == name && c.Has("-u", "--uid")
	})
}

// argument reports whether any ARG of the file declares name.
func argument(p *plan.Plan, name string) bool {
	declares := func(s *plan.Step) bool {
		return s.Instruction.Name == "ARG" &&
			slices.ContainsFunc(s.Instruction.Pairs, func(pair parser.Pair) bool { return pair.Key.Value == name })
	}
	return slices.ContainsFunc(p.Globals, declares) ||
		slices.ContainsFunc(p.Stages, func(s *plan.Stage) bool { return slices.ContainsFunc(s.Steps, declares) })
}
