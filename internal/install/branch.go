package install

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/plan"
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

// skipped reports whether call, below whole, does not run because it is in a branch that tests only whether a file is there that the build
// context lacks, and nothing else makes.
func (f *Facts) skipped(whole *plan.Step, call *shell.Call) bool {
	c, ctx := call.Command, f.p.Context()
	if c.Stmt == nil || c.Script.File == nil || ctx == nil || !whole.Copy.To.Known || len(whole.Copy.Sources) != 1 {
		return false
	}
	is := false
	syntax.Walk(c.Script.File, func(n syntax.Node) bool {
		clause, ok := n.(*syntax.IfClause)
		if !ok || is || !holds(clause.Then, c.Stmt) {
			return !is
		}
		if name := sought(clause, call); name != "" {
			file, within := relative(whole.Destination(), name)
			is = within && !ctx.Has(file) && !ctx.Hides(file) && !ctx.GitIgnored(file) && !f.mayBring(whole, call, name)
		}
		return !is
	})
	return is
}

// mayBring reports whether a step up to the one of call, other than whole, or a command above call may bring the file called name.
func (f *Facts) mayBring(whole *plan.Step, call *shell.Call, name string) bool {
	own := call.Command.Script.Step
	for before := range own.Before() {
		switch {
		case before == whole:
		case before.Copy != nil:
			if !before.Copy.To.Known || plan.Within(name, path.Clean(before.Destination())) {
				return true
			}
		case before.Instruction.Name == "RUN" && strings.Contains(before.Instruction.Text.String, path.Base(name)):
			return true
		}
	}
	return len(own.Mounts) > 0
}

// tested is the file of the build context if the condition of clause is that it is there, and it is.
func (f *Facts) tested(clause *syntax.IfClause, call *shell.Call) string {
	name := sought(clause, call)
	if name == "" {
		return ""
	}
	file, ok := f.File(call.Command.Script.Step, name)
	if !ok {
		return ""
	}
	return file
}

// sought is the path of the file in the image if the condition of clause is that it is there, "" for another condition.
func sought(clause *syntax.IfClause, call *shell.Call) string {
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
	word := test.Args[2]
	name, at := word.Lit(), call.Dir()
	if len(word.Parts) == 1 {
		if quoted, ok := word.Parts[0].(*syntax.DblQuoted); ok {
			name = (&syntax.Word{Parts: quoted.Parts}).Lit()
		}
	}
	if name == "" || path.IsAbs(name) || !at.Known {
		return ""
	}
	return path.Join(at.Text, name)
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
