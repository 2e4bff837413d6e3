package shell

import (
	"mvdan.cc/sh/v3/syntax"
)

// readCommands collects all simple commands of s.File.
func (s *Script) readCommands() {
	w := walker{script: s, pipefail: s.pipefail}
	commands, words := 0, 0
	for _, stmt := range s.File.Stmts {
		c, n := simple(stmt)
		commands, words = commands+c, words+n
	}
	s.Commands = make([]*Command, 0, commands)
	w.commands, w.words = make([]Command, commands), make([]Word, words)
	w.readList(s.File.Stmts, false)
}

// simple is how many simple commands stmt is a list of, and how many words these have, so that one slice has room for all of them. It
// does not count those inside others.
func simple(stmt *syntax.Stmt) (commands, words int) {
	for {
		switch cmd := stmt.Cmd.(type) {
		case *syntax.CallExpr:
			return commands + 1, words + len(cmd.Args)
		case *syntax.BinaryCmd:
			c, n := simple(cmd.Y)
			commands, words, stmt = commands+c, words+n, cmd.X
		default:
			return commands, words
		}
	}
}

// command is a new Command.
func (w *walker) command() *Command {
	if len(w.commands) == 0 {
		return new(Command)
	}
	c := &w.commands[0]
	w.commands = w.commands[1:]
	return c
}

// room is a new slice of n words.
func (w *walker) room(n int) []Word {
	if n > len(w.words) {
		return make([]Word, n)
	}
	out := w.words[:n:n]
	w.words = w.words[n:]
	return out
}

// walker collects the commands and pipelines of a script. Its fields say what holds at the point that it has reached.
type walker struct {
	script   *Script
	pipefail bool // pipefail is on
	tested   bool // something tests the exit status
	lost     bool // nothing can notice the exit status

	commands []Command // not used yet
	words    []Word
}

// readStmt reads one statement. sub is that of its commands: see Command.Sub.
func (w *walker) readStmt(stmt *syntax.Stmt, sub bool) {
	for _, r := range stmt.Redirs {
		w.readWord(r.Word)
		w.readWord(r.Hdoc)
	}
	switch cmd := stmt.Cmd.(type) {
	case nil:
	case *syntax.CallExpr:
		w.readCall(stmt, cmd, sub)
	case *syntax.BinaryCmd:
		if isPipe(cmd.Op) {
			w.readPipeline(cmd)
			return
		}
		tested := w.tested
		w.tested = tested || cmd.Op == syntax.OrStmt
		w.readStmt(cmd.X, sub)
		w.tested = tested
		w.readStmt(cmd.Y, sub)
	case *syntax.Subshell:
		pipefail := w.pipefail
		w.readList(cmd.Stmts, true)
		w.pipefail = pipefail
	case *syntax.Block:
		w.readList(cmd.Stmts, sub)
	case *syntax.IfClause:
		for c := cmd; c != nil; c = c.Else {
			w.readCondition(c.Cond, sub)
			w.readList(c.Then, sub)
		}
	case *syntax.WhileClause:
		w.readCondition(cmd.Cond, sub)
		w.readList(cmd.Do, sub)
	case *syntax.ForClause:
		if it, ok := cmd.Loop.(*syntax.WordIter); ok {
			for _, item := range it.Items {
				w.readWord(item)
			}
		}
		w.readList(cmd.Do, sub)
	case *syntax.CaseClause:
		w.readWord(cmd.Word)
		for _, item := range cmd.Items {
			w.readList(item.Stmts, sub)
		}
	case *syntax.FuncDecl:
		w.readBody(cmd.Body, sub)
	case *syntax.TimeClause:
		if cmd.Stmt != nil {
			w.readStmt(cmd.Stmt, sub)
		}
	case *syntax.DeclClause:
		w.readDeclaration(stmt, cmd, sub)
	default:
		w.readInside(stmt.Cmd)
	}
}

func (w *walker) readList(stmts []*syntax.Stmt, sub bool) {
	for _, s := range stmts {
		w.readStmt(s, sub)
	}
}

// readCondition reads the condition of an `if` or a loop.
func (w *walker) readCondition(stmts []*syntax.Stmt, sub bool) {
	tested := w.tested
	w.tested = true
	w.readList(stmts, sub)
	w.tested = tested
}

// readBody reads what mvdan.cc/sh treats as the body of a function. It includes the list after the braces, as in `f() {
// a; } && b`.
func (w *walker) readBody(stmt *syntax.Stmt, sub bool) {
	if b, ok := stmt.Cmd.(*syntax.BinaryCmd); ok {
		w.readBody(b.X, sub)
		w.readStmt(b.Y, sub || isPipe(b.Op))
		return
	}
	pipefail := w.pipefail
	w.readStmt(stmt, true)
	w.pipefail = pipefail
}

// readCall reads a simple command.
func (w *walker) readCall(stmt *syntax.Stmt, call *syntax.CallExpr, sub bool) {
	s := w.script
	c := w.command()
	*c = Command{Script: s, Stmt: stmt, Span: s.Span(call), Sub: sub, Outer: s.Outer}
	defer func(before bool) { w.lost = before }(w.lost)
	w.lost = w.lost || len(call.Args) > 0
	for _, a := range call.Assigns {
		c.Assigns = append(c.Assigns, s.readAssign(a))
		w.readWord(a.Value)
	}
	if len(call.Args) > 0 {
		c.Words = w.room(len(call.Args))
		for i, arg := range call.Args {
			c.Words[i] = s.readWord(arg)
		}
	}
	c.setName()
	c.moveAssigns()
	if c.Name == "set" {
		w.followSet(c)
	}
	s.Commands = append(s.Commands, c)
	s.addInner(c)
	last := s.Commands[len(s.Commands)-1] // c, or what it runs
	for _, arg := range call.Args {
		w.readWord(arg)
	}
	s.addNested(last)
}

// followSet records what a `set` does to pipefail.
func (w *walker) followSet(c *Command) {
	words := make([]string, len(c.Words))
	for i, word := range c.Words {
		words[i] = word.Text
	}
	if on, ok := pipefailOption(words); ok {
		w.pipefail = on
	}
}

// readDeclaration reads `export A=b` and the like as a command, in dialects that have syntax for them.
func (w *walker) readDeclaration(stmt *syntax.Stmt, d *syntax.DeclClause, sub bool) {
	s := w.script
	c := &Command{Script: s, Stmt: stmt, Span: s.Span(d), Sub: sub, Outer: s.Outer}
	defer func(before bool) { w.lost = before }(w.lost)
	w.lost = true
	c.Words = append(c.Words, Word{Text: d.Variant.Value, Span: s.Span(d.Variant), Literal: true})
	for _, a := range d.Args {
		if a.Naked {
			if a.Value != nil {
				c.Words = append(c.Words, s.readWord(a.Value))
			}
			continue
		}
		c.Assigns = append(c.Assigns, s.readAssign(a))
		w.readWord(a.Value)
	}
	c.setName()
	s.Commands = append(s.Commands, c)
}

// readWord reads the commands in the substitutions of x.
func (w *walker) readWord(x *syntax.Word) {
	if x == nil || w.script.Mixed { // the outer shell runs those
		return
	}
	for _, part := range x.Parts {
		if !plain(part) {
			w.readInside(part)
		}
	}
}

// plain reports whether part certainly has no commands in it, as most parts.
func plain(part syntax.WordPart) bool {
	switch x := part.(type) {
	case *syntax.Lit, *syntax.SglQuoted:
		return true
	case *syntax.ParamExp:
		return x.Short && x.Index == nil
	case *syntax.DblQuoted:
		for _, p := range x.Parts {
			if !plain(p) {
				return false
			}
		}
		return true
	}
	return false
}

// readInside reads the outermost statements below n.
func (w *walker) readInside(n syntax.Node) {
	pipefail := w.pipefail
	syntax.Walk(n, func(n syntax.Node) bool {
		if s, ok := n.(*syntax.Stmt); ok {
			w.readStmt(s, true)
			return false
		}
		return true
	})
	w.pipefail = pipefail
}
