package scripts

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/shell/fault"
)

// BacktickSubstitution reports command substitutions in backticks.
var BacktickSubstitution = &lint.Rule{
	Name: "backtick-substitution", Category: lint.Scripts, Aliases: []string{"SC2006"},
	Summary:  "a command substitution is written with backticks",
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: onFaults(fault.BacktickSubstitution, func(p *lint.Pass, _ *site, f *fault.Fault) *lint.Finding {
		inner := f.Text[1 : len(f.Text)-1]
		finding := p.Report(f.Span, "%s is in backticks", code(inner)).
			Because("nested backticks have to be escaped, and a backslash has a different meaning inside backticks").
			Advise("use `$(…)`")
		if f.Doubt == "" && p.File.Escape != '`' && p.File.Text(f.Span) == f.Text &&
			!strings.ContainsAny(inner, "\\`") && !strings.HasPrefix(inner, "(") {
			finding.Offer(lint.Unsafe, "use `$(…)`",
				lint.Replace(parser.Span{Start: f.Span.Start, End: f.Span.Start + 1}, "$("),
				lint.Replace(parser.Span{Start: f.Span.End - 1, End: f.Span.End}, ")"))
		}
		return finding
	}),
}
