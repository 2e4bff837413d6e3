package fault

import "mvdan.cc/sh/v3/syntax"

// checkAndOr reports `a && b || c` where b may fail, so that c runs after it, and c is more than a fallback.
func (c *checker) checkAndOr(cmd *syntax.BinaryCmd) {
	if cmd.Op != syntax.OrStmt {
		return
	}
	and, ok := cmd.X.Cmd.(*syntax.BinaryCmd)
	if !ok || and.Op != syntax.AndStmt {
		return
	}
	then, ok := and.Y.Cmd.(*syntax.CallExpr)
	other, ok2 := cmd.Y.Cmd.(*syntax.CallExpr)
	if !ok || !ok2 || len(then.Args) == 0 || len(other.Args) == 0 {
		return
	}
	switch name(and.Y) { // these do not fail, except for tests, which are meant to
	case "[", "test", "[[", "echo", "printf", "true", ":", "exit", "return", "export":
		return
	}
	switch name(cmd.Y) {
	case "true", ":", "false", "exit", "return", "echo", "printf":
		return
	}
	at := int(and.OpPos.Offset())
	f := c.report(AndOrAsIfElse, "SC2015", at, at+2, c.source(then.Args[0]))
	f.Other, f.OtherSpan = c.source(other.Args[0]), c.script.Text.Span(offset(other.Args[0]), end(other.Args[0]))
}
