package fault

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/internal/lazy"
)

// What a shell does that lacks a feature: see Fault.Effect.
const (
	arithmeticError = "fails with an arithmetic error"
	syntaxError     = "fails with a syntax error"
	badSubstitution = "fails with `Bad substitution`"
	notFound        = "does not have this command"
	notCommand      = "tries to run it as a command and fails"
	keepsDollar     = "keeps the `$` as text and does not expand the escapes"
	rejectsFlag     = "rejects the flag"
	rejectsOperator = "rejects it as an unexpected operator, so the test fails"
)

// reportBashism reports a feature that POSIX does not give sh, from start to end of the text. effect is as in Fault. It
// does nothing if sh does not run the script.
func (c *checker) reportBashism(code string, start, end int, what, effect string) {
	if !c.posix {
		return
	}
	f := c.report(Bashism, code, start, end, what)
	f.Effect, f.Doubt, f.Foreign = effect, c.doubt, c.doubt != ""
	// A shell reads line by line and may have exited on an earlier one.
	f.Fatal = effect == syntaxError && start <= c.firstLine
	if effect == "" && f.Doubt == "" {
		f.Doubt = "the shells commonly used as `sh` support it"
	}
}

// reportBashismAt is reportBashism for a feature that spans all of n.
func (c *checker) reportBashismAt(code string, n syntax.Node, what, effect string) {
	c.reportBashism(code, offset(n), end(n), what, effect)
}

// checkDollarQuote reports `$'…'` and `$"…"`, which the POSIX grammar reads as a dollar sign, at the offset at, before
// quotes.
func (c *checker) checkDollarQuote(at int, next syntax.WordPart) {
	switch q := next.(type) {
	case *syntax.SglQuoted:
		c.reportBashism("SC3003", at, end(q), "`$'…'`", keepsDollar)
	case *syntax.DblQuoted:
		c.reportBashism("SC3004", at, end(q), "`$\"…\"`", "keeps the `$` as text")
	}
}

// checkBashParam reports expansions that only bash has, and variables that only bash sets.
func (c *checker) checkBashParam(p *syntax.ParamExp) {
	switch {
	case p.Excl && p.Names != 0:
		c.reportBashismAt("SC3056", p, "listing variables by prefix", badSubstitution)
	case p.Excl && p.Index != nil:
		c.reportBashismAt("SC3055", p, "listing the keys of an array", badSubstitution)
	case p.Excl:
		c.reportBashismAt("SC3053", p, "indirect expansion", badSubstitution)
	case p.Index != nil:
		c.reportBashismAt("SC3054", p, "array indexing", badSubstitution)
	case p.Slice != nil:
		c.reportBashismAt("SC3057", p, "substring expansion", badSubstitution)
	case p.Repl != nil:
		c.reportBashismAt("SC3060", p, "pattern replacement", badSubstitution)
	case p.Exp != nil && changesCase(p.Exp.Op):
		c.reportBashismAt("SC3059", p, "case conversion in an expansion", badSubstitution)
	case p.Exp != nil && p.Exp.Op == syntax.OtherParamOps:
		c.reportBashismAt("SC3058", p, "an `@` operator in an expansion", badSubstitution)
	}
	if p.Param == nil {
		return
	}
	switch p.Param.Value {
	case "RANDOM", "HOSTNAME", "SECONDS", "UID", "EUID", "PIPESTATUS", "OSTYPE", "BASH_SOURCE", "DIRSTACK", "MACHTYPE",
		"SHLVL", "FUNCNAME", "HOSTTYPE", "GROUPS":
		if _, set := c.vars.get(p.Param.Value); !set && !c.exported(p.Param.Value) {
			c.reportBashismAt("SC3028", p, "`$"+p.Param.Value+"`", "does not set it")
			if p.Param.Value == "HOSTNAME" {
				c.last().Doubt = "the builder may set the variable"
			}
		}
	}
}

func changesCase(op syntax.ParExpOperator) bool {
	return op == syntax.UpperFirst || op == syntax.UpperAll || op == syntax.LowerFirst || op == syntax.LowerAll
}

// checkBashCommand reports compound commands that only bash and ksh have.
func (c *checker) checkBashCommand(cmd syntax.Command) {
	switch cmd := cmd.(type) {
	case *syntax.TestClause:
		at := offset(cmd)
		if op := c.checkTest(cmd.X); op > 0 && c.posix {
			c.reportBashism("SC3014", at, at+2, "`[[ … == … ]]`", notFound)
			c.last().At = op
		} else {
			c.reportBashism("SC3010", at, at+2, "`[[`", notFound)
		}
	case *syntax.ArithmCmd:
		c.reportBashismAt("SC3006", cmd, "`((…))`", "runs it as commands in subshells")
		c.checkBashArithm(cmd.X)
	case *syntax.LetClause:
		c.reportBashism("SC3039", offset(cmd), offset(cmd)+len("let"), "`let`", notFound)
		c.checkBashArithm(cmd.Exprs...)
	case *syntax.CoprocClause:
		c.reportBashism("SC3032", offset(cmd), offset(cmd)+len("coproc"), "`coproc`", notFound)
		c.inSubshell(func() { c.checkStmt(cmd.Stmt, false, true) })
	}
}

// arithmetic matches what people write in `((…))`: an assignment, a comparison or an increment.
var arithmetic = lazy.Regexp{
	Expr: `^\(\(\s*(?:[A-Za-z_]\w*\s*(?:\+\+|--|(?:[-+*/%]?=|[<>=!]=|[<>])\s*[\w$]+)|(?:\+\+|--)\w+)\s*\)\)$`,
}

// checkDoubleParen reports `((…))`, which the POSIX grammar reads as a subshell in a subshell.
func (c *checker) checkDoubleParen(s *syntax.Subshell) {
	if text := c.source(s); c.posix && strings.HasPrefix(text, "((") && arithmetic.Get().MatchString(text) {
		c.reportBashismAt("SC3006", s, "`((…))`", "runs it as commands in subshells")
	}
}

// checkDollarBracket reports `$[…]`, which the POSIX grammar reads as text. lit is a part of a word.
func (c *checker) checkDollarBracket(lit *syntax.Lit) {
	at := end(lit) - 1
	if lit.Value != "$" || !c.posix || !strings.HasPrefix(c.text[at:], "$[") {
		return
	}
	if n := strings.IndexByte(c.text[at:], ']'); n > 0 && strings.ContainsAny(c.text[at:at+n], "+-*/") {
		c.reportBashism("SC3007", at, at+n+1, "`$[…]`", "does not expand it")
	}
}

// checkBashArithm is checkArithm for a construct that is not POSIX as a whole, so that its parts are not reported as
// well.
func (c *checker) checkBashArithm(exprs ...syntax.ArithmExpr) {
	posix := c.posix
	c.posix = false
	for _, x := range exprs {
		c.checkArithm(x)
	}
	c.posix = posix
}

// checkTest checks the words of a `[[` and returns the offset of its last `==`, 0 if there is none.
func (c *checker) checkTest(x syntax.TestExpr) (equals int) {
	switch x := x.(type) {
	case *syntax.Word:
		c.checkTestWord(x)
	case *syntax.UnaryTest:
		return c.checkTest(x.X)
	case *syntax.ParenTest:
		return c.checkTest(x.X)
	case *syntax.BinaryTest:
		left, right := c.checkTest(x.X), c.checkTest(x.Y)
		at := int(x.OpPos.Offset())
		if x.Op == syntax.TsMatch && strings.HasPrefix(c.text[at:], "==") {
			left = at
		}
		return max(left, right)
	}
	return 0
}

// checkTestWord checks a word of a `[[`, where nothing is split.
func (c *checker) checkTestWord(x *syntax.Word) {
	for _, part := range x.Parts {
		switch p := part.(type) {
		case *syntax.Lit: // a pattern may contain backslashes
		case *syntax.SglQuoted:
			c.checkSingleQuoted(p, role{})
		default:
			c.checkExpansion(part, false)
		}
	}
}
