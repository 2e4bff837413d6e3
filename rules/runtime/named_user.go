package runtime

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/swallow"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
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
			switch id, _, _ := strings.Cut(v.Text, ":"); {
			case !v.Known || id == "":
			case strings.Trim(id, "0123456789") == "":
				f.Message = "`USER` is `" + word.String + "`, a variable"
				f.Because("").Advise("").Doubting(parity.Regardless("the value is `" + v.Text + "`"))
				return
			default:
				f.Message = "`USER` is `" + v.Text + "`, not a numeric ID"
				variable = false
			}
		}
		switch {
		case s.Stage != p.Plan.Target || s.Stage.End.UserStep != s:
			f.Because("").Doubting(parity.Regardless("the container does not run as this user"))
		case variable:
			f.Doubting("the variable may be a number")
		}
	}, "USER"),
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
