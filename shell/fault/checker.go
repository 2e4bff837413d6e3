package fault

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/shell"
)

// checker walks one script once and looks for all kinds of faults on the way.
type checker struct {
	script      *shell.Script
	text        string
	firstLine   int                     // how many bytes of the text the first line has
	posix       bool                    // sh runs the script, or may run it
	doubt       string                  // that of each Bashism
	errexit     bool                    // the script stops at the first command that fails, because of `set -e` or SHELL
	byShell     bool                    // errexit comes from SHELL only
	vars        vars                    // at the point that the walk has reached
	environment map[string]bool         // the answers of exported
	functions   map[string]*syntax.Stmt // the bodies of functions that are declared and not yet called
	defined     map[string]definition   // by variable
	used        map[string]bool         // by variable
	sourced     bool                    // code that is not in the script may read its variables
	loops       int                     // how many loops the walk is in
	faults      []Fault
}

func (c *checker) run() {
	c.readOptions()
	if c.firstLine = strings.IndexByte(c.text, '\n'); c.firstLine < 0 {
		c.firstLine = len(c.text)
	}
	stmts := c.script.File.Stmts
	for i, stmt := range stmts {
		c.checkStmt(stmt, i == len(stmts)-1, false)
	}
	for len(c.functions) > 0 { // those that nothing calls
		for _, name := range slices.Sorted(maps.Keys(c.functions)) {
			c.enterFunction(name)
		}
	}
	c.reportUnused()
}

// readOptions finds out which shell runs the script and with which options.
func (c *checker) readOptions() {
	s := c.script
	switch {
	case s.Dialect == shell.POSIX:
		c.posix = s.Shell == "sh" || s.Shell == "dash"
	case s.Outer == nil && s.Step.OnBuild && s.Step.Shell.Step != nil:
		c.posix, c.doubt = true, fmt.Sprintf("`SHELL` sets `%s` for this step", s.Shell)
	}
	if s.Outer != nil && s.Outer.Name == "eval" {
		c.sourced = true
	}
	for _, cmd := range s.Commands {
		if cmd.Script == s {
			c.errexit = c.errexit || cmd.SwitchesOn('e', "errexit")
			c.sourced = c.sourced || cmd.SwitchesOn('a', "allexport")
		}
	}
	if !c.errexit && s.Errexit() {
		c.errexit, c.byShell = true, s.Outer == nil && !strings.HasPrefix(c.text, "#!")
	}
}

// maxFaults bounds the faults of a script. Nobody reads so many, and each takes memory. Beyond it only the last one is kept.
const maxFaults = 50_000

// report adds a fault that spans the bytes of the text from start to end. The result is valid until the next report.
func (c *checker) report(kind Kind, code string, start, end int, text string) *Fault {
	if len(c.faults) == maxFaults {
		c.faults = c.faults[:maxFaults-1]
	}
	c.faults = append(c.faults, Fault{Kind: kind, Code: code, Span: c.script.Text.Span(start, end), At: start, Text: text})
	return c.last()
}

// last is the fault that was reported last.
func (c *checker) last() *Fault { return &c.faults[len(c.faults)-1] }

// reportNode is report for a fault that spans all of n.
func (c *checker) reportNode(kind Kind, code string, n syntax.Node, text string) *Fault {
	return c.report(kind, code, offset(n), end(n), text)
}

// offset and end are the range of n in the text, in bytes.
//
//go:noinline
func offset(n syntax.Node) int { return int(n.Pos().Offset()) }

//go:noinline
func end(n syntax.Node) int { return int(n.End().Offset()) }

// source is how n is written.
func (c *checker) source(n syntax.Node) string { return c.text[offset(n):end(n)] }

// checkStmt checks one statement. last says that the script ends with it, chained that `&&`, `||` or a condition reads
// its status.
func (c *checker) checkStmt(s *syntax.Stmt, last, chained bool) {
	if s.Negated && !last && !chained {
		c.reportNegation(s)
	}
	switch cmd := s.Cmd.(type) {
	case *syntax.CallExpr:
		c.checkCall(cmd, chained)
	case *syntax.BinaryCmd:
		c.checkBinary(cmd, chained)
	case *syntax.Subshell:
		c.checkDoubleParen(cmd)
		c.inSubshell(func() { c.checkGroup(cmd.Stmts, chained) })
	case *syntax.Block:
		c.checkGroup(cmd.Stmts, chained)
	case *syntax.IfClause:
		c.checkIf(cmd)
	case *syntax.WhileClause:
		c.checkLoop(cmd.Cond, cmd.Do)
	case *syntax.ForClause:
		c.checkFor(cmd)
	case *syntax.CaseClause:
		c.checkCase(cmd)
	case *syntax.FuncDecl:
		c.declareFunction(cmd)
	case *syntax.TimeClause:
		if cmd.Stmt != nil {
			c.checkStmt(cmd.Stmt, last, chained)
		}
	case *syntax.DeclClause:
		c.checkDeclClause(cmd)
	case nil:
	default:
		c.checkBashCommand(cmd)
	}
	for _, r := range s.Redirs {
		c.checkRedirect(r)
	}
}

func (c *checker) checkList(stmts []*syntax.Stmt) {
	for _, s := range stmts {
		c.checkStmt(s, false, false)
	}
}

// checkGroup checks a list whose status is that of its last statement. chained says that something reads this status.
func (c *checker) checkGroup(stmts []*syntax.Stmt, chained bool) {
	for i, s := range stmts {
		c.checkStmt(s, false, chained && i == len(stmts)-1)
	}
}

func (c *checker) checkBinary(cmd *syntax.BinaryCmd, chained bool) {
	if cmd.Op == syntax.Pipe || cmd.Op == syntax.PipeAll {
		c.checkPipe(cmd)
		return
	}
	if !chained {
		c.checkAndOr(cmd)
	}
	c.checkStmt(cmd.X, false, true)
	before := c.vars.copy()
	// At the end of a chain a `cd` is as unguarded as outside of one. A `!` is not: its status is that of the chain.
	if call, ok := cmd.Y.Cmd.(*syntax.CallExpr); ok && !cmd.Y.Negated {
		c.checkCall(call, chained)
		for _, r := range cmd.Y.Redirs {
			c.checkRedirect(r)
		}
	} else {
		c.checkStmt(cmd.Y, false, true)
	}
	c.vars.join(before, c)
}

// name is the literal name of a simple command, "" for any other statement.
func name(s *syntax.Stmt) string {
	if call, ok := s.Cmd.(*syntax.CallExpr); ok && len(call.Args) > 0 {
		return call.Args[0].Lit()
	}
	return ""
}

// checkPipe checks the parts of a pipeline. Each runs in its own subshell.
func (c *checker) checkPipe(cmd *syntax.BinaryCmd) {
	if cmd.Op == syntax.PipeAll {
		c.reportBashism("SC3029", int(cmd.OpPos.Offset()), int(cmd.OpPos.Offset())+2, "`|&`", syntaxError)
	}
	c.checkFindToXargs(cmd)
	for _, part := range []*syntax.Stmt{cmd.X, cmd.Y} {
		c.inSubshell(func() { c.checkStmt(part, false, true) })
	}
}

// inSubshell calls f and then restores the variables.
func (c *checker) inSubshell(f func()) {
	before := c.vars.copy()
	f()
	c.vars = before
}

func (c *checker) checkIf(cmd *syntax.IfClause) {
	var ends []vars
	open := true // there is no else yet, so all conditions may be false
	for i := cmd; i != nil; i = i.Else {
		if i.ThenPos.IsValid() && len(i.Cond) > 0 {
			c.checkGroup(i.Cond, true)
			before := c.vars.copy()
			c.checkList(i.Then)
			ends = append(ends, c.vars)
			c.vars = before
			continue
		}
		c.checkList(i.Then)
		ends, open = append(ends, c.vars), false
	}
	c.joinBranches(ends, open)
}

func (c *checker) checkCase(cmd *syntax.CaseClause) {
	c.checkWord(cmd.Word, role{})
	var ends []vars
	open := true
	for _, item := range cmd.Items {
		if item.Op != syntax.Break && item.OpPos.IsValid() {
			at := int(item.OpPos.Offset())
			c.reportBashism("", at, at+len(item.Op.String()), "`"+item.Op.String()+"`", syntaxError)
		}
		for _, p := range item.Patterns {
			c.checkWord(p, role{})
			open = open && p.Lit() != "*"
		}
		before := c.vars.copy()
		c.checkList(item.Stmts)
		ends = append(ends, c.vars)
		c.vars = before
	}
	c.joinBranches(ends, open)
}

// joinBranches joins the variables at the ends of branches. open says that the script may have taken none of them.
func (c *checker) joinBranches(ends []vars, open bool) {
	if !open {
		c.vars = ends[0]
		ends = ends[1:]
	}
	for _, end := range ends {
		c.vars.join(end, c)
	}
}

// maxLoops bounds how deeply nested loops are read ahead, because the cost grows with the square of the depth.
const maxLoops = 3

// checkLoop checks a loop, whose body may not run at all, or may run again after it has set variables.
func (c *checker) checkLoop(cond, body []*syntax.Stmt) {
	c.readAhead(body)
	c.checkGroup(cond, true)
	before := c.vars.copy()
	c.loops++
	c.checkList(body)
	c.loops--
	c.vars.join(before, c)
}

// readAhead records what the body of a loop assigns, for its second turn.
func (c *checker) readAhead(body []*syntax.Stmt) {
	if c.loops >= maxLoops {
		return
	}
	for _, s := range body {
		syntax.Walk(s, func(n syntax.Node) bool {
			if a, ok := n.(*syntax.Assign); ok && a.Name != nil && c.valueContent(a.Value) == dirty {
				c.vars.set(a.Name.Value, dirty)
			}
			return true
		})
	}
}

func (c *checker) checkFor(cmd *syntax.ForClause) {
	if cmd.Select {
		c.reportBashism("SC3008", offset(cmd), offset(cmd)+len("select"), "`select`", syntaxError)
	}
	switch l := cmd.Loop.(type) {
	case *syntax.WordIter:
		value := dirty
		if l.InPos.IsValid() {
			value = empty
		}
		for _, item := range l.Items {
			c.checkWord(item, role{})
			value = value.and(c.itemContent(item))
		}
		c.checkOneTurn(l.Items)
		c.readAhead(cmd.Do)
		c.define(l.Name.Value, offset(cmd), offset(l.Name), value)
		c.markForced(l.Name.Value)
	case *syntax.CStyleLoop:
		c.reportBashismAt("SC3005", l, "`for ((…))`", syntaxError)
		c.checkBashArithm(l.Init, l.Cond, l.Post)
	}
	c.checkLoop(nil, cmd.Do)
}

// itemContent is the content of an item of the list of a `for`.
func (c *checker) itemContent(x *syntax.Word) content {
	for _, part := range x.Parts {
		if _, ok := part.(*syntax.ParamExp); ok {
			return dirty
		}
	}
	return c.valueContent(x)
}

func (c *checker) declareFunction(f *syntax.FuncDecl) {
	if f.Name == nil || f.Body == nil {
		return
	}
	if f.RsrvWord {
		code := "SC2113"
		if f.Parens {
			code = "SC2112"
		}
		c.reportBashism(code, offset(f), offset(f)+len("function"), "the keyword `function`", syntaxError)
	} else if !syntax.ValidName(f.Name.Value) {
		c.reportBashism("SC3033", offset(f), end(f.Name), "a function named `"+f.Name.Value+"`", syntaxError)
	}
	if c.functions == nil {
		c.functions = map[string]*syntax.Stmt{}
	}
	c.functions[f.Name.Value] = f.Body
}

// enterFunction checks the body of a function at its first call, with the variables as they are there.
func (c *checker) enterFunction(name string) {
	if body := c.functions[name]; body != nil {
		delete(c.functions, name)
		dead := c.vars.dead
		c.checkStmt(body, false, false)
		c.vars.dead = dead
	}
}
