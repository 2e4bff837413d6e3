package syntax

import (
	"github.com/dockvet/dockvet/internal/frontend"
	"github.com/dockvet/dockvet/lint"
)

// InvalidArgument reports a STOPSIGNAL that is not a signal, an empty VOLUME or RUN, a source that COPY or ADD cannot read, and a
// SOURCE_DATE_EPOCH that is not a time.
var InvalidArgument = &lint.Rule{
	Name: "invalid-argument", Summary: "an argument that BuildKit rejects", Category: lint.Syntax,
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) { refused(p, frontend.Argument) }),
}
