package scripts

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/shell"
)

// reach is how many commands after a download may need what it installs. It bounds the work on hostile scripts.
const reach = 20

// missed is the first command after c, in the same list of `&&`, that fails if c installs nothing: one that needs a file of which nothing
// before it speaks, or a program that the address of c names; nil if there is none.
func missed(c *shell.Command) *shell.Command {
	end := c.Span.End
	for to := c.PipeTo; to != nil; to = to.PipeTo {
		end = to.Span.End
	}
	step := c.Script.Step.Instruction
	before := step.Text.String
	if i := strings.Index(before, c.Words[0].Text); i >= 0 {
		before = before[:i]
	}
	written := map[string]bool{} // by redirections of the pipe, even if the download fails
	for to := c; to != nil; to = to.PipeTo {
		if to.Stmt == nil {
			continue
		}
		for _, r := range to.Stmt.Redirs {
			if r.Word != nil {
				written[path.Base(r.Word.Lit())] = true
			}
		}
	}
	looked := 0
	for _, later := range c.Script.Commands {
		if later.Span.Start < end {
			continue
		}
		if looked++; looked > reach {
			break
		}
		if later.Script != c.Script || later.Sub || len(later.Words) == 0 || !chained(c, later) {
			continue
		}
		if needs(later, before, written) || slices.ContainsFunc(c.Args(), func(w shell.Word) bool {
			return isWebAddress(w.Text) && strings.Contains(w.Text, "/"+later.Name+"/") && !strings.Contains(before, later.Name)
		}) {
			return later
		}
	}
	return nil
}

// chained reports whether only `&&` joins c to later, a command after it.
func chained(c, later *shell.Command) bool {
	if c.Script.File == nil {
		return false
	}
	for _, stmt := range c.Script.File.Stmts {
		if inside(c, stmt) && inside(later, stmt) {
			return onlyAnd(c, later, stmt)
		}
	}
	return false
}

// onlyAnd reports whether stmt is a list of `&&` that has both c and later in it.
func onlyAnd(c, later *shell.Command, stmt *syntax.Stmt) bool {
	list, ok := stmt.Cmd.(*syntax.BinaryCmd)
	switch {
	case !ok || list.Op != syntax.AndStmt || stmt.Negated:
		return false
	case inside(later, list.X):
		return onlyAnd(c, later, list.X)
	case inside(c, list.X):
		_, simple := list.Y.Cmd.(*syntax.CallExpr)
		return simple
	}
	return false
}

func inside(c *shell.Command, n syntax.Node) bool {
	s := c.Script.Span(n)
	return s.Start <= c.Span.Start && c.Span.End <= s.End
}

// needs reports whether c fails without a file that text does not name and that is not among written.
func needs(c *shell.Command, text string, written map[string]bool) bool {
	operands := c.Operands()
	switch c.Name {
	case "chmod", "chown":
		if len(operands) > 0 {
			operands = operands[1:]
		}
	case "mv", "cp", "ln", "install":
		operands = operands[:max(len(operands)-1, 0)]
		if c.Name == "ln" && c.Has("-s", "--symbolic") {
			operands = nil // a link may point to a file that does not exist
		}
	case "strip", "source", ".":
	default:
		operands = nil
		if strings.Contains(c.Words[0].Text, "/") && !strings.HasPrefix(c.Words[0].Text, "/bin/") && !strings.HasPrefix(c.Words[0].Text, "/usr/bin/") {
			operands = c.Words[:1]
		}
	}
	return slices.ContainsFunc(operands, func(w shell.Word) bool {
		name := path.Base(w.Text)
		if strings.HasPrefix(w.Text, "/") && strings.Count(w.Text, "/") == 1 {
			return false // such as /opt
		}
		return w.Literal && !strings.ContainsAny(name, "*?[$") && len(name) > 1 && !written[name] && !strings.Contains(text, name)
	})
}

// optional is the ARG without a default that decides whether c, in a branch, runs at all; "" if none does.
func optional(c *shell.Command) (name string) {
	if c.Script.File == nil || !strings.Contains(c.Script.Text.String, "if ") {
		return ""
	}
	syntax.Walk(c.Script.File, func(n syntax.Node) bool {
		if s, ok := n.(*syntax.Stmt); ok {
			return inside(c, s)
		}
		clause, ok := n.(*syntax.IfClause)
		if !ok || !inside(c, clause) || slices.ContainsFunc(clause.Cond, func(s *syntax.Stmt) bool { return inside(c, s) }) {
			return n == nil || !ok
		}
		for _, cond := range clause.Cond {
			syntax.Walk(cond, func(n syntax.Node) bool {
				if x, ok := n.(*syntax.ParamExp); ok && x.Param != nil {
					if v := c.Script.Step.Env.Lookup(x.Param.Value); v != nil && v.Arg && !v.Set {
						name = x.Param.Value
					}
				}
				return true
			})
		}
		return true
	})
	return name
}
