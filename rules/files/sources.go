package files

import (
	"iter"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// sources are the sources of COPY and ADD in the stages that the target needs, with their steps.
func sources(p *lint.Pass) iter.Seq2[*plan.Step, plan.Source] {
	return func(yield func(*plan.Step, plan.Source) bool) {
		for _, s := range p.Plan.Stages {
			for _, step := range s.Steps {
				if !s.Reached || step.Copy == nil {
					continue
				}
				for _, src := range step.Copy.Sources {
					if !yield(step, src) {
						return
					}
				}
			}
		}
	}
}
