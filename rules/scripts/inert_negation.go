package scripts

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// InertNegation reports a negated command under `set -e` whose status nothing reads.
var InertNegation = &lint.Rule{
	Name: "inert-negation", Summary: "`! command` does not stop the script under `set -e`", Category: lint.Scripts,
	Aliases:  []string{"SC2251"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(shell.InertNegation, func(p *lint.Pass, _ *site, f *shell.Fault) *lint.Finding {
		return p.Report(f.Span, "`!` keeps `set -e` from stopping here").
			Because("a command behind `!` never ends the script, whether it fails or not, so that the check has no effect").
			Advise("write `if command; then exit 1; fi`")
	}),
}
