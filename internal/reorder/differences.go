package reorder

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/plan"
)

// Differences says what b, another order of the steps of a, changes besides the order, one clause each.
func Differences(a, b *plan.Plan) []string {
	var out []string
	for i, s := range a.Stages {
		if i >= len(b.Stages) {
			break
		}
		left := slices.Clone(s.Steps)
		for _, step := range b.Stages[i].Steps {
			n := slices.IndexFunc(left, func(x *plan.Step) bool { return line(x) == line(step) })
			if n < 0 {
				out = append(out, fmt.Sprintf("`%s %s` is new", step.Instruction.Name, line(step)))
				continue
			}
			before := left[n]
			left = slices.Delete(left, n, n+1)
			if step.Instruction.Name != "RUN" {
				continue
			}
			if n := len(step.Mounts) - len(before.Mounts); n == 1 {
				out = append(out, fmt.Sprintf("`RUN %s` gets a cache mount", line(step)))
			} else if n > 1 {
				out = append(out, fmt.Sprintf("`RUN %s` gets %d cache mounts", line(step), n))
			}
			for _, name := range before.Env.Names() {
				if was, is := before.Env.Lookup(name), step.Env.Lookup(name); was != nil && was.Set && (is == nil || !is.Set) {
					out = append(out, fmt.Sprintf("`RUN %s` runs without `%s`", line(step), name))
				}
			}
		}
		for _, step := range left {
			out = append(out, fmt.Sprintf("`%s %s` is gone", step.Instruction.Name, line(step)))
		}
	}
	return out
}

// line is the arguments of a step on one line.
func line(step *plan.Step) string {
	return strings.Join(strings.Fields(step.Instruction.Rest.String), " ")
}
