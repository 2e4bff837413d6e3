package syntax

import (
	"github.com/dockvet/dockvet/internal/frontend"
	"github.com/dockvet/dockvet/lint"
)

// InvalidMount reports a mount that BuildKit rejects: an unknown type, key or value, a key that the type does not have, a target at
// the root, and a stage that is not above.
var InvalidMount = &lint.Rule{
	Name: "invalid-mount", Summary: "`RUN --mount` has a field that BuildKit rejects", Category: lint.Syntax,
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) { refused(p, frontend.Mount) }),
}
