package fault

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// role is what a word is to its command.
type role struct {
	splits  bool // the shell splits the values of unquoted expansions
	command bool // the word names the command
	program bool // the word may be a program in a language in which `$` has a meaning, too
	sed     bool // the word may be a program for sed
}

func (c *checker) checkWord(x *syntax.Word, as role) {
	if x == nil {
		return
	}
	if len(x.Parts) == 1 {
		if lit, ok := x.Parts[0].(*syntax.Lit); ok {
			c.checkBackslashes(lit, as, true)
			c.checkDollarBracket(lit)
			c.checkBraces(x)
			return
		}
	}
	for i, part := range x.Parts {
		switch part := part.(type) {
		case *syntax.Lit:
			c.checkBackslashes(part, as, i == 0)
			c.checkDollarBracket(part)
			if c.posix && i+1 < len(x.Parts) && strings.HasSuffix(part.Value, "$") {
				c.checkDollarQuote(end(part)-1, x.Parts[i+1])
			}
		case *syntax.SglQuoted:
			c.checkSingleQuoted(part, as)
		default:
			c.checkExpansion(part, as.splits)
		}
	}
	c.checkBraces(x)
}

// checkExpansion checks a part of a word that is neither literal nor in single quotes. splits says that the shell
// splits its value.
func (c *checker) checkExpansion(part syntax.WordPart, splits bool) {
	switch p := part.(type) {
	case *syntax.DblQuoted:
		if p.Dollar {
			c.reportBashismAt("SC3004", p, "`$\"…\"`", "keeps the `$` as text")
		}
		for _, q := range p.Parts {
			switch q := q.(type) {
			case *syntax.Lit:
				c.checkDollarBracket(q)
			case *syntax.SglQuoted:
			default:
				c.checkExpansion(q, false)
			}
		}
	case *syntax.ParamExp:
		if splits {
			c.checkVariable(p)
		}
		c.checkParam(p)
	case *syntax.CmdSubst:
		if splits {
			c.reportSplitOutput(p)
		}
		c.checkBackticks(p)
		if len(p.Stmts) == 1 && p.Stmts[0].Cmd == nil && len(p.Stmts[0].Redirs) == 1 && !p.Backquotes {
			c.reportBashismAt("SC3034", p, "`$(<file)`", "reads nothing")
		}
		c.checkSubstitution(p.Stmts)
	case *syntax.ArithmExp:
		if p.Bracket {
			c.reportBashismAt("SC3007", p, "`$[…]`", "does not expand it")
		}
		c.checkArithm(p.X)
	case *syntax.ProcSubst:
		c.reportBashismAt("SC3001", p, "`"+p.Op.String()+"…)`", syntaxError)
		c.checkSubstitution(p.Stmts)
	case *syntax.ExtGlob:
		c.reportBashismAt("SC3002", p, "an extended glob", syntaxError)
	}
}

// checkSubstitution checks the commands of a substitution. `set -e` is off in it: its failures are those of another
// shell.
func (c *checker) checkSubstitution(stmts []*syntax.Stmt) {
	errexit := c.errexit
	c.errexit = false
	c.inSubshell(func() { c.checkList(stmts) })
	c.errexit = errexit
}

// literalIndex is the index of an array element if it is literal, else "".
func literalIndex(p *syntax.ParamExp) string {
	w, ok := p.Index.(*syntax.Word)
	if !ok {
		return ""
	}
	return w.Lit()
}

// checkParam records that a variable is read, and checks the words inside its expansion.
func (c *checker) checkParam(p *syntax.ParamExp) {
	if p.Param != nil {
		c.use(p.Param.Value)
	}
	if c.posix {
		c.checkBashParam(p)
	}
	if p.Index != nil {
		c.checkArithm(p.Index)
	}
	if p.Exp != nil && p.Exp.Word != nil {
		c.checkInner(p.Exp.Word)
		if p.Exp.Op == syntax.AssignUnset || p.Exp.Op == syntax.AssignUnsetOrNull {
			c.vars.set(p.Param.Value, dirty)
		}
	}
	if p.Repl != nil {
		c.checkInner(p.Repl.Orig)
		c.checkInner(p.Repl.With)
	}
	if p.Slice != nil {
		c.checkArithm(p.Slice.Offset)
		c.checkArithm(p.Slice.Length)
	}
}

// checkInner checks a word inside an expansion.
func (c *checker) checkInner(x *syntax.Word) {
	if x == nil {
		return
	}
	for _, part := range x.Parts {
		switch part.(type) {
		case *syntax.Lit, *syntax.SglQuoted:
		default:
			c.checkExpansion(part, false)
		}
	}
}

// checkArithm records the variables that an arithmetic expression reads.
func (c *checker) checkArithm(x syntax.ArithmExpr) {
	if x == nil {
		return
	}
	syntax.Walk(x, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Word:
			if lit := n.Lit(); syntax.ValidName(lit) {
				c.use(lit)
			}
		case *syntax.ParamExp:
			c.checkParam(n)
			return false
		case *syntax.CmdSubst:
			c.checkExpansion(n, false)
			return false
		case *syntax.UnaryArithm:
			if n.Op == syntax.Inc || n.Op == syntax.Dec {
				c.reportBashismAt("SC3018", n, "`"+n.Op.String()+"`", arithmeticError)
			}
		case *syntax.BinaryArithm:
			if n.Op == syntax.Pow {
				c.reportBashismAt("SC3019", n, "`**`", arithmeticError)
			}
		}
		return true
	})
}

func (c *checker) checkRedirect(r *syntax.Redirect) {
	at := int(r.OpPos.Offset())
	op := r.Op.String()
	switch {
	case r.Op == syntax.RdrAll, r.Op == syntax.AppAll:
		c.reportBashism("SC3020", at, at+len(op), "`"+op+"`", "runs the command before `"+op+"` in the background")
	case r.Op == syntax.WordHdoc:
		c.reportBashism("SC3011", at, at+len(op), "`<<<`", syntaxError)
		c.checkWord(r.Word, role{splits: true})
		return
	case r.Op == syntax.DplOut && r.N == nil && strings.Trim(r.Word.Lit(), "0123456789-") != "":
		c.reportBashism("SC3021", at, at+len(op), "`>&` to a file", syntaxError)
	}
	if r.N != nil && strings.HasPrefix(r.N.Value, "{") {
		c.reportBashismAt("SC3022", r.N, "a named file descriptor", "treats it as an argument")
	} else if r.N != nil && len(r.N.Value) > 1 {
		c.reportBashismAt("SC3023", r.N, "a file descriptor above 9", "treats the number as an argument")
	}
	if lit := r.Word.Lit(); strings.HasPrefix(lit, "/dev/tcp/") || strings.HasPrefix(lit, "/dev/udp/") {
		c.reportBashismAt("SC3025", r.Word, "a redirection to `/dev/tcp` or `/dev/udp`", "looks for a file with that name")
	}
	if r.Hdoc == nil {
		c.checkWord(r.Word, role{splits: true})
		return
	}
	for _, part := range r.Hdoc.Parts {
		if _, ok := part.(*syntax.Lit); !ok {
			c.checkExpansion(part, false)
		}
	}
}
