package scripts

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell/fault"
)

// MaskedExitStatus reports a declaration whose value comes from a command: its exit status is that of the declaration.
var MaskedExitStatus = &lint.Rule{
	Name: "masked-exit-status", Category: lint.Scripts, Aliases: []string{"SC2155"},
	Summary:  "`export NAME=$(command)` succeeds even if the command fails",
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(fault.MaskedExitStatus, func(p *lint.Pass, _ *site, f *fault.Fault) *lint.Finding {
		finding := p.Report(f.Span, "the exit status of the command that sets `%s` is lost", f.Text)
		switch by := f.Other; by {
		case "export", "readonly":
			finding.Because("`%s` itself succeeds, so neither `set -e` nor `&&` stops the script", by).
				Advise("write the assignment first, as in `%s=$(…)`, and then `%s %s`", f.Text, by, f.Text)
		default:
			finding.Because("the declaration itself succeeds, so neither `set -e` nor `&&` stops the script").
				Advise("declare the variable first, and then write the assignment, as in `%s=$(…)`", f.Text)
		}
		return finding
	}),
}
