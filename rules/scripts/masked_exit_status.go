package scripts

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// MaskedExitStatus reports a declaration whose value a command gives: the status is the declaration's.
var MaskedExitStatus = &lint.Rule{
	Name: "masked-exit-status", Summary: "`export NAME=$(command)` succeeds where the command fails", Category: lint.Scripts,
	Aliases:  []string{"SC2155"},
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(shell.MaskedStatus, func(p *lint.Pass, _ *site, f *shell.Fault) *lint.Finding {
		return p.Report(f.Span, "a failure of the command that gives `%s` is lost", f.Text).
			Because("the status is that of the declaration, which succeeds, so that `set -e` and `&&` go on").
			Advise("assign first, then export: `%s=$(…) && export %s`", f.Text, f.Text)
	}),
}
