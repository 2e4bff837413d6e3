package syntax

import (
	"github.com/dockvet/dockvet/internal/frontend"
	"github.com/dockvet/dockvet/lint"
)

// InvalidFlagValue reports a value of --chmod, --chown, --checksum or --platform that BuildKit rejects. A value that depends on an
// unknown variable is not reported.
var InvalidFlagValue = &lint.Rule{
	Name: "invalid-flag-value", Summary: "a flag has a value that BuildKit rejects", Category: lint.Syntax,
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) { refused(p, frontend.Flag) }),
}
