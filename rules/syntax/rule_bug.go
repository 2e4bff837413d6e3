package syntax

import "github.com/dockvet/dockvet/lint"

// RuleBug reports a rule that failed on this file. The other rules still run. The engine makes its findings.
var RuleBug = &lint.Rule{
	Name:     lint.RuleBug,
	Summary:  "a rule failed on this file",
	Category: lint.Syntax,
	Severity: lint.Error,
	Profile:  lint.Minimal,
	Since:    "2026.1",
}
