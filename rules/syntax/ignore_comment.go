package syntax

import (
	"github.com/dockvet/dockvet/internal/pragma"
	"github.com/dockvet/dockvet/lint"
)

// IgnoreComment reports each comment that ignores findings of one instruction, for projects that do not allow them.
// Only a configuration turns it on.
var IgnoreComment = &lint.Rule{
	Name:     "ignore-comment",
	Summary:  "a comment ignores findings of one instruction",
	Category: lint.Syntax,
	Aliases:  []string{"DL1001"},
	Severity: lint.Info,
	Profile:  lint.Strict,
	Scope:    lint.AnyStage,
	Since:    "2026.1",
	Fix:      lint.NoFix,
	Optional: true,
	Check: lint.OnFile(func(p *lint.Pass) {
		for _, c := range p.File.Comments {
			ignore, ok := pragma.ParseIgnore(c.Text)
			if !ok || ignore.Reach != pragma.Instruction || ignore.Tool != pragma.Hadolint && ignore.Tool != pragma.Dockvet {
				continue
			}
			f := p.Report(c.Span, "this comment ignores findings of the next instruction").
				Because("this project does not allow ignore comments").
				Advise("fix the finding, or turn its rule off in the configuration")
			if ignore.Tool == pragma.Hadolint {
				f.Alias("DL1001")
			}
		}
	}),
}
