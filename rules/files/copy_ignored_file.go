package files

import (
	"path"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// CopyIgnoredFile reports a source of COPY or ADD of which `.dockerignore` leaves nothing, also where a `!` pattern brings back
// other files. A pattern counts as a source if all that it matches is ignored.
var CopyIgnoredFile = &lint.Rule{
	Name: "copy-ignored-file", Summary: "a source of COPY or ADD is excluded by .dockerignore", Category: lint.Files,
	Aliases:  []string{"CopyIgnoredFile"},
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		ctx := p.Context()
		if ctx == nil || ctx.Ignore == "" || s.Copy == nil || s.Copy.From != nil {
			return
		}
		for _, src := range s.Copy.Sources {
			if src.Heredoc || src.Remote || !src.Path.Known || !ctx.Excluded(src.Path.Text) {
				continue
			}
			f := p.Report(src.Word.Full(), "`%s` is excluded by %s", src.Word.String, ctx.Ignore).
				Because("the build does not see it, and stops here").
				Advise("take it out of %s, or bring it back there with a line `!%s`", ctx.Ignore, strings.Trim(path.Clean(src.Path.Text), "/"))
			if src.Whole() {
				f.Message = ctx.Ignore + " leaves nothing of the build context"
				f.Because("there is nothing to copy").Advise("exclude less, or bring files back with lines that begin with `!`")
			}
			if ctx.Ignored(src.Path.Text) && !ctx.Exceptions() {
				f.Alias("CopyIgnoredFile")
			}
		}
	}),
}
