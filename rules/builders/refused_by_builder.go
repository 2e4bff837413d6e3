package builders

import (
	"github.com/dockvet/dockvet/internal/dialect"
	"github.com/dockvet/dockvet/lint"
)

// RefusedByBuilder reports what the builder of the image refuses although BuildKit builds it.
var RefusedByBuilder = &lint.Rule{
	Name: "refused-by-builder", Summary: "the image's builder rejects something that BuildKit accepts", Category: lint.Builders,
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) { report(p, dialect.Refused) }),
}
