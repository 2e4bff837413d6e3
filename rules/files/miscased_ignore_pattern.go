package files

import (
	"slices"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// MiscasedIgnorePattern reports a line of the ignore file without wildcards that matches nothing, while a COPY
// includes something that differs from it only in case. What an instruction names or mentions is not reported, nor is
// what another line ignores.
var MiscasedIgnorePattern = &lint.Rule{
	Name:     "miscased-ignore-pattern",
	Summary:  "a `.dockerignore` pattern differs in case from a file that is copied",
	Category: lint.Files,
	Severity: lint.Warning,
	Profile:  lint.Recommended,
	Scope:    lint.AnyStage,
	Since:    "2026.1",
	Fix:      lint.NoFix,
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
			for step, src := range sources(p) {
				taken, ok := ctx.Transfer(step, src)
				if !ok {
					continue
				}
				in := slices.DeleteFunc(
					slices.Clone(taken.Files),
					func(f buildcontext.File) bool { return !plan.Within(f.Name, other) },
				)
				if len(in) == 0 {
					continue
				}
				bytes, all := buildcontext.Weigh(in)
				f := p.Report(src.Word.Full(), "`%s %s` includes `%s`, which `%s` spells `%s`",
					step.Instruction.Name, src.Word.String, other, ctx.Ignore, pattern).
					Because("the copy adds %s (%s); ignore patterns are case-sensitive on every system",
						count(len(in), "file"), atLeast(bytes, !all)).
					Advise("write `%s` in `%s`", other, ctx.Ignore).
					RelateFile(ctx.Ignore, pattern.Line, "pattern `%s`", pattern)
				if all && bytes < small {
					f.Severity = lint.Info
				}
				break // one finding for each pattern
			}
		}
	}),
}
