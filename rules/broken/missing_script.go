package broken

import (
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/internal/nearest"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// MissingScript reports `npm run NAME` and the like, in RUN or as what the container starts, where the package.json that is in
// the image has no such script. It is silent where a step may change the package.json.
var MissingScript = &lint.Rule{
	Name: "missing-script", Category: lint.Broken,
	Summary:  "a command runs a script that `package.json` does not have",
	Severity: lint.Error, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onPackageScripts(func(p *lint.Pass, r *install.ScriptRun) {
		c := r.Command
		names, ok := app.Of(p).ScriptNames(r.File)
		if !ok {
			return
		}
		if _, ok := app.Of(p).Script(dirOf(r.File), r.Name); ok {
			return
		}
		f := p.Report(r.Word.Span, "`%s` has no script `%s`", r.File, r.Name)
		if c.Script.Step.Instruction.Name == "RUN" {
			f.Because("`%s` fails without the script", spoken(r))
			if c.Script.Step.Stage.Reached {
				breaks(f, c)
			}
		} else {
			f.Because("`%s` fails without the script, so the container exits at once", spoken(r))
		}
		switch name, ok := nearest.Name(r.Name, names); {
		case ok:
			f.Advise("did you mean `%s`?", name)
		case len(names) == 0:
			f.Advise("add the script, or call the program itself")
		default:
			f.Advise("add the script, or run an existing one (%s)", few(names))
		}
	}),
}

// onPackageScripts calls check for each command that runs a script of a package.json.
//
//go:noinline
func onPackageScripts(check func(*lint.Pass, *install.ScriptRun)) lint.Check {
	return lint.OnContext(func(p *lint.Pass) {
		look := func(c *shell.Command) {
			if m := ecosystem.Of(c.Name); m == nil || m.Runner == nil || !m.Runner.Scripts {
				return
			}
			if r := install.Of(p).ScriptRun(c); r != nil {
				check(p, r)
			}
		}
		for _, s := range p.Plan.Stages {
			for _, sc := range p.Scripts(s) {
				for _, c := range sc.Commands {
					look(c)
				}
			}
		}
		for _, c := range container.Of(p).Commands {
			look(c)
		}
	})
}

// dirOf is the directory of a file of the build context.
func dirOf(file string) string {
	if i := strings.LastIndexByte(file, '/'); i >= 0 {
		return file[:i]
	}
	return "."
}

// spoken is what runs a script, as a message names it: `npm run build`.
func spoken(r *install.ScriptRun) string {
	if r.Command.Words[1].Text == r.Name {
		return r.Command.Name + " " + r.Name
	}
	return r.Command.Name + " run " + r.Name
}

// few quotes names, at most five of them.
func few(names []string) string {
	const most = 5
	var quoted []string
	for _, name := range names[:min(len(names), most)] {
		quoted = append(quoted, "`"+name+"`")
	}
	if len(names) > most {
		quoted = append(quoted, "…")
	}
	return strings.Join(quoted, ", ")
}
