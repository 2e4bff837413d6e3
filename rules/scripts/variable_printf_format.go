package scripts

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// VariablePrintfFormat reports an expansion in the format of printf, unless the format has directives of its own.
var VariablePrintfFormat = &lint.Rule{
	Name: "variable-printf-format", Summary: "the format of printf comes from a variable", Category: lint.Scripts,
	Aliases:  []string{"SC2059"},
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(shell.VariableFormat, func(p *lint.Pass, _ *site, f *shell.Fault) *lint.Finding {
		return p.Report(f.Span, "%s is part of the format of printf", code(f.Text)).
			Because("a `%%` or a backslash in its value is read as a directive").
			Advise("write `%%s` there and pass the value as an argument")
	}),
}
