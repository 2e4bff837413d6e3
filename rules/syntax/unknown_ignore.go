package syntax

import "github.com/dockvet/dockvet/lint"

// UnknownIgnore reports an ignore comment that does not name a known rule. The engine makes its findings.
var UnknownIgnore = &lint.Rule{
	Name:     lint.UnknownIgnore,
	Summary:  "an ignore comment names an unknown rule",
	Category: lint.Syntax,
	Severity: lint.Warning,
	Profile:  lint.Recommended,
	Since:    "2026.1",
}
