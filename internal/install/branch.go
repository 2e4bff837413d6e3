package install

import (
	"path"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/shell"
)

// Earlier is a file of the build context because of which call does not run: call is in an `elif` or `else`, and an earlier branch tests
// only whether the file is there. It is "" if call may run.
func (f *Facts) Earlier(call *shell.Call) string {
	c := call.Command
	if c.Stmt == nil || c.Script.File == nil || f.p.Context() == nil {
		return ""
	}
	found := ""
	syntax.Walk(c.Script.File, func(n syntax.Node) bool {
		first, ok := n.(*syntax.IfClause)
		if !ok || found != "" {
			return found == ""
		}
		there := ""
		for clause := first; clause != nil; clause = clause.Else {
			if there != "" && holds(clause.Then, c.Stmt) {
				found = there
				return false
			}
			if there == "" {
				there = f.tested(clause, call)
			}
		}
		return true
	})
	return found
}

// tested is the file of the build context if the condition of clause is that it is there, and it is.
func (f *Facts) tested(clause *syntax.IfClause, call *shell.Call) string {
	if len(clause.Cond) != 1 || clause.Cond[0].Negated {
		return ""
	}
	test, ok := clause.Cond[0].Cmd.(*syntax.CallExpr)
	if !ok || len(test.Args) < 3 {
		return ""
	}
	switch name := test.Args[0].Lit(); {
	case test.Args[1].Lit() != "-f" && test.Args[1].Lit() != "-e":
		return ""
	case name == "[" && len(test.Args) == 4, name == "test" && len(test.Args) == 3:
	default:
		return ""
	}
	name, at := test.Args[2].Lit(), call.Dir()
	if name == "" || path.IsAbs(name) || !at.Known {
		return ""
	}
	file, ok := f.File(call.Command.Script.Step, path.Join(at.Text, name))
	if !ok {
		return ""
	}
	return file
}

// holds reports whether stmt is one of list or in one.
func holds(list []*syntax.Stmt, stmt *syntax.Stmt) (is bool) {
	for _, s := range list {
		syntax.Walk(s, func(n syntax.Node) bool {
			is = is || n == syntax.Node(stmt)
			return !is
		})
	}
	return is
}
