package reorder

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/plan"
)

// Difference is what another order of the steps changes.
type Difference struct {
	Moved   int      // how many steps run before one that they came after
	Mounted int      // how many steps get cache mounts
	Clauses []string // all changes, one clause each
}

// Differences says how b differs from a, of which it is another order of the steps.
func Differences(a, b *plan.Plan) Difference {
	var out Difference
	add := func(format string, args ...any) { out.Clauses = append(out.Clauses, fmt.Sprintf(format, args...)) }
	for i, s := range a.Stages {
		if i >= len(b.Stages) {
			break
		}
		left := slices.Clone(s.Steps) // without those that b has as well
		for _, step := range b.Stages[i].Steps {
			n := slices.IndexFunc(left, func(x *plan.Step) bool { return line(x) == line(step) })
			if n < 0 {
				add("`%s %s` is new", step.Instruction.Name, line(step))
				continue
			}
			before := left[n]
			if later := passed(left[:n], b.Stages[i].Steps); len(later) > 0 && makesFiles(step) {
				out.Moved++
				add("`%s %s` runs before %s", step.Instruction.Name, line(step), enumerate(later))
			}
			left = slices.Delete(left, n, n+1)
			if step.Instruction.Name != "RUN" {
				continue
			}
			n = len(step.Mounts) - len(before.Mounts)
			switch {
			case n == 1:
				add("`RUN %s` gets a cache mount", line(step))
			case n > 1:
				add("`RUN %s` gets %d cache mounts", line(step), n)
			}
			if n > 0 {
				out.Mounted++
			}
			for _, name := range before.Env.Names() {
				if was, is := before.Env.Lookup(name), step.Env.Lookup(name); was != nil && was.Set && (is == nil || !is.Set) {
					add("`RUN %s` runs without `%s`", line(step), name)
				}
			}
		}
		for _, step := range left {
			add("`%s %s` is gone", step.Instruction.Name, line(step))
		}
	}
	if out.Mounted > 0 {
		add("cache mounts need BuildKit, and start empty on a runner that is thrown away after the build")
	}
	return out
}

// passed are the steps that a step has moved above: those of before that make files and are still in the stage, as after says.
func passed(before, after []*plan.Step) []*plan.Step {
	var out []*plan.Step
	for _, x := range before {
		if makesFiles(x) && slices.ContainsFunc(after, func(y *plan.Step) bool { return line(y) == line(x) }) {
			out = append(out, x)
		}
	}
	return out
}

// makesFiles reports whether a step changes files.
func makesFiles(step *plan.Step) bool {
	return slices.Contains([]string{"RUN", "COPY", "ADD"}, step.Instruction.Name)
}

// enumerate names the first two steps of list, and says how many more there are.
func enumerate(list []*plan.Step) string {
	var names []string
	for _, step := range list[:min(len(list), 2)] {
		names = append(names, "`"+step.Instruction.Name+" "+line(step)+"`")
	}
	if n := len(list) - len(names); n > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names, ", "), n)
	}
	return strings.Join(names, " and ")
}

// line is the arguments of a step on one line.
func line(step *plan.Step) string {
	return strings.Join(strings.Fields(step.Instruction.Rest.String), " ")
}
