package broken

import (
	"strings"

	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
)

// OmittedDependency reports a script of a package.json, in RUN or as what the container starts, that runs a program of a dev
// dependency although the install leaves dev dependencies out. It has a doubt unless the lock file shows that no other dependency
// brings the program, and is silent if node_modules may come from elsewhere.
var OmittedDependency = &lint.Rule{
	Name: "omitted-dependency", Category: lint.Broken,
	Summary:  "a script needs a dev dependency that the install leaves out",
	Severity: lint.Error, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onPackageScripts(func(p *lint.Pass, r *install.ScriptRun) {
		o := install.Of(p).Omitted(r)
		if o == nil {
			return
		}
		c, how := r.Command, "an option of `"+install.Command(o.By)+"` leaves it out"
		if o.Variable != nil {
			how = "`NODE_ENV=production` makes `" + install.Command(o.By) + "` leave it out"
		}
		lost := "so the shell does not find `" + o.Program + "` (exit status 127)"
		if c.Script.Step.Instruction.Name != "RUN" {
			lost = "so the container exits at once with status 127"
		}
		if !o.Certain {
			lost += ", unless another dependency provides `" + o.Program + "`"
		}
		f := p.Report(r.Word.Span, "the install leaves out `%s`, which `%s` needs", o.Package, spoken(r)).
			Relate(o.By.Command.Span, "dependencies are installed here")
		switch {
		case c.Script.Step.Instruction.Name != "RUN":
			f.Advise("start the application without `%s`, or move `%[1]s` to `dependencies`", o.Package)
		case o.Variable != nil:
			f.Advise("set `NODE_ENV` after the build, or add `--include=dev` to the install")
		default:
			f.Advise("install all dependencies in a build stage, and leave dev dependencies out only in the final stage")
		}
		f.Because("the script runs `%s`, whose package is a dev dependency, and %s, %s", o.Program, how, lost)
		switch {
		case !o.Certain:
			f.Message = strings.Replace(f.Message, "` needs", "` may need", 1)
			f.Doubting("another dependency may provide `%s`", o.Program)
		case c.Script.Step.Instruction.Name != "RUN" || !c.Script.Step.Stage.Reached:
		case o.Variable != nil && o.Variable.Arg:
			f.Severity = lint.Warning // a build may pass another value
		default:
			breaks(f, c)
		}
	}),
}
