package syntax

import (
	"slices"

	"github.com/dockvet/dockvet/internal/frontend"
	"github.com/dockvet/dockvet/internal/swallow"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// SyntaxError reports each instruction that BuildKit rejects, except for what forbidden-trigger reports. The
// instructions around it are still checked.
var SyntaxError = &lint.Rule{
	Name: "syntax-error", Summary: "BuildKit rejects the instruction", Category: lint.Syntax, Aliases: []string{"DL1000"},
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnFile(func(p *lint.Pass) {
		refused(p, frontend.Directive)
		if frontend.Foreign(p.Plan) {
			return // foreign-frontend says so
		}
		for _, e := range p.File.Errors {
			if forbiddenTrigger(e.Instruction).String != "" {
				continue
			}
			f := syntaxError(p, e)
			switch {
			case e.Limit:
				f.Because("dockvet does not check files of this size")
			case e.Instruction != nil && e.Instruction.Cmd != nil && !triggered(p.Plan, e.Instruction):
				// BuildKit stores what follows ONBUILD and only parses it in the build of another image.
				f.Because("builds that are based on this image fail")
			default:
				f.Because("BuildKit rejects the Dockerfile").Breaking(lint.BreaksFrontend)
			}
		}
	}),
}

// syntaxError reports e: where it is because of something that the instruction swallows, at that, and in the words of the
// rule that reports the same if BuildKit does not reject it.
func syntaxError(p *lint.Pass, e parser.SyntaxError) *lint.Finding {
	if in := e.Instruction; in != nil && in.Cmd == nil && e.Span == in.Head() {
		if w := swallow.Instructions(p.File, in); len(w) > 0 {
			return reportSwallowed(p, in, w[0])
		}
		if comment := swallow.Comment(in, p.File.Escape); comment.String != "" {
			return reportComment(p, in, comment)
		}
	}
	if in := e.Instruction; in != nil && (e.Span == in.Keyword.Full() || in.Trigger != nil && e.Span == in.Trigger.Keyword.Full()) {
		if f := spaceInKeyword(p, e.Span); f != nil {
			return f
		}
	}
	f := p.Report(e.Span, "%s", e.Message)
	if e.Help != "" {
		f.Advise("%s", e.Help)
	}
	return f
}

// triggered reports whether a stage of the same file runs what in, an ONBUILD, stores.
func triggered(p *plan.Plan, in *parser.Instruction) bool {
	return slices.ContainsFunc(p.Stages, func(s *plan.Stage) bool {
		return frontend.Triggered(p, s) && slices.ContainsFunc(s.Steps, func(step *plan.Step) bool { return step.Instruction == in })
	})
}
