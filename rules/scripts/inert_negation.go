package scripts

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell/fault"
)

// InertNegation reports a negated command under `set -e` whose status nothing reads.
var InertNegation = &lint.Rule{
	Name: "inert-negation", Category: lint.Scripts, Aliases: []string{"SC2251"},
	Summary:  "`! command` does not stop the script under `set -e`",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(fault.InertNegation, func(p *lint.Pass, _ *site, f *fault.Fault) *lint.Finding {
		return p.Report(f.Span, "`!` keeps `set -e` from stopping the script here").
			Because("`set -e` ignores a command after `!`, so this check never stops the script").
			Advise("write `if command; then exit 1; fi`")
	}),
}
