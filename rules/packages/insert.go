package packages

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// insertAfter offers to add option after the verb of call.
func insertAfter(f *lint.Finding, call *shell.Call, option string) {
	if call.Command.Plain(call.Verb) {
		f.Offer(lint.Unsafe, "add `"+option+"`", lint.Insert(call.Verb.Span.End, " "+option))
	}
}

// insertBefore offers to add option before the verb of call.
func insertBefore(f *lint.Finding, call *shell.Call, option string) {
	if call.Command.Plain(call.Verb) {
		f.Offer(lint.Unsafe, "add `"+option+"`", lint.Insert(call.Verb.Span.Start, option+" "))
	}
}

// endWith offers to end the RUN of c, a command called by its bare name, with command. Line breaks follow those of the
// lines above. Nothing is offered where the end is hard to tell, or where the RUN may not reach it.
func endWith(p *lint.Pass, f *lint.Finding, c *shell.Command, command string) {
	sc := c.Script
	step := sc.Step
	if sc.Exec || step.OnBuild || sc.File == nil || sc.Dialect == shell.Other || len(step.Instruction.Heredocs) > 0 ||
		len(sc.File.Stmts) == 0 || !parity.Bare(c) || c.Sub {
		return
	}
	text := strings.TrimRight(sc.Text.String, " \t")
	last := sc.File.Stmts[len(sc.File.Stmts)-1]
	if end := int(last.End().Offset()); end < len(text) && strings.HasPrefix(strings.TrimLeft(text[end:], " \t"), "#") &&
		!strings.Contains(text[end:], "\n") && p.File.Lines.Line(step.Instruction.Span.Start) == p.File.Lines.Line(step.Instruction.Span.End) {
		text = text[:end] // a comment ends the only line
	}
	if int(last.End().Offset()) != len(text) || last.Background || last.Negated || last.Semicolon.IsValid() ||
		strings.HasSuffix(text, ";") || leaves(sc, last) {
		return
	}
	at := sc.Text.Span(0, len(text)).End
	f.Offer(lint.Unsafe, "end the `RUN` with `"+command+"`", lint.Insert(at, broken(p.File, step.Instruction)+"&& "+command))
}

// leaves reports whether the script may end before what is added after its last statement.
func leaves(sc *shell.Script, last *syntax.Stmt) bool {
	if b, ok := last.Cmd.(*syntax.BinaryCmd); ok && b.Op == syntax.OrStmt {
		return true // the author expects a failure here, and may mean to end
	}
	for _, c := range sc.Commands {
		if c.Name == "exit" || c.Name == "exec" || c.Name == "return" {
			return true
		}
	}
	return false
}

// broken is what comes between the last word of in and a further command: a space, or a line break like those above.
func broken(f *parser.File, in *parser.Instruction) string {
	first, last := f.Lines.Line(in.Span.Start), f.Lines.Line(in.Span.End)
	if first == last {
		return " "
	}
	next := f.Text(f.Lines.Span(first + 1))
	indent := next[:len(next)-len(strings.TrimLeft(next, " \t"))]
	return " " + string(rune(f.Escape)) + f.Newline() + indent
}
