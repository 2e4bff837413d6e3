package runtime

import (
	"slices"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// MissingHealthcheck reports a final stage without a HEALTHCHECK of its own or of the stages that it is built from.
// HEALTHCHECK NONE counts as one, because the author has decided.
var MissingHealthcheck = &lint.Rule{
	Name: "missing-healthcheck", Summary: "the final image has no HEALTHCHECK", Category: lint.Runtime,
	Aliases:  []string{"DL3057", "DS-0026", "CKV_DOCKER_2"},
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if s.From != nil && container.Of(p).Health == nil {
			f := p.Report(s.From.Head(), "the final image has no HEALTHCHECK").
				Because("without one, Docker considers the container healthy as long as its process runs").
				Advise("add a HEALTHCHECK, or `HEALTHCHECK NONE` if the platform has its own probes").
				Alias("DL3057", "DS-0026", "CKV_DOCKER_2")
			own := func(u lint.Service) bool { return u.Healthcheck.Test != nil || u.Healthcheck.Disabled }
			if i := slices.IndexFunc(p.Services(), own); i >= 0 {
				u := &p.Services()[i]
				f.Doubting("the service `%s` has its own health check setting", u.Name).
					RelateFile(u.Healthcheck.File, u.Healthcheck.Line, "`healthcheck` of `%s`", u.Name)
			}
		}
	}),
}
