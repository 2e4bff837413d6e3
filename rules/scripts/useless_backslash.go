package scripts

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell/fault"
)

// UselessBackslash reports a backslash outside quotes before a character that does not need one.
var UselessBackslash = &lint.Rule{
	Name: "useless-backslash", Category: lint.Scripts, Aliases: []string{"SC1001", "SC1012"},
	Summary:  "the shell drops a backslash before an ordinary character outside quotes",
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(fault.UselessBackslash, func(p *lint.Pass, _ *site, f *fault.Fault) *lint.Finding {
		finding := p.Report(f.Span, "`%s` outside quotes is the same as `%s`", f.Text, f.Text[1:]).
			Because("the shell removes the backslash").
			Advise("put the word in single quotes if the command should see the backslash")
		if f.Doubt != "" { // the shell may be cmd
			finding.Message += " in a POSIX shell"
		}
		return finding
	}),
}
