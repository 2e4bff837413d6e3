package builds

import (
	"path"

	"github.com/dockvet/dockvet/lint"
)

// MissingDockerfile reports a build whose Dockerfile does not exist although its context does. It is silent about what
// git ignores, an empty context, submodules, and paths that variables hide or that lead out of the repository.
var MissingDockerfile = &lint.Rule{
	Name: "missing-dockerfile", Summary: "a build has no Dockerfile", Category: lint.Builds,
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnDeclaration(func(p *lint.Pass, d *lint.Declaration) {
		switch at := d.Dockerfile; {
		case !d.NoDockerfile:
		case at.Source != nil:
			p.ReportAt(at.Place, "`%s` does not exist", at.Text).
				Because("the path is relative to the build context `%s`, which has no such file", d.Dir).
				Advise("correct the path").Breaking(lint.BreaksFrontend)
		default:
			place := d.Context.Place
			if place.Source == nil {
				place = d.Place
			}
			p.ReportAt(place, "`%s` does not exist", path.Join(d.Dir, "Dockerfile")).
				Because("unless another file is named, a build uses the `Dockerfile` in its context").
				Advise("add a `Dockerfile`, or name another file with `dockerfile`").Breaking(lint.BreaksFrontend)
		}
	}),
}
