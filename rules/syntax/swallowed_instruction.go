package syntax

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/internal/swallow"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// SwallowedInstruction reports an instruction that a dangling escape character makes part of the one above. What
// BuildKit rejects because of it is a syntax-error.
var SwallowedInstruction = &lint.Rule{
	Name: "swallowed-instruction", Category: lint.Syntax,
	Summary:  "a dangling `\\` makes an instruction part of the one above",
	Severity: lint.Error, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.Checks(
		lint.OnFile(func(p *lint.Pass) {
			for _, s := range p.Plan.Globals {
				swallowedIn(p, s)
			}
		}),
		lint.OnStep(swallowedIn),
	),
}

func swallowedIn(p *lint.Pass, s *plan.Step) {
	in := s.Instruction
	if in.Cmd == nil {
		return
	}
	for _, w := range swallow.Instructions(p.File, in) {
		line := p.File.Lines.Line(w.Escape.Start)
		f := reportSwallowed(p, in, w).
			Because("the %s at the end of line %d joins the lines, so this `%s` is not an instruction", escape(p), line, w.Keyword.String)
		if in.Name == "RUN" && s.Stage != nil && s.Stage.Reached && fails(p.Script(s), w.Keyword.Full()) {
			f.Because("the %s at the end of line %d joins the lines, so the shell runs `%s` as a command, which fails with status 127",
				escape(p), line, w.Keyword.String).
				Breaking(lint.BreaksBuild)
		}
	}
}

// reportSwallowed reports w, which is part of in.
func reportSwallowed(p *lint.Pass, in *parser.Instruction, w swallow.Instruction) *lint.Finding {
	f := p.Report(w.Keyword.Full(), "`%s` is part of the `%s` above", w.Keyword.String, in.Name).
		Relate(w.Escape, "the lines are joined here").
		Advise("remove the %s", escape(p))
	if w.Removal.Len() > 0 {
		if text := strings.Fields(p.File.Text(w.Removal)); len(text) > 0 && (text[0] == "&&" || text[0] == ";") && p.File.Escape != '`' {
			f.Advise("remove the `%s`", strings.Join(text, " "))
		}
		f.Offer(lint.Unsafe, "end the `"+in.Name+"` above", lint.Delete(w.Removal))
	}
	return f
}

// escape is the escape character of the file for a message.
func escape(p *lint.Pass) string {
	if p.File.Escape == '`' {
		return "backtick"
	}
	return "`" + string(p.File.Escape) + "`"
}

// fails reports whether sc certainly fails because it runs the word at span, which is not a command: either that word
// runs, or something before it has failed.
func fails(sc *shell.Script, span parser.Span) bool {
	if sc == nil || sc.File == nil || sc.Dialect == shell.Other || len(sc.File.Stmts) == 0 {
		return false
	}
	stmt := sc.File.Stmts[len(sc.File.Stmts)-1]
	for {
		if stmt.Background || stmt.Negated {
			return false
		}
		switch cmd := stmt.Cmd.(type) {
		case *syntax.CallExpr:
			return len(cmd.Args) > 0 && sc.Span(cmd.Args[0]) == span
		case *syntax.BinaryCmd:
			if cmd.Op != syntax.AndStmt {
				return false
			}
			if cmd.Y.Cmd != nil && !cmd.Y.Background && !cmd.Y.Negated {
				if call, ok := cmd.Y.Cmd.(*syntax.CallExpr); ok && len(call.Args) > 0 && sc.Span(call.Args[0]) == span {
					return true
				}
			}
			stmt = cmd.X
		default:
			return false
		}
	}
}
