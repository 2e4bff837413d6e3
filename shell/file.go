package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// ReadFile parses the text of a script file as the program called by reads it; if that is "", as the shell that its first line names,
// or sh without one. Places count in bytes of the file, and no variable of a Dockerfile is known in it. The Dialect is Other where no
// POSIX-like shell runs it.
func ReadFile(text, by string) *Script {
	s := &Script{Step: new(plan.Step), Text: parser.Text{String: text}}
	words := []string{by}
	if by == "" {
		var ok bool
		if words, ok = Shebang(text); !ok {
			words = []string{"sh"}
		}
	}
	s.dialect(words)
	s.parse()
	return s
}

// Shebang are the words of the `#!` line that text begins with: the interpreter, and what follows it. ok is false without one.
func Shebang(text string) (words []string, ok bool) {
	line, ok := strings.CutPrefix(text, "#!")
	if !ok {
		return nil, false
	}
	line, _, _ = strings.Cut(line, "\n")
	words = strings.Fields(line)
	return words, len(words) > 0
}

// Tails are the commands that s may end with, each in the foreground, as a child of the shell that waits for it: one for each
// branch of a last `if` or `case`. There are none where that is not sure, or where the script takes care of signals and children
// itself: it has a trap, a wait, an exec or a command in the background. Of a command that another one runs it is the inner one.
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
	ends(s.File.Stmts, func(stmt *syntax.Stmt) {
		for _, c := range slices.Backward(s.Commands) {
			if c.Stmt == stmt {
				tails = append(tails, c) // wrappers stand before what they wrap
				return
			}
		}
	})
	return tails
}

// ends calls f for each simple command that a list may end with.
func ends(list []*syntax.Stmt, f func(*syntax.Stmt)) {
	if len(list) == 0 || list[len(list)-1].Negated {
		return
	}
	last := list[len(list)-1]
	switch cmd := last.Cmd.(type) {
	case *syntax.CallExpr:
		f(last)
	case *syntax.BinaryCmd:
		if cmd.Op == syntax.AndStmt {
			ends([]*syntax.Stmt{cmd.Y}, f)
		}
	case *syntax.Block:
		ends(cmd.Stmts, f)
	case *syntax.IfClause:
		for c := cmd; c != nil; c = c.Else {
			ends(c.Then, f)
		}
	case *syntax.CaseClause:
		for _, item := range cmd.Items {
			ends(item.Stmts, f)
		}
	}
}
