package base

import (
	"github.com/moby/buildkit/util/suggest"

	"github.com/dockvet/dockvet/internal/frontend"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// UndeclaredArgInFrom reports a variable in FROM, or in its --platform, that no ARG above the first FROM declares. A
// default as in `${TAG:-13}` does not help, because without the ARG `--build-arg` has no effect.
var UndeclaredArgInFrom = &lint.Rule{
	Name: "undeclared-arg-in-from", Summary: "FROM uses a build argument that is not declared", Category: lint.Base,
	Aliases:  []string{"UndefinedArgInFrom"},
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		const many = 300 // measuring each of more names takes longer than it is worth
		if s.Base == nil {
			return
		}
		for _, word := range []parser.Word{s.From.Args[0], s.Platform} {
			for _, r := range p.Plan.Env.Undefined(word) {
				f := p.Report(r.Span, "`%s` is not declared for FROM", r.Name).
					Because("FROM only sees ARGs above the first FROM, so the variable is empty and `--build-arg %s=…` has no effect",
						r.Name).
					Advise("declare `ARG %s` above the first FROM", r.Name).
					Alias("UndefinedArgInFrom")
				if r.Guarded {
					f.Severity = lint.Warning
					f.Because("FROM only sees ARGs above the first FROM, so `--build-arg %s=…` has no effect here", r.Name)
				}
				if frontend.OnWord(p, word, word.Full()) {
					f.Severity = lint.Error
					f.Breaking(lint.BreaksFrontend)
				}
				if names := p.Plan.Env.Names(); len(names) > many {
					continue
				} else if near, ok := suggest.Search(r.Name, names, true); ok {
					f.Advise("did you mean `%s`?", near)
				} else if arg := declaration(p.Plan, r.Name); arg != nil {
					f.Relate(arg.Instruction.Head(), "this ARG only applies to its own stage").
						Advise("declare `ARG %s` above the first FROM as well", r.Name)
				}
			}
		}
	}),
}

// declaration is the ARG inside a stage that declares name, or nil.
func declaration(p *plan.Plan, name string) *plan.Step {
	for _, s := range p.Stages {
		for _, step := range s.Steps {
			if step.Instruction.Name != "ARG" {
				continue
			}
			for _, pair := range step.Instruction.Pairs {
				if pair.Key.Value == name {
					return step
				}
			}
		}
	}
	return nil
}
