package files

import (
	"slices"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// MiscasedIgnorePattern reports a line of the ignore file without wildcards under which nothing lies, while something lies there
// that differs in case only and that a COPY takes. What an instruction names or mentions is left alone; so is what another line ignores.
var MiscasedIgnorePattern = &lint.Rule{
	Name: "miscased-ignore-pattern", Summary: "a line of `.dockerignore` differs in case from what is copied", Category: lint.Files,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnContext(func(p *lint.Pass) {
		ctx := p.Context()
		for _, pattern := range ctx.Patterns() {
			if pattern.Exception || !pattern.Literal() {
				continue
			}
			other := ctx.Take(pattern.Glob, buildcontext.How{}).Other
			if other == "" {
				continue
			}
			if needed, known := app.Needs(ctx, p.Plan, p.Script, other); needed || !known {
				continue
			}
			told := false
			eachSource(p, func(step *plan.Step, src plan.Source) {
				taken, ok := ctx.Transfer(step, src)
				if !ok || told {
					return
				}
				in := slices.DeleteFunc(slices.Clone(taken.Files), func(f buildcontext.File) bool { return !plan.Within(f.Name, other) })
				if len(in) == 0 {
					return
				}
				told = true
				bytes, all := buildcontext.Weigh(in)
				f := p.Report(src.Word.Full(), "`%s` takes `%s` along, which %s has as `%s`", src.Word.String, other, ctx.Ignore, pattern).
					Because("that is %s with %s; case counts in an ignore file, on every system", count(len(in), "file"), atLeast(bytes, !all)).
					Advise("write `%s` in `%s`", other, ctx.Ignore).
					RelateFile(ctx.Ignore, pattern.Line, "`%s` stands here", pattern)
				if all && bytes < small {
					f.Severity = lint.Info
				}
			})
		}
	}),
}
