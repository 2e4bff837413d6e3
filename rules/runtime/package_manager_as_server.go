package runtime

import (
	"path"
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
				if _, d := t[0].Develops(); d != nil {
					return // development-server says more
				}
				program = "`" + t[0].Name() + "`"
			}
			p.Report(first.Words[0].Span, "the container starts %s through `%s`", program, first.Name).
				Because("`%s` and usually a shell keep running as its parents, and they may not pass on the signal from `docker stop`", first.Name).
				Advise("put the command that `%s` runs into `CMD`, as in `CMD [\"node\", \"server.js\"]`", spelled(first))
		}
	}),
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
	bin := ".venv/bin"
	if dir := p.Plan.Target.End.Workdir; dir.Known && path.IsAbs(dir.Text) {
		bin = path.Join(dir.Text, bin)
	}
	p.Report(c.Words[0].Span, "`%s %s` updates the environment when the container starts", c.Name, r.Syncs).
		Because("each start compares the environment with the lock file and installs what is missing, including dev dependencies; if anything is "+
			"missing, that takes time and needs a network and write access").
		Advise("put `%s` first in `PATH` and start the program directly, or use `%s %s %s`", bin, c.Name, r.Syncs, r.Stays[0])
}
