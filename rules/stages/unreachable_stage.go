package stages

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// UnreachableStage reports a stage that neither the final stage nor the target of a known build needs. Without a name
// it can only be built by its index. One with a name may be somebody's target, which makes the finding uncertain; where
// the name sounds like a target there is none.
var UnreachableStage = &lint.Rule{
	Name: "unreachable-stage", Summary: "stage is not used by the final stage", Category: lint.Stages,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	AllBuilds: true,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		last := p.Plan.Stages[len(p.Plan.Stages)-1]
		if s.Reached || s.From == nil || last.From == nil || p.Plan.Target == nil || serves(s, last) || unclear(p.Plan) {
			return
		}
		if s.Name != "" && target(s.Name) || neededBy(p.Plan, s) {
			return
		}
		steps := 0 // that create files
		for _, step := range s.Steps {
			switch step.Instruction.Name {
			case "RUN", "COPY", "ADD":
				steps++
			}
		}
		work := "BuildKit skips its step, because nothing uses what it creates"
		if steps != 1 {
			work = fmt.Sprintf("BuildKit skips its %d steps, because nothing uses what they create", steps)
		}
		f := p.Report(s.From.Head(), "the final stage does not use this stage").
			Relate(last.From.Head(), "the final stage").
			Because("%s; the classic builder runs the whole stage for nothing", work).
			Advise("remove it, or copy from it with `COPY --from=%d`", s.Index)
		if s.Name != "" {
			f.Advise("remove it, or copy from it with `COPY --from=%s`", s.Name).
				Doubting("it may be built with `--target %s`", s.Name)
		}
	}),
}

// serves reports whether s is the stage last or one that it needs, directly or through others.
func serves(s, last *plan.Stage) bool {
	seen := map[*plan.Stage]bool{last: true}
	for todo := []*plan.Stage{last}; len(todo) > 0; todo = todo[1:] {
		for _, need := range todo[0].Needs {
			if !seen[need] {
				seen[need] = true
				todo = append(todo, need)
			}
		}
	}
	return seen[s]
}

// unclear reports whether a reference in the file depends on what only the build knows, so that it may name any stage.
func unclear(p *plan.Plan) bool {
	found := false
	for i := range p.Images() {
		found = found || i.Stage == nil && !i.Value.Known
	}
	for _, s := range p.Stages {
		for _, step := range s.Steps {
			found = found || step.Instruction.Cmd == nil
		}
	}
	return found
}

// neededBy reports whether another stage needs s that is not reached either. That one is reported for both.
func neededBy(p *plan.Plan, s *plan.Stage) bool {
	return slices.ContainsFunc(p.Stages, func(o *plan.Stage) bool { return o != s && slices.Contains(o.Needs, s) })
}

// target reports whether a stage of that name is usually built for its own sake.
func target(name string) bool {
	words := strings.FieldsFunc(name, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return slices.ContainsFunc(words, func(word string) bool {
		for _, prefix := range []string{
			"test", "dev", "lint", "check", "debug", "local", "prod", "release", "stag", "ci", "e2e", "bench", "doc", "format",
			"fmt", "coverage", "export", "artifact",
			"binar", "valid", "vendor", "generate", "update", "cross", "final", "runtime", "app", "image", "worker", "server",
			"migrat", "shell", "storybook", "verify", "integration",
		} {
			if strings.HasPrefix(word, prefix) {
				return true
			}
		}
		return false
	})
}
