package syntax

import "github.com/dockvet/dockvet/lint"

// UnusedIgnore reports an ignore comment that suppresses nothing, for rules that ran. The engine makes its findings
// because only it knows what was suppressed.
var UnusedIgnore = &lint.Rule{
	Name:      lint.UnusedIgnore,
	Summary:   "an ignore comment suppresses nothing",
	Category:  lint.Syntax,
	Severity:  lint.Warning,
	AllBuilds: true,
	Profile:   lint.Recommended,
	Since:     "2026.1",
	Fix:       lint.Safe,
}
