package shell

import (
	"iter"

	"github.com/dockvet/dockvet/plan"
)

// Scripts reads the scripts of a plan, each of them at most once. The zero value is ready for use. It is not safe for
// concurrent use.
type Scripts struct {
	read map[*plan.Step]*Script
}

// Of is the script of step, as Read returns it: nil for any other instruction than RUN, and for one that does not
// parse.
func (x *Scripts) Of(step *plan.Step) *Script {
	if step.Instruction.Name != "RUN" {
		return nil
	}
	s, ok := x.read[step]
	if !ok {
		if x.read == nil {
			x.read = map[*plan.Step]*Script{}
		}
		s = Read(step)
		x.read[step] = s
	}
	return s
}

// All are the scripts of each RUN and each ONBUILD RUN of p, in order.
func (x *Scripts) All(p *plan.Plan) iter.Seq[*Script] {
	return func(yield func(*Script) bool) {
		for _, stage := range p.Stages {
			for _, step := range stage.Steps {
				for ; step != nil; step = step.Trigger {
					if s := x.Of(step); s != nil && !yield(s) {
						return
					}
				}
			}
		}
	}
}
