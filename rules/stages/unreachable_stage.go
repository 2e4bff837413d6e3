package stages

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// UnreachableStage reports a stage that neither the final stage nor the target of a known build needs. Without a name
// it can only be built by its index. One with a name may be somebody's target, which makes the finding uncertain; where
// the name sounds like a target there is none.
var UnreachableStage = &lint.Rule{
	Name: "unreachable-stage", Summary: "the final stage does not use a stage", Category: lint.Stages,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	AllBuilds: true,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		last := p.Plan.Stages[len(p.Plan.Stages)-1]
		if s.Reached || s.From == nil || last.From == nil || p.Plan.Target == nil || usesOf.Of(p).last[s] || usesOf.Of(p).unclear {
			return
		}
		// A stage that needs s is not reached either, and it is reported for both.
		if s.Name != "" && (target(s.Name) || usesOf.Of(p).chosen) || usesOf.Of(p).others[s] {
			return
		}
		f := p.Report(s.From.Head(), "the final stage does not use this stage").
			Relate(last.From.Head(), "the final stage").
			Because("BuildKit skips this stage when it builds the final one; the classic builder runs it and discards the result").
			Advise("remove the stage, or name it with `AS` and copy from it with `COPY --from`")
		if s.Name != "" {
			f.Advise("remove the stage, or copy from it with `COPY --from=%s`", s.Name).
				Doubting("the stage may be built with `--target %s`", s.Name)
		}
	}),
}

// uses is how the stages of a file use each other.
type uses struct {
	// unclear: a reference depends on what only the build knows, so that it may name any stage.
	unclear bool
	// chosen: a variable chooses a stage, so that a build may choose another one than by default.
	chosen bool
	last   map[*plan.Stage]bool // the last stage, and those that it needs, directly or through others
	others map[*plan.Stage]bool // those that another stage needs
}

var usesOf = lint.NewFact(func(p *lint.Pass) *uses {
	u := &uses{last: map[*plan.Stage]bool{}, others: map[*plan.Stage]bool{}}
	for i := range p.Plan.Images() {
		u.unclear = u.unclear || i.Stage == nil && !i.Value.Known
		if head, _, open := strings.Cut(i.Word.String, "$"); open {
			u.chosen = u.chosen || i.Stage != nil || head != "" && slices.ContainsFunc(p.Plan.Stages, func(s *plan.Stage) bool {
				return strings.HasPrefix(s.Name, strings.ToLower(head))
			})
		}
	}
	steps := 0
	for _, s := range p.Plan.Stages {
		steps += len(s.Steps)
		for _, step := range s.Steps {
			u.unclear = u.unclear || step.Instruction.Cmd == nil
		}
		for _, need := range s.Needs {
			u.others[need] = u.others[need] || need != s
		}
	}
	u.unclear = u.unclear || steps == 0 // the file only lists images, for a tool that updates them
	for todo := p.Plan.Stages[len(p.Plan.Stages)-1:]; len(todo) > 0; {
		s := todo[len(todo)-1]
		todo = todo[: len(todo)-1 : len(todo)-1]
		if !u.last[s] {
			u.last[s] = true
			todo = append(todo, s.Needs...)
		}
	}
	return u
})

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
