package builders

import (
	"github.com/dockvet/dockvet/internal/dialect"
	"github.com/dockvet/dockvet/lint"
)

// IgnoredByBuilder reports what the builder of the image silently leaves out.
var IgnoredByBuilder = &lint.Rule{
	Name: "ignored-by-builder", Summary: "the image's builder ignores an instruction or a flag", Category: lint.Builders,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) { report(p, dialect.Ignored) }),
}
