package scripts

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/shell"
)

// UnquotedVariable reports an unquoted variable where the shell splits it. A variable that ENV or ARG sets, or that the script sets to
// text without blanks and globs, is left alone.
var UnquotedVariable = &lint.Rule{
	Name: "unquoted-variable", Summary: "a variable outside of quotes is split at blanks and expanded as a glob", Category: lint.Scripts,
	Aliases:  []string{"SC2086", "SC2068"},
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: onFaults(shell.UnquotedVariable, func(p *lint.Pass, _ *site, f *shell.Fault) *lint.Finding {
		out := p.Report(f.Span, "`%s` is not in quotes", f.Text).
			Because("the shell splits its value at blanks and expands `*`, `?` and `[` in it; an empty value vanishes").
			Advise("write `\"%s\"`, unless it holds several words by intent", f.Text)
		if !several(f.Text) {
			quote(p, out, f)
		}
		return out
	}),
}

// several reports whether a variable has the name of a list or of options, which are meant to come apart.
func several(expansion string) bool {
	name := strings.ToUpper(strings.Trim(expansion, "${}"))
	if strings.HasSuffix(name, "S") {
		return true
	}
	for _, part := range [...]string{"FLAG", "OPT", "ARG", "PKG", "PACKAGE", "DEP", "LIST", "EXTRA", "PARAM", "CMD", "COMMAND", "@", "*"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// quote offers double quotes around a fault.
func quote(p *lint.Pass, to *lint.Finding, f *shell.Fault) {
	if f.Doubt != "" || p.File.Text(f.Span) != f.Text || strings.Contains(f.Text, `"`) {
		return
	}
	to.Offer(lint.Unsafe, "put it in double quotes",
		lint.Edit{Span: parser.Span{Start: f.Span.Start, End: f.Span.Start}, Text: `"`},
		lint.Edit{Span: parser.Span{Start: f.Span.End, End: f.Span.End}, Text: `"`})
}
