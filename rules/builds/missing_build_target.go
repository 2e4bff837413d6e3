package builds

import (
	"github.com/dockvet/dockvet/internal/nearest"
	"github.com/dockvet/dockvet/lint"
)

// MissingBuildTarget reports the target of a build that is neither the name nor the number of a stage. It is silent
// where the Dockerfile does not parse, or another frontend reads it.
var MissingBuildTarget = &lint.Rule{
	Name: "missing-build-target", Summary: "a build names a target that is not a stage of its Dockerfile",
	Category: lint.Builds, Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1",
	Fix: lint.NoFix,
	Check: lint.OnDeclaration(func(p *lint.Pass, d *lint.Declaration) {
		if d.Target.Text == "" || !readable(p) || p.Plan.Target != nil {
			return
		}
		f := p.ReportAt(d.Target.Place, "`%s` has no stage `%s`", p.File.Name, d.Target.Text).
			Because("BuildKit rejects a build whose target is not a stage").Breaking(lint.BreaksFrontend)
		names := stageNames(p.Plan)
		near, ok := nearest.Name(d.Target.Text, names)
		switch {
		case ok:
			f.Advise("use `%s`", near)
		case len(names) == 0:
			f.Advise("remove the target")
		default:
			f.Advise("use a stage that exists, such as `%s`", names[len(names)-1])
		}
	}),
}
