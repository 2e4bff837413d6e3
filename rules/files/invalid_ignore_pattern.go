package files

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// InvalidIgnorePattern reports lines of the ignore file that BuildKit rejects, at the first source that is copied from the context.
var InvalidIgnorePattern = &lint.Rule{
	Name: "invalid-ignore-pattern", Category: lint.Files,
	Summary:  "BuildKit rejects a line of `.dockerignore`",
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnContext(func(p *lint.Pass) {
		ctx := p.Context()
		broken := ctx.Broken()
		if len(broken) == 0 {
			return
		}
		src, ok := fromContext(p)
		if !ok {
			return // nothing reads the context
		}
		for _, b := range broken {
			f := p.Report(src.Word.Full(), "`%s` in line %d of `%s` is not a valid pattern", b.Text, b.Line, ctx.Ignore).
				Because("BuildKit cannot send the build context, so the build fails").
				Advise("close the bracket").
				RelateFile(ctx.Ignore, b.Line, "pattern `%s`", b.Text).
				Breaking(lint.BreaksBuild)
			switch {
			case b.Text == "!":
				f.Advise("write the path after `!`")
			case strings.HasSuffix(b.Text, `\`):
				f.Advise("remove the backslash")
			case strings.HasSuffix(b.Text, "]"):
				f.Advise("write each range in ascending order, such as `[a-z]`")
			}
		}
	}),
}

// fromContext is the first source of COPY or ADD that is read from the build context.
func fromContext(p *lint.Pass) (src plan.Source, ok bool) {
	for step, s := range sources(p) {
		if step.Copy.Context() && !s.Heredoc && !s.Remote {
			return s, true
		}
	}
	return src, false
}
