package scripts

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// SingleQuotedExpansion reports what looks like an expansion in single quotes, unless the command expands it itself, as awk or sh -c do.
var SingleQuotedExpansion = &lint.Rule{
	Name: "single-quoted-expansion", Summary: "an expansion in single quotes stays as it is written", Category: lint.Scripts,
	Aliases:  []string{"SC2016"},
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(shell.SingleQuotedExpansion, func(p *lint.Pass, _ *site, f *shell.Fault) *lint.Finding {
		return p.Report(f.Span, "%s stands in single quotes", code(f.Text)).
			Because("the shell leaves it as it is written").
			Advise("use double quotes if the value is meant")
	}),
}
