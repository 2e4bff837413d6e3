package scripts

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// ConsecutiveRuns reports a RUN directly after another one with the same flags, if both run a single command.
var ConsecutiveRuns = &lint.Rule{
	Name: "consecutive-runs", Category: lint.Scripts, Aliases: []string{"DL3059"},
	Summary:  "consecutive RUNs that each run a single command",
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		var before *plan.Step
		for _, step := range s.Steps {
			if step.Instruction.Name != "RUN" || step.Instruction.Cmd == nil {
				before = nil
				continue
			}
			if before != nil && sameFlags(before.Instruction, step.Instruction) && single(p, before) && single(p, step) {
				f := p.Report(step.Instruction.Keyword.Full(), "this `RUN` directly follows another one").
					Relate(before.Instruction.Keyword.Full(), "the previous `RUN`").
					Because("each `RUN` adds a layer").
					Advise("join the two with `&&`").
					Alias("DL3059")
				switch {
				case p.Script(before).Exec || p.Script(step).Exec:
					f.Advise("if the image has a shell, join the two in one `RUN` in shell form").
						Doubting("a `RUN` in exec form can only start a single program")
				case p.Script(step).Dialect == shell.Other:
					f.Advise("join the two in a single `RUN`")
				}
				offerJoin(p, f, before, step)
			}
			before = step
		}
	}),
}

func sameFlags(a, b *parser.Instruction) bool {
	return slices.EqualFunc(a.Flags, b.Flags, func(x, y parser.Flag) bool { return x.String == y.String })
}

// single reports whether step runs at most one command.
func single(p *lint.Pass, step *plan.Step) bool {
	sc := p.Script(step)
	return sc != nil && sc.Count() <= 1
}

// offerJoin offers to make one RUN of two with a plain command each that have nothing between them.
func offerJoin(p *lint.Pass, f *lint.Finding, above, below *plan.Step) {
	for _, step := range []*plan.Step{above, below} {
		sc, in := p.Script(step), step.Instruction
		if sc.Exec || sc.File == nil || len(sc.File.Stmts) != 1 || len(in.Flags)+len(in.Heredocs) > 0 {
			return
		}
		stmt := sc.File.Stmts[0]
		_, simple := stmt.Cmd.(*syntax.CallExpr)
		if !simple || stmt.Background || stmt.Negated || stmt.Semicolon.IsValid() || sc.Span(stmt) != in.Rest.Full() {
			return
		}
	}
	if above.Shell.Step != below.Shell.Step {
		return
	}
	gap := parser.Span{Start: above.Instruction.Rest.Full().End, End: below.Instruction.Rest.Full().Start}
	between := parser.Span{Start: gap.Start, End: below.Instruction.Keyword.Full().Start}
	if text := p.File.Text(between); strings.TrimSpace(text) != "" || strings.Count(text, "\n") != 1 {
		return // a comment or an empty line separates them
	}
	f.Offer(lint.Unsafe, "join the two `RUN`s", lint.Replace(gap, " && "+string(rune(p.File.Escape))+p.File.Newline()+"    "))
}
