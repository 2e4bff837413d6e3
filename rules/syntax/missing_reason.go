package syntax

import "github.com/dockvet/dockvet/lint"

// MissingReason reports an ignore comment without a reason if the configuration requires one. The engine makes its
// findings.
var MissingReason = &lint.Rule{
	Name: lint.MissingReason, Summary: "an ignore comment gives no reason", Category: lint.Syntax, Severity: lint.Warning,
	Profile: lint.Recommended, Since: "2026.1",
}
