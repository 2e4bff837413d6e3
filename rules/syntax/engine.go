// Package syntax has the rules on what BuildKit refuses and on dockvet's own comments.
package syntax

import "github.com/dockvet/dockvet/lint"

// The engine speaks for these rules itself: only it knows which comments suppressed something and which rule failed.
var (
	// RuleBug reports a rule that failed on this file. The other rules go on.
	RuleBug = &lint.Rule{
		Name: lint.RuleBug, Summary: "a rule failed on this file", Category: lint.Syntax, Severity: lint.Error, Profile: lint.Minimal,
		Since: "2026.1",
	}
	// UnknownIgnore reports an ignore comment that names no rule.
	UnknownIgnore = &lint.Rule{
		Name: lint.UnknownIgnore, Summary: "an ignore comment names no rule", Category: lint.Syntax, Severity: lint.Warning,
		Profile: lint.Recommended, Since: "2026.1",
	}
	// UnusedIgnore reports an ignore comment that suppresses nothing, for rules that ran.
	UnusedIgnore = &lint.Rule{
		Name: lint.UnusedIgnore, Summary: "an ignore comment suppresses nothing", Category: lint.Syntax, Severity: lint.Warning,
		Profile: lint.Recommended, Since: "2026.1", Fix: lint.Safe,
	}
	// MissingReason reports an ignore comment without a reason, where the configuration asks for one.
	MissingReason = &lint.Rule{
		Name: lint.MissingReason, Summary: "an ignore comment does not say why", Category: lint.Syntax, Severity: lint.Warning,
		Profile: lint.Recommended, Since: "2026.1",
	}
)
