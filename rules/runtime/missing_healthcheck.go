package runtime

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// MissingHealthcheck reports a final stage without HEALTHCHECK in it or in the stages it is built FROM. HEALTHCHECK NONE counts
// as one: the author has decided.
var MissingHealthcheck = &lint.Rule{
	Name: "missing-healthcheck", Summary: "the final image has no HEALTHCHECK", Category: lint.Runtime,
	Aliases:  []string{"DL3057", "DS-0026", "CKV_DOCKER_2"},
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if s.From == nil {
			return
		}
		found := false
		s.Lineage(func(s *plan.Stage) bool {
			for _, step := range s.Steps {
				found = found || step.Instruction.Name == "HEALTHCHECK" && step.Instruction.Cmd != nil
			}
			return !found
		})
		if !found {
			p.Report(s.From.Head(), "the final image has no HEALTHCHECK").
				Because("without one Docker takes the container for healthy as long as its process runs").
				Advise("add a HEALTHCHECK, or `HEALTHCHECK NONE` where the platform has probes of its own").
				Alias("DL3057", "DS-0026", "CKV_DOCKER_2")
		}
	}),
}
