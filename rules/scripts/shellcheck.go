package scripts

import "github.com/dockvet/dockvet/lint"

// ShellCheck reports what ShellCheck finds and no other rule covers. The engine makes its findings, if ShellCheck was
// run.
var ShellCheck = &lint.Rule{
	Name: lint.ShellCheck, Category: lint.Scripts,
	Summary:  "a ShellCheck finding that no other rule covers, if ShellCheck is enabled",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Options: &lint.ShellCheckOptions{},
}
