package syntax

import "github.com/dockvet/dockvet/lint"

// MissingReason reports an ignore comment without a reason, where the configuration asks for one. The engine speaks for it.
var MissingReason = &lint.Rule{
	Name: lint.MissingReason, Summary: "an ignore comment does not say why", Category: lint.Syntax, Severity: lint.Warning,
	Profile: lint.Recommended, Since: "2026.1",
}
