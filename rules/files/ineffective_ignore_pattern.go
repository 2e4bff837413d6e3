package files

import (
	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/litter"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// IneffectiveIgnorePattern reports lines of the ignore file that have no effect: a `!` line above the line that
// ignores the same path, a line that a later `!` line overrides completely, and a `!` line without anything to
// re-include. Confidence is high where a file that a `!` line names stays out of the context; if a COPY names it too,
// that is left to copy-ignored-file. The rest does no harm and is reported with low confidence. Lines for files that
// do not exist yet are good practice, so the rule does not look at what exists in the context.
var IneffectiveIgnorePattern = &lint.Rule{
	Name: "ineffective-ignore-pattern", Summary: "a line of `.dockerignore` has no effect", Category: lint.Files,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnContext(func(p *lint.Pass) {
		for _, idle := range p.Context().Idle() {
			if src, ok := coveringSource(p, idle.Pattern.Glob); ok {
				reportIdle(p, src, idle)
			}
		}
	}),
}

// coveringSource is the first source of COPY or ADD that would include name if it were not ignored. ok is false if
// there is none, and if a source names it itself.
func coveringSource(p *lint.Pass, name string) (src plan.Source, ok bool) {
	named := false
	for step, s := range sources(p) {
		if !step.Copy.Context() || s.Heredoc || s.Remote || !s.Path.Known {
			continue
		}
		at := litter.Dir(s)
		named = named || at == name
		if !ok && (at == "." || plan.Within(name, at)) {
			src, ok = s, true
		}
	}
	return src, ok && !named
}

func reportIdle(p *lint.Pass, src plan.Source, idle buildcontext.Idle) {
	ctx, line, by := p.Context(), idle.Pattern, idle.By
	var f *lint.Finding
	switch {
	case by == nil:
		f = p.Report(src.Word.Full(), "`%s` in `%s` re-includes nothing", line, ctx.Ignore).
			Because("no earlier line ignores `%s` or anything in it", line.Glob).
			Advise("remove the line")
	case line.Exception:
		f = p.Report(src.Word.Full(), "`%s` in `%s` is overridden by `%s` below it", line, ctx.Ignore, by).
			Because("the last matching line wins, so `%s` stays out of the build context", line.Glob).
			Advise("move `%s` below `%s`", line, by)
	default:
		f = p.Report(src.Word.Full(), "`%s` in `%s` is overridden by `%s` below it", line, ctx.Ignore, by).
			Because("the last matching line wins, so copying `%s` includes `%s` if it exists", src.Word.String, line.Glob).
			Advise("remove whichever of the two lines is wrong")
	}
	f.RelateFile(ctx.Ignore, line.Line, "pattern `%s`", line)
	if by != nil {
		f.RelateFile(ctx.Ignore, by.Line, "overridden here")
	}
	if by == nil || !line.Exception || !line.Literal() || !ctx.Hides(line.Glob) {
		f.Doubting("the line is harmless unless somebody relies on it")
		f.Severity = lint.Info
	}
}
