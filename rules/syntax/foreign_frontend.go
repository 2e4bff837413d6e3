package syntax

import (
	"github.com/dockvet/dockvet/internal/frontend"
	"github.com/dockvet/dockvet/lint"
)

// ForeignFrontend says that the grammar was not checked, because `# syntax=` names a frontend that is not Docker's. It is silent if
// there is nothing in the file that Docker's frontend would reject.
var ForeignFrontend = &lint.Rule{
	Name: "foreign-frontend", Category: lint.Syntax,
	Summary:  "another frontend reads the file, so dockvet cannot check all of its syntax",
	Severity: lint.Info, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		if !frontend.Foreign(p.Plan) {
			return
		}
		n := len(p.File.Errors) + frontend.Refused(p.Plan)
		if n == 0 {
			return
		}
		what := "instructions that Docker's frontend rejects are"
		if n == 1 {
			what = "instruction that Docker's frontend rejects is"
		}
		p.Report(p.Plan.Syntax.Span, "frontend `%s` has its own grammar", p.Plan.Syntax.Ref.Name()).
			Because("%d %s not reported", n, what).
			Advise("build with this frontend to check the file")
	}),
}
