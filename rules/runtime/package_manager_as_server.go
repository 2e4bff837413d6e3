package runtime

import (
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// PackageManagerAsServer reports a container that a package manager starts: a script of a package.json, or `uv run`,
// which installs again. It ignores images for development, and a command that a shell runs, which is another finding.
var PackageManagerAsServer = &lint.Rule{
	Name: "package-manager-as-server", Category: lint.Runtime,
	Summary:  "the container starts its program through a package manager",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		c := container.Of(p)
		if c.Target == nil || p.Plan.ForDevelopment() || len(c.Commands) == 0 {
			return
		}
		first := c.Commands[len(c.Commands)-1]
		if len(c.Commands) > 1 && !c.Commands[0].Wraps() || first.Script == nil || !first.Script.Exec || len(first.Words) < 2 {
			return
		}
		switch m := ecosystem.Of(first.Name); {
		case m == nil || m.Runner == nil:
		case m.Runner.Syncs != "" && first.Words[1].Text == m.Runner.Syncs:
			syncs(p, first, m.Runner)
		case m.Runner.Scripts && starts(first):
			program := "the program"
			if t := c.Tasks(); len(t) == 1 && t[0].Name() != "" && ecosystem.Of(t[0].Name()) == nil {
				if _, d := t[0].Develops(); d != nil || t[0].CompilesAtStart() > 0 {
					return // development-server says more
				}
				program = "`" + t[0].Name() + "`"
			}
			f := p.Report(first.Words[0].Span, "the container starts %s through `%s`", program, first.Name).
				Because("`%s` and usually a shell stay the program's parent processes, and may not pass on the signal from `docker stop`", first.Name).
				Advise("move the command that `%s` runs into `%s`", spelled(first), first.Script.Step.Instruction.Name)
			if command := direct(p, c); command != "" {
				f.Advise("write `%s %s`", first.Script.Step.Instruction.Name, command)
			}
		}
	}),
}

// direct is the array that starts what the script of a package.json runs in c; "" if it is not certain.
func direct(p *lint.Pass, c *container.Container) string {
	all := c.Tasks()
	if len(c.Commands) != 1 || c.Cmd != nil && c.Entrypoint != nil || len(all) != 1 || all[0].Script == nil || len(all[0].Env) > 0 ||
		all[0].Name() == "" || ecosystem.Of(all[0].Name()) != nil {
		return ""
	}
	words := make([]string, len(all[0].Words))
	for i, w := range all[0].Words {
		if !w.Literal {
			return ""
		}
		words[i] = w.Text
	}
	if words[0] != "node" && !strings.Contains(words[0], "/") {
		if c.Target.End.Workdir.Text != all[0].Dir || p.Context().Has(".yarnrc.yml") {
			return "" // Plug'n'Play, which Yarn's settings may select, does not make the directory
		}
		words[0] = "node_modules/.bin/" + words[0]
	}
	return "[" + encode(words) + "]"
}

// spelled is the words of c.
func spelled(c *shell.Command) string {
	words := make([]string, len(c.Words))
	for i, w := range c.Words {
		words[i] = w.Text
	}
	return strings.Join(words, " ")
}

// starts reports whether c, of a package manager, runs a script that is the application: start or one like it.
func starts(c *shell.Command) bool {
	words := c.Operands()
	for i, w := range words {
		switch {
		case w.Text == "run" && i == 0 || w.Text == "run-script" && i == 0:
		default:
			return w.Text == "start" || strings.HasPrefix(w.Text, "start:") || w.Text == "serve" && i > 0
		}
	}
	return false
}

// syncs reports c, a call of r that installs first, unless an option or a variable keeps it from doing so.
func syncs(p *lint.Pass, c *shell.Command, r *ecosystem.Runner) {
	if c.Has(r.Stays...) || c.Script.Step.Env.Lookup(r.StaysEnv) != nil {
		return
	}
	p.Report(c.Words[0].Span, "`%s %s` may install packages when the container starts", c.Name, r.Syncs).
		Because("if the environment lacks a package, it is installed before the program starts, which takes time and needs a network").
		Advise("use `%s %s %s`", c.Name, r.Syncs, r.Stays[0])
}
