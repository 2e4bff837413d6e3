package builds

import "github.com/dockvet/dockvet/lint"

// MissingBuildContext reports a build whose context is a directory that does not exist. It is silent about what git
// ignores, submodules, and paths that variables hide or that lead out of the repository.
var MissingBuildContext = &lint.Rule{
	Name: "missing-build-context", Summary: "the build context is a directory that does not exist", Category: lint.Builds,
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnDeclaration(func(p *lint.Pass, d *lint.Declaration) {
		if d.NoContext && d.Context.Source != nil {
			p.ReportAt(d.Context.Place, "`%s` does not exist", d.Context.Text).
				Because("the build fails before its first step, because it has no context to send").
				Advise("correct the path").
				Breaking(lint.BreaksBuild)
		}
	}),
}
