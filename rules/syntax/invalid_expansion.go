package syntax

import (
	"github.com/dockvet/dockvet/internal/frontend"
	"github.com/dockvet/dockvet/lint"
)

// InvalidExpansion reports a quote that is not closed and a substitution that BuildKit does not have, in the words that BuildKit
// expands itself; and `${NAME:?message}` if nothing can set the variable. An ARG without a default is not reported, since the build may
// pass it. The shell reads RUN, CMD, ENTRYPOINT and HEALTHCHECK, where more is allowed.
var InvalidExpansion = &lint.Rule{
	Name: "invalid-expansion", Summary: "an unclosed quote or a substitution that BuildKit does not support", Category: lint.Syntax,
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) { refused(p, frontend.Expansion) }),
}

// refused reports what BuildKit's frontend rejects of one kind.
func refused(p *lint.Pass, kind frontend.Kind) {
	for _, r := range frontend.Of(p) {
		if r.Kind == kind {
			f := r.Report(p)
			if r.Filled {
				p.Repeat(f, "") // a template is one fault
			}
		}
	}
}
