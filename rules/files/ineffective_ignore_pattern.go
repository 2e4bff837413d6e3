package files

import (
	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// IneffectiveIgnorePattern reports lines of the ignore file that do nothing by their text: a `!` line that stands above the line that
// ignores the same, a line that a `!` line below undoes as a whole, and a `!` line that has nothing to bring back. It is sure where a file is
// kept out that a `!` line names, and leaves that to copy-ignored-file where a COPY names it too; the rest does no harm by itself, and is in
// doubt. What lies in the context and what does not is no sign: lines for what comes later are good practice.
var IneffectiveIgnorePattern = &lint.Rule{
	Name: "ineffective-ignore-pattern", Summary: "a line of `.dockerignore` does nothing, whatever lies in the build context", Category: lint.Files,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnContext(func(p *lint.Pass) {
		for _, idle := range p.Context().Idle() {
			if src, ok := coveringSource(p, idle.Pattern.Glob); ok {
				reportIdle(p, src, idle)
			}
		}
	}),
}

// coveringSource is the first source of COPY or ADD that takes name from the build context along, if the build sees it. ok is false
// where none does, and where one names it itself.
func coveringSource(p *lint.Pass, name string) (src plan.Source, ok bool) {
	named := false
	eachSource(p, func(step *plan.Step, s plan.Source) {
		if !step.Copy.Context() || s.Heredoc || s.Remote || !s.Path.Known {
			return
		}
		at := base(s)
		named = named || at == name
		if !ok && (at == "." || plan.Within(name, at)) {
			src, ok = s, true
		}
	})
	return src, ok && !named
}

func reportIdle(p *lint.Pass, src plan.Source, idle buildcontext.Idle) {
	ctx, line, by := p.Context(), idle.Pattern, idle.By
	var f *lint.Finding
	switch {
	case by == nil:
		f = p.Report(src.Word.Full(), "`%s` in %s has nothing to bring back", line, ctx.Ignore).
			Because("no line above it ignores `%s` or anything in it", line.Glob).
			Advise("take the line out, or put it below the line that it is an exception from")
	case line.Exception:
		f = p.Report(src.Word.Full(), "`%s` in %s is undone by `%s` below it", line, ctx.Ignore, by).
			Because("the last line that matches decides, so `%s` stays out of the build", line.Glob).
			Advise("put `%s` below `%s`", line, by)
	default:
		f = p.Report(src.Word.Full(), "`%s` in %s is undone by `%s` below it", line, ctx.Ignore, by).
			Because("the last line that matches decides, so `%s` takes `%s` along where it exists", src.Word.String, line.Glob).
			Advise("take out the one of the two lines that is not meant")
	}
	f.RelateFile(ctx.Ignore, line.Line, "`%s` stands here", line)
	if by != nil {
		f.RelateFile(ctx.Ignore, by.Line, "`%s` undoes it", by)
	}
	if by == nil || !line.Exception || !line.Literal() || !ctx.Hides(line.Glob) {
		f.Doubting("it does no harm as long as it is not relied on")
		f.Severity = lint.Info
	}
}
