package scripts

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// UnquotedVariable reports an unquoted variable where the shell splits it. A variable that ENV or ARG sets, or that the script sets to
// text without blanks and globs, is left alone.
var UnquotedVariable = &lint.Rule{
	Name: "unquoted-variable", Summary: "a variable outside of quotes is split at blanks and expanded as a glob", Category: lint.Scripts,
	Aliases:  []string{"SC2086", "SC2068"},
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(shell.UnquotedVariable, func(p *lint.Pass, _ *site, f *shell.Fault) *lint.Finding {
		return p.Report(f.Span, "`%s` is not in quotes", f.Text).
			Because("the shell splits its value at blanks and expands `*`, `?` and `[` in it; an empty value vanishes").
			Advise("write `\"%s\"`, unless it holds several words by intent", f.Text)
	}),
}
