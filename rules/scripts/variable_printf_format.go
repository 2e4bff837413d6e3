package scripts

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell/fault"
)

// VariablePrintfFormat reports an expansion in the format string of printf, unless the string has directives as well.
var VariablePrintfFormat = &lint.Rule{
	Name: "variable-printf-format", Category: lint.Scripts, Aliases: []string{"SC2059"},
	Summary:  "the format string of `printf` comes from a variable",
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(fault.VariablePrintfFormat, func(p *lint.Pass, _ *site, f *fault.Fault) *lint.Finding {
		return p.Report(f.Span, "%s is part of the format string of `printf`", code(f.Text)).
			Because("%s", "`printf` interprets each `%` and backslash in the value").
			Advise("%s", "write `%s` in the format string, or `%b` if the value has escape sequences, and pass the value as an argument")
	}),
}
