package scripts

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/shell"
)

// BacktickSubstitution reports command substitution in backquotes.
var BacktickSubstitution = &lint.Rule{
	Name: "backtick-substitution", Summary: "backquotes are the old form of `$(…)`", Category: lint.Scripts,
	Aliases:  []string{"SC2006"},
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: onFaults(shell.Backquotes, func(p *lint.Pass, _ *site, f *shell.Fault) *lint.Finding {
		out := p.Report(f.Span, "%s is in backquotes", code(f.Text[1:len(f.Text)-1])).
			Because("they do not nest, and a backslash in them means something else").
			Advise("write `$(…)`")
		inner := f.Text[1 : len(f.Text)-1]
		if f.Doubt == "" && p.File.Escape != '`' && p.File.Text(f.Span) == f.Text && !strings.ContainsAny(inner, "\\`") && !strings.HasPrefix(inner, "(") {
			out.Offer(lint.Unsafe, "write `$(…)`",
				lint.Edit{Span: parser.Span{Start: f.Span.Start, End: f.Span.Start + 1}, Text: "$("},
				lint.Edit{Span: parser.Span{Start: f.Span.End - 1, End: f.Span.End}, Text: ")"})
		}
		return out
	}),
}
