package files

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// eachSource calls f for each source of COPY and ADD in the stages that the target needs.
func eachSource(p *lint.Pass, f func(*plan.Step, plan.Source)) {
	for _, s := range p.Plan.Stages {
		for _, step := range s.Steps {
			if !s.Reached || step.Copy == nil {
				continue
			}
			for _, src := range step.Copy.Sources {
				f(step, src)
			}
		}
	}
}
