package scripts

import "github.com/dockvet/dockvet/lint"

// ShellCheck reports what ShellCheck finds and no other rule has. The engine speaks for it, where a run has asked ShellCheck.
var ShellCheck = &lint.Rule{
	Name: lint.ShellCheck, Summary: "a fault in shell code that ShellCheck, where it runs, finds and no other rule has", Category: lint.Scripts,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Options: &lint.ShellCheckOptions{},
}
