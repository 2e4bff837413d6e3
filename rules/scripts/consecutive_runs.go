package scripts

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// ConsecutiveRuns reports a RUN right behind another one with the same flags, where both have one command.
var ConsecutiveRuns = &lint.Rule{
	Name: "consecutive-runs", Summary: "RUNs of one command follow each other", Category: lint.Scripts,
	Aliases: []string{"DL3059"}, Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		var before *plan.Step
		for _, step := range s.Steps {
			if step.Instruction.Name != "RUN" || step.Instruction.Cmd == nil {
				before = nil
				continue
			}
			if before != nil && sameFlags(before.Instruction, step.Instruction) && single(p, before) && single(p, step) {
				f := p.Report(step.Instruction.Keyword.Full(), "`RUN` follows a `RUN`").
					Relate(before.Instruction.Keyword.Full(), "the one before").
					Because("each makes a layer of its own; apart they help only while one changes more often than the other").
					Advise("join them by `&&`, or in one heredoc").
					Alias("DL3059")
				join(p, f, before, step)
			}
			before = step
		}
	}),
}

func sameFlags(a, b *parser.Instruction) bool {
	return slices.EqualFunc(a.Flags, b.Flags, func(x, y parser.Flag) bool { return x.String == y.String })
}

// single reports whether step runs one command at most.
func single(p *lint.Pass, step *plan.Step) bool {
	sc := p.Script(step)
	return sc != nil && sc.Count() <= 1
}

// join offers to make one RUN of two that stand right below each other and have one plain command each.
func join(p *lint.Pass, f *lint.Finding, above, below *plan.Step) {
	for _, step := range []*plan.Step{above, below} {
		sc, in := p.Script(step), step.Instruction
		if sc.Exec || sc.File == nil || len(sc.File.Stmts) != 1 || len(in.Flags)+len(in.Heredocs) > 0 {
			return
		}
		stmt := sc.File.Stmts[0]
		if _, ok := stmt.Cmd.(*syntax.CallExpr); !ok || stmt.Background || stmt.Negated || stmt.Semicolon.IsValid() || sc.Span(stmt) != in.Rest.Full() {
			return
		}
	}
	if above.Shell.Step != below.Shell.Step {
		return
	}
	gap := parser.Span{Start: above.Instruction.Rest.Full().End, End: below.Instruction.Rest.Full().Start}
	between := parser.Span{Start: gap.Start, End: below.Instruction.Keyword.Full().Start}
	if text := p.File.Text(between); strings.TrimSpace(text) != "" || strings.Count(text, "\n") != 1 {
		return // a comment or a blank line sets them apart
	}
	f.Offer(lint.Unsafe, "join them", lint.Edit{Span: gap, Text: " && " + string(rune(p.File.Escape)) + p.File.Newline() + "    "})
}
