package shell

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/parser"
)

// Kind is a fault of shell code, whatever the commands in it do.
type Kind int

// The kinds of faults.
const (
	UnquotedVariable      Kind = iota // its value is split at blanks and expanded as a glob
	UnquotedSubstitution              // so is a command's output
	MaskedStatus                      // `export A=$(cmd)` succeeds where cmd fails
	SingleQuotedExpansion             // `'$A'` stays as it is
	UselessEscape                     // `\d` outside of quotes is `d`
	BareGlob                          // `*` may match a name that begins with a dash
	Backquotes                        // the old form of `$(…)`
	OneTurnLoop                       // `for a in b`
	EchoEscapes                       // what `echo "\n"` prints hangs on the shell
	VariableFormat                    // `printf "$A"`
	UnusedVariable                    // set, never read
	InertNegation                     // `! cmd` does not stop a script under `set -e`
	UnguardedCd                       // the next command runs wherever a failed cd leaves it
	AndOrElse                         // `a && b || c` is no if-then-else
	FindToXargs                       // names with blanks come apart on the way
	DotArguments                      // `. file arg`: POSIX has no arguments there
	NonPOSIX                          // sh is not bound to know it
)

// Fault is one fault at one place of a script.
type Fault struct {
	Kind Kind
	Code string // ShellCheck's code for it, "" where it does not report it
	Span parser.Span
	// Text is what a message names: the variable, the word, the command; of NonPOSIX the feature.
	Text string
	// Effect says, of NonPOSIX, what a shell does that lacks the feature.
	Effect string
	Doubt  string // what would make it no fault
	// Printed says that hadolint prints it: of all that ShellCheck finds in one RUN, hadolint keeps the last.
	Printed bool
	at      int // where ShellCheck sees it, in Script.Text
}

// Faults are the faults of the script, in order. They are looked for on first use. A script in the default shell of a Windows
// image is read as if a POSIX shell ran it, as other tools do, and each fault is in doubt.
func (s *Script) Faults() []Fault {
	if !s.checked {
		s.checked = true
		s.faults = s.check()
	}
	return s.faults
}

func (s *Script) check() []Fault {
	doubt := ""
	if s.Dialect == Other && s.Shell == "cmd" && s.Step.Shell.Step == nil && !s.Exec {
		s = &Script{Step: s.Step, Dialect: POSIX, Shell: "sh", Text: s.Text}
		s.parse()
		for _, c := range s.Commands {
			if len(c.Words) > 0 && len(c.Words[0].Text) > 1 && c.Words[0].Text[0] == '[' && c.Name != "[[" {
				return nil // no POSIX shell reads PowerShell's `[Type]::Member`
			}
		}
		doubt = "the default shell of a Windows image is no POSIX shell"
	}
	if s.File == nil || s.Dialect == Zsh || s.Exec {
		return nil
	}
	c := checker{script: s, text: s.Text.String}
	c.run()
	slices.SortStableFunc(c.faults, func(a, b Fault) int { return cmp.Or(cmp.Compare(a.at, b.at), strings.Compare(a.Code, b.Code)) })
	last := -1
	for i, f := range c.faults {
		if f.Code != "" && (last < 0 || f.at > c.faults[last].at) {
			last = i
		}
		if doubt != "" {
			c.faults[i].Doubt = doubt
		}
	}
	if last >= 0 {
		c.faults[last].Printed = true
	}
	return c.faults
}

// checker walks one script once, for all faults.
type checker struct {
	script      *Script
	text        string
	posix       bool   // sh runs it, or may
	doubt       string // of each NonPOSIX
	errexit     bool   // the script stops at a command that fails: `set -e` is in it, or in SHELL
	byShell     bool   // it is in SHELL alone
	vars        vars
	environment map[string]bool         // what exported has found
	functions   map[string]*syntax.Stmt // declared and not yet called
	defined     map[string]definition
	used        map[string]bool
	sourced     bool // code that we do not see may read the script's variables
	loops       int  // loops around
	faults      []Fault
}

func (c *checker) run() {
	s := c.script
	switch {
	case s.Dialect == POSIX:
		c.posix = s.Shell == "sh" || s.Shell == "dash"
	case s.Step.OnBuild && s.Step.Shell.Step != nil:
		c.posix, c.doubt = true, fmt.Sprintf("SHELL says that `%s` runs it", s.Shell)
	}
	for _, cmd := range s.Commands {
		if cmd.Name == "set" {
			c.errexit = c.errexit || option(cmd.Args(), 'e', "errexit")
			c.sourced = c.sourced || option(cmd.Args(), 'a', "allexport")
		}
	}
	if words := s.Step.Shell.Words; !c.errexit && len(words) > 1 {
		for _, w := range words[1:] {
			if strings.HasPrefix(w, "-") && !strings.HasPrefix(w, "--") && strings.Contains(w, "e") {
				c.errexit, c.byShell = true, true
			}
		}
	}
	for i, stmt := range s.File.Stmts {
		c.stmt(stmt, i == len(s.File.Stmts)-1, false)
	}
	for len(c.functions) > 0 { // those that nothing calls
		for name := range c.functions {
			c.enter(name)
		}
	}
	c.unused()
}

// option reports whether the arguments of a `set` switch on the option of that letter or name.
func option(args []Word, letter byte, name string) bool {
	for i, w := range args {
		if strings.HasPrefix(w.Text, "-") && !strings.HasPrefix(w.Text, "--") && strings.IndexByte(w.Text, letter) > 0 {
			return true
		}
		if w.Text == name && i > 0 && strings.HasPrefix(args[i-1].Text, "-") && strings.HasSuffix(args[i-1].Text, "o") {
			return true
		}
	}
	return false
}

// report adds a fault that spans from start to end of the text.
func (c *checker) report(kind Kind, code string, start, end int, text string) *Fault {
	c.faults = append(c.faults, Fault{Kind: kind, Code: code, Span: c.script.Text.Span(start, end), Text: text, at: start})
	return &c.faults[len(c.faults)-1]
}

func (c *checker) node(kind Kind, code string, n syntax.Node, text string) *Fault {
	return c.report(kind, code, offset(n), int(n.End().Offset()), text)
}

func offset(n syntax.Node) int { return int(n.Pos().Offset()) }

// source is how n is written.
func (c *checker) source(n syntax.Node) string { return c.text[offset(n):n.End().Offset()] }

// stmt checks one statement. last says that the script ends with it; chained, that `&&`, `||` or a condition reads its status.
func (c *checker) stmt(s *syntax.Stmt, last, chained bool) {
	if s.Negated && c.errexit && !last && !chained {
		code := "SC2251"
		if c.byShell {
			code = ""
		}
		c.report(InertNegation, code, offset(s), offset(s)+1, "")
	}
	switch cmd := s.Cmd.(type) {
	case *syntax.CallExpr:
		c.call(cmd, chained)
	case *syntax.BinaryCmd:
		c.binary(cmd, chained)
	case *syntax.Subshell:
		c.inSubshell(func() { c.group(cmd.Stmts, chained) })
	case *syntax.Block:
		c.group(cmd.Stmts, chained)
	case *syntax.IfClause:
		c.ifClause(cmd)
	case *syntax.WhileClause:
		c.loop(cmd.Cond, cmd.Do)
	case *syntax.ForClause:
		c.forClause(cmd)
	case *syntax.CaseClause:
		c.caseClause(cmd)
	case *syntax.FuncDecl:
		c.function(cmd)
	case *syntax.TimeClause:
		if cmd.Stmt != nil {
			c.stmt(cmd.Stmt, last, chained)
		}
	case *syntax.DeclClause:
		c.declClause(cmd)
	case nil:
	default:
		c.bashCommand(cmd)
	}
	for _, r := range s.Redirs {
		c.redirect(r)
	}
}

func (c *checker) list(stmts []*syntax.Stmt) {
	for _, s := range stmts {
		c.stmt(s, false, false)
	}
}

// group checks statements of which the last one's status is that of all, and is read if chained.
func (c *checker) group(stmts []*syntax.Stmt, chained bool) {
	for i, s := range stmts {
		c.stmt(s, false, chained && i == len(stmts)-1)
	}
}

func (c *checker) binary(cmd *syntax.BinaryCmd, chained bool) {
	if cmd.Op == syntax.Pipe || cmd.Op == syntax.PipeAll {
		c.pipe(cmd)
		return
	}
	if !chained {
		c.andOr(cmd)
	}
	c.stmt(cmd.X, false, true)
	before := c.vars.copy()
	// A cd at the end of a chain is as unguarded as one alone, a `!` there is not: its status is the chain's.
	if call, ok := cmd.Y.Cmd.(*syntax.CallExpr); ok && !cmd.Y.Negated {
		c.call(call, chained)
		for _, r := range cmd.Y.Redirs {
			c.redirect(r)
		}
	} else {
		c.stmt(cmd.Y, false, true)
	}
	c.vars.join(before, c)
}

// andOr looks for `a && b || c` where c also runs if b fails, and is no mere fallback.
func (c *checker) andOr(cmd *syntax.BinaryCmd) {
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
	switch name(and.Y) { // these do not fail, or a test is meant to
	case "[", "test", "[[", "echo", "printf", "true", ":", "exit", "return", "export":
		return
	}
	switch name(cmd.Y) {
	case "true", ":", "false", "exit", "return", "echo", "printf":
		return
	}
	at := int(and.OpPos.Offset())
	c.report(AndOrElse, "SC2015", at, at+2, c.source(then.Args[0]))
}

// name is the literal name of a simple command, "" for all else.
func name(s *syntax.Stmt) string {
	if call, ok := s.Cmd.(*syntax.CallExpr); ok && len(call.Args) > 0 {
		return call.Args[0].Lit()
	}
	return ""
}

// pipe checks the parts of a pipeline, each in a shell of its own.
func (c *checker) pipe(cmd *syntax.BinaryCmd) {
	if cmd.Op == syntax.PipeAll {
		c.bashism("SC3029", int(cmd.OpPos.Offset()), int(cmd.OpPos.Offset())+2, "`|&`", "stops with a syntax error")
	}
	c.findToXargs(cmd)
	for _, part := range []*syntax.Stmt{cmd.X, cmd.Y} {
		c.inSubshell(func() { c.stmt(part, false, true) })
	}
}

func (c *checker) findToXargs(cmd *syntax.BinaryCmd) {
	from := cmd.X
	if b, ok := from.Cmd.(*syntax.BinaryCmd); ok && (b.Op == syntax.Pipe || b.Op == syntax.PipeAll) {
		from = b.Y
	}
	if name(from) != "find" || name(cmd.Y) != "xargs" {
		return
	}
	find, _ := from.Cmd.(*syntax.CallExpr)
	xargs, _ := cmd.Y.Cmd.(*syntax.CallExpr)
	for _, w := range find.Args {
		switch w.Lit() {
		case "-print0", "-printf", "-fprintf", "-ls":
			return
		}
	}
	for _, w := range xargs.Args[1:] {
		flag := w.Lit()
		if !strings.HasPrefix(flag, "-") {
			break
		}
		if flag == "--null" || !strings.HasPrefix(flag, "--") && strings.Contains(flag, "0") && cluster(strings.ReplaceAll(flag[1:], "0", "")) {
			return
		}
	}
	c.node(FindToXargs, "SC2038", find.Args[0], "")
}

// inSubshell runs f and forgets what it did to variables.
func (c *checker) inSubshell(f func()) {
	before := c.vars.copy()
	f()
	c.vars = before
}

func (c *checker) ifClause(cmd *syntax.IfClause) {
	var ends []vars
	open := true // no else yet: the conditions may all be false
	for i := cmd; i != nil; i = i.Else {
		if i.ThenPos.IsValid() && len(i.Cond) > 0 {
			c.group(i.Cond, true)
			before := c.vars.copy()
			c.list(i.Then)
			ends = append(ends, c.vars)
			c.vars = before
			continue
		}
		c.list(i.Then)
		ends, open = append(ends, c.vars), false
	}
	c.settle(ends, open)
}

func (c *checker) caseClause(cmd *syntax.CaseClause) {
	c.word(cmd.Word, place{})
	var ends []vars
	open := true
	for _, item := range cmd.Items {
		for _, p := range item.Patterns {
			c.word(p, place{})
			open = open && p.Lit() != "*"
		}
		before := c.vars.copy()
		c.list(item.Stmts)
		ends = append(ends, c.vars)
		c.vars = before
	}
	c.settle(ends, open)
}

// settle joins the ends of branches, and the present state if none may have been taken.
func (c *checker) settle(ends []vars, open bool) {
	if !open {
		c.vars = ends[0]
		ends = ends[1:]
	}
	for _, end := range ends {
		c.vars.join(end, c)
	}
}

// maxLoops bounds how deep loops are read ahead, for that costs the square of the depth.
const maxLoops = 3

// loop checks a body that may run never, or again after what it does to variables.
func (c *checker) loop(cond, body []*syntax.Stmt) {
	c.ahead(body)
	c.group(cond, true)
	before := c.vars.copy()
	c.loops++
	c.list(body)
	c.loops--
	c.vars.join(before, c)
}

// ahead taints what a loop's body assigns, for its second turn.
func (c *checker) ahead(body []*syntax.Stmt) {
	if c.loops >= maxLoops {
		return
	}
	for _, s := range body {
		syntax.Walk(s, func(n syntax.Node) bool {
			if a, ok := n.(*syntax.Assign); ok && a.Name != nil && c.value(a.Value) == dirty {
				c.vars.set(a.Name.Value, dirty)
			}
			return true
		})
	}
}

func (c *checker) forClause(cmd *syntax.ForClause) {
	if cmd.Select {
		c.bashism("SC3008", offset(cmd), offset(cmd)+len("select"), "`select`", stops)
	}
	switch l := cmd.Loop.(type) {
	case *syntax.WordIter:
		value := dirty
		if l.InPos.IsValid() {
			value = empty
		}
		for _, item := range l.Items {
			c.word(item, place{})
			value = value.and(c.item(item))
		}
		if len(l.Items) == 1 && constant(l.Items[0]) && !braces(l.Items[0]) {
			c.node(OneTurnLoop, "SC2043", l.Items[0], c.source(l.Items[0]))
		}
		c.ahead(cmd.Do)
		c.define(l.Name.Value, offset(cmd), offset(l.Name), value)
		c.byForm(l.Name.Value)
	case *syntax.CStyleLoop:
		c.bashism("SC3005", offset(l), int(l.End().Offset()), "`for ((…))`", "stops with a syntax error")
		c.bashArithm(l.Init, l.Cond, l.Post)
	}
	c.loop(nil, cmd.Do)
}

// item is the texture of a word that for takes apart.
func (c *checker) item(x *syntax.Word) texture {
	for _, part := range x.Parts {
		if _, ok := part.(*syntax.ParamExp); ok {
			return dirty
		}
	}
	return c.value(x)
}

// constant reports whether x is literal and no glob.
func constant(x *syntax.Word) bool {
	for _, part := range x.Parts {
		switch p := part.(type) {
		case *syntax.Lit:
			if strings.ContainsAny(p.Value, "*?[") {
				return false
			}
		case *syntax.DblQuoted:
			for _, q := range p.Parts {
				if _, ok := q.(*syntax.Lit); !ok {
					return false
				}
			}
		default:
			return false
		}
	}
	return true
}

func (c *checker) function(f *syntax.FuncDecl) {
	if f.Name == nil || f.Body == nil {
		return
	}
	if f.RsrvWord {
		code := "SC2113"
		if f.Parens {
			code = "SC2112"
		}
		c.bashism(code, offset(f), offset(f)+len("function"), "the keyword `function`", "stops with a syntax error")
	} else if !syntax.ValidName(f.Name.Value) {
		c.bashism("SC3033", offset(f), int(f.Name.End().Offset()), "a function called `"+f.Name.Value+"`", "stops with a syntax error")
	}
	if c.functions == nil {
		c.functions = map[string]*syntax.Stmt{}
	}
	c.functions[f.Name.Value] = f.Body
}

// enter checks the body of a function where it is first called, with the variables as they are there.
func (c *checker) enter(name string) {
	if body := c.functions[name]; body != nil {
		delete(c.functions, name)
		dead := c.vars.dead
		c.stmt(body, false, false)
		c.vars.dead = dead
	}
}
