package shell

import "mvdan.cc/sh/v3/syntax"

// move is a command that changes the directory of its shell, or may change it.
type move struct {
	by     *Command
	at     *Command // by, or the eval in this script whose code it is in
	limits []limit  // those that it is in
}

// limit is a part of a script at whose end a change of the directory is undone, or need not have happened.
type limit struct {
	start, end uint // offsets in the script
	may        bool // it need not run; otherwise it is a subshell
}

// maxMoves bounds the changes that are followed in a script. Real ones have fewer than 20.
const maxMoves = 100

// holds reports whether the change holds for c, a later command of the same script, and whether that is certain.
func (m *move) holds(c *Command) (holds, certain bool) {
	if m.at.Stmt == nil || c.Stmt == nil {
		return !m.at.Sub || c.Sub, m.at.Sub == c.Sub
	}
	at := c.Stmt.Pos().Offset()
	for _, l := range m.limits {
		if at < l.start || at >= l.end {
			if !l.may {
				return false, true
			}
			return true, false
		}
	}
	return true, true
}

// moves are those in s, in order; open says that there are too many.
func (s *Script) moves() (list []move, open bool) {
	if s.moved == nil {
		s.moved = []move{}
		for _, c := range s.Commands {
			switch c.Name {
			case "cd", "pushd", "popd", "source", ".":
				if at := s.evaluates(c); at != nil {
					s.moved = append(s.moved, move{by: c, at: at})
				}
			}
		}
		if n := len(s.moved); n > 0 && n <= maxMoves && s.File != nil {
			s.readLimits()
		}
	}
	return s.moved, len(s.moved) > maxMoves
}

// evaluates is the command of s that is c, or that is the eval whose code c is in; nil if c is in another shell.
func (s *Script) evaluates(c *Command) *Command {
	for c.Script != s {
		if c.Sub || !c.Script.evaluated() {
			return nil
		}
		c = c.Script.Outer
	}
	return c
}

// movesIn reports whether one of the moves is in n.
func (s *Script) movesIn(n *syntax.Stmt) bool {
	start, end := n.Pos().Offset(), n.End().Offset()
	for i := range s.moved {
		if at := s.moved[i].at.Stmt; at != nil && start <= at.Pos().Offset() && at.Pos().Offset() < end {
			return true
		}
	}
	return false
}

// readLimits finds the limits that each move is in, the innermost first.
func (s *Script) readLimits() {
	add := func(start, end syntax.Pos, may bool) {
		if !start.IsValid() || !end.IsValid() {
			return
		}
		l := limit{start.Offset(), end.Offset(), may}
		for i := range s.moved {
			m := &s.moved[i]
			if m.at.Stmt == nil {
				continue
			}
			if at := m.at.Stmt.Pos().Offset(); l.start <= at && at < l.end {
				m.limits = append([]limit{l}, m.limits...)
			}
		}
	}
	whole := func(n syntax.Node, may bool) { add(n.Pos(), n.End(), may) }
	syntax.Walk(s.File, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Stmt:
			if _, ok := n.Cmd.(*syntax.CallExpr); ok && !s.movesIn(n) {
				return false
			}
			if n.Background {
				whole(n, false)
			}
		case *syntax.Subshell, *syntax.CmdSubst, *syntax.ProcSubst:
			whole(n, false)
		case *syntax.FuncDecl, *syntax.CaseItem:
			whole(n, true)
		case *syntax.BinaryCmd:
			switch {
			case isPipe(n.Op):
				whole(n.X, false)
				whole(n.Y, false)
			case n.Op == syntax.OrStmt:
				whole(n.Y, true)
			}
		case *syntax.IfClause:
			switch {
			case !n.ThenPos.IsValid(): // else
				whole(n, true)
			case n.Else != nil:
				add(n.ThenPos, n.Else.Pos(), true)
			default:
				add(n.ThenPos, n.FiPos, true)
			}
		case *syntax.WhileClause:
			add(n.DoPos, n.DonePos, true)
		case *syntax.ForClause:
			add(n.DoPos, n.DonePos, true)
		}
		return true
	})
}
