package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// ReadFile reads the text of a script file as the program with the name by would; if that is "", as the shell in its
// first line would, or sh if there is none. Spans are in bytes of the file, and it sees no variables of a Dockerfile.
// The Dialect is Other if no POSIX-like shell runs it.
func ReadFile(text, by string) *Script {
	s := &Script{Step: new(plan.Step), Text: parser.Text{String: text}}
	words := []string{by}
	if by == "" {
		var ok bool
		if words, ok = Shebang(text); !ok {
			words = []string{"sh"}
		}
	}
	s.setShell(words)
	s.parse()
	return s
}

// Shebang is the `#!` line at the start of text, in words: the interpreter and its argument. ok is false if there is
// none.
func Shebang(text string) (words []string, ok bool) {
	line, ok := strings.CutPrefix(text, "#!")
	if !ok {
		return nil, false
	}
	line, _, _ = strings.Cut(line, "\n")
	words = strings.Fields(line)
	return words, len(words) > 0
}

// Tails are the commands that may be the last one of s, running as a child of the shell that waits for it: one for each
// branch of a final `if` or `case`. If a command runs another one, it is the inner one. There are none if that is not
// certain, and if the script handles signals and children itself with a trap, a wait, an exec or a command in the
// background.
func (s *Script) Tails() []*Command {
	if s.File == nil || len(s.File.Stmts) == 0 {
		return nil
	}
	for _, c := range s.Commands {
		switch c.Name {
		case "trap", "wait", "coproc":
			return nil
		case "exec":
			if len(c.Words) > 1 {
				return nil
			}
		}
	}
	background := false
	syntax.Walk(s.File, func(n syntax.Node) bool {
		if stmt, ok := n.(*syntax.Stmt); ok {
			background = background || stmt.Background || stmt.Coprocess
		}
		return !background
	})
	if background {
		return nil
	}
	var tails []*Command
	for _, stmt := range appendEnds(nil, s.File.Stmts) {
		for _, c := range slices.Backward(s.Commands) { // the inner command comes after the one that runs it
			if c.Stmt == stmt {
				tails = append(tails, c)
				break
			}
		}
	}
	return tails
}

// appendEnds appends to ends each simple command that may be the last one of list.
func appendEnds(ends, list []*syntax.Stmt) []*syntax.Stmt {
	if len(list) == 0 || list[len(list)-1].Negated {
		return ends
	}
	last := list[len(list)-1]
	switch cmd := last.Cmd.(type) {
	case *syntax.CallExpr:
		ends = append(ends, last)
	case *syntax.BinaryCmd:
		if cmd.Op == syntax.AndStmt {
			ends = appendEnds(ends, []*syntax.Stmt{cmd.Y})
		}
	case *syntax.Block:
		ends = appendEnds(ends, cmd.Stmts)
	case *syntax.IfClause:
		for c := cmd; c != nil; c = c.Else {
			ends = appendEnds(ends, c.Then)
		}
	case *syntax.CaseClause:
		for _, item := range cmd.Items {
			ends = appendEnds(ends, item.Stmts)
		}
	}
	return ends
}
