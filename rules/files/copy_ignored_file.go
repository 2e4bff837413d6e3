package files

import (
	"path"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// CopyIgnoredFile reports a source of COPY or ADD that `.dockerignore` excludes completely, even if a `!` pattern
// re-includes other files. A source with wildcards is reported if everything it matches is ignored.
var CopyIgnoredFile = &lint.Rule{
	Name:     "copy-ignored-file",
	Summary:  "a source of `COPY` or `ADD` is excluded by `.dockerignore`",
	Category: lint.Files,
	Aliases:  []string{"CopyIgnoredFile"},
	Severity: lint.Error,
	Profile:  lint.Minimal,
	Scope:    lint.AnyStage,
	Since:    "2026.1",
	Fix:      lint.NoFix,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		ctx := p.Context()
		if ctx == nil || ctx.Ignore == "" || s.Copy == nil || s.Copy.From != nil {
			return
		}
		for _, src := range s.Copy.Sources {
			if src.Heredoc || src.Remote || !src.Path.Known || !ctx.Excluded(src.Path.Text) {
				continue
			}
			if src.Whole() && ctx.Bare() {
				continue // the build is started where the application is
			}
			f := p.Report(src.Word.Full(), "`%s` is excluded by `%s`", src.Word.String, ctx.Ignore).
				Because("an excluded file is not in the build context, so the build fails here").
				Advise("add the line `!%s` at the end of `%s`", strings.Trim(path.Clean(src.Path.Text), "/"), ctx.Ignore)
			switch {
			case src.Whole():
				f.Message = "`" + ctx.Ignore + "` excludes the whole build context"
				f.Because("there is nothing left to copy").Advise("re-include what the image needs with lines that begin with `!`")
			case strings.ContainsAny(src.Path.Text, `*?[\`):
				f.Message = "`" + src.Word.String + "` only matches files that `" + ctx.Ignore + "` excludes"
				f.Because("BuildKit accepts a pattern that matches nothing, so nothing is copied and the build goes on")
				f.Severity = lint.Warning
			case s.Stage.Reached && s.Instruction.Flag("parents") == nil:
				f.Breaking(lint.BreaksBuild)
			}
			if parity.IgnoredSource(ctx, src.Path.Text) {
				f.Alias("CopyIgnoredFile")
			}
		}
	}, "COPY", "ADD"),
}
