package scripts

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// UselessBackslash reports a backslash outside of quotes before a character that needs none.
var UselessBackslash = &lint.Rule{
	Name: "useless-backslash", Summary: "a backslash before a letter outside of quotes vanishes", Category: lint.Scripts,
	Aliases:  []string{"SC1001", "SC1012"},
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(shell.UselessEscape, func(p *lint.Pass, _ *site, f *shell.Fault) *lint.Finding {
		return p.Report(f.Span, "`%s` outside of quotes is `%s`", f.Text, f.Text[1:]).
			Because("the shell removes the backslash").
			Advise("put the word in single quotes if the backslash is meant for the command")
	}),
}
