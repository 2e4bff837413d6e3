package syntax

import "github.com/dockvet/dockvet/lint"

// UnknownIgnore reports an ignore comment that names no rule. The engine speaks for it.
var UnknownIgnore = &lint.Rule{
	Name: lint.UnknownIgnore, Summary: "an ignore comment names no rule", Category: lint.Syntax, Severity: lint.Warning,
	Profile: lint.Recommended, Since: "2026.1",
}
