package container

import "mvdan.cc/sh/v3/syntax"

// Succeeds reports whether stmt is a command that does nothing but succeed, such as `true`, `exit 0` or an `echo`. words
// are those that say so.
func Succeeds(stmt *syntax.Stmt) (words string, ok bool) {
	call, ok := stmt.Cmd.(*syntax.CallExpr)
	if !ok || len(call.Args) == 0 || stmt.Negated {
		return "", false
	}
	switch name := call.Args[0].Lit(); name {
	case "true", ":", "echo", "printf":
		return name, true
	case "exit", "return":
		return name + " 0", len(call.Args) == 2 && call.Args[1].Lit() == "0"
	}
	return "", false
}
