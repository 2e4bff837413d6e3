package scripts

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// BacktickSubstitution reports command substitution in backquotes.
var BacktickSubstitution = &lint.Rule{
	Name: "backtick-substitution", Summary: "backquotes are the old form of `$(…)`", Category: lint.Scripts,
	Aliases:  []string{"SC2006"},
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(shell.Backquotes, func(p *lint.Pass, _ *site, f *shell.Fault) *lint.Finding {
		return p.Report(f.Span, "%s is in backquotes", code(f.Text[1:len(f.Text)-1])).
			Because("they do not nest, and a backslash in them means something else").
			Advise("write `$(…)`")
	}),
}
