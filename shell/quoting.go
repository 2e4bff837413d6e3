package shell

import (
	"path"
	"regexp"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"
)

// place is where a word stands.
type place struct {
	splits  bool // the shell splits what unquoted expansions give
	command bool // the word names the command
	program bool // the word may be a program in a language that has `$` too
	sed     bool // it may be one for sed
}

// command is one simple command.
type command struct {
	name    string
	args    []*syntax.Word // the name first
	chained bool           // something reads its status
}

func (c *checker) call(call *syntax.CallExpr, chained bool) {
	for _, a := range call.Assigns {
		c.assigned(a)
	}
	if len(call.Args) == 0 {
		for _, a := range call.Assigns {
			c.assign(a)
		}
		return
	}
	cmd := command{base(call.Args[0]), call.Args, chained}
	// The POSIX grammar reads `[[ … ]]` as a command, or as several.
	test := call.Args[0].Lit() == "[[" || call.Args[len(call.Args)-1].Lit() == "]]"
	p := place{splits: !test, program: cmd.interprets(), sed: cmd.name == "sed"}
	for i, w := range call.Args {
		at := p
		at.command = i == 0
		if i == 0 || i == 1 && (cmd.name == "exec" || cmd.name == "command" || cmd.name == "time") {
			at.splits = at.splits && len(w.Parts) > 1
		}
		c.word(w, at)
		if i > 0 && declares(cmd.name) {
			c.declaration(&cmd, w)
		}
	}
	c.command(&cmd)
	c.enter(cmd.name)
}

// base is the base name of a literal word, "" of another.
func base(w *syntax.Word) string {
	lit := w.Lit()
	if lit == "" {
		return ""
	}
	return path.Base(lit)
}

// declares reports whether the command called name takes assignments as arguments.
func declares(name string) bool {
	switch name {
	case "export", "readonly", "local", "declare", "typeset":
		return true
	}
	return false
}

// declaration checks an argument of `export` and its like, which the POSIX grammar takes for a word as any other.
func (c *checker) declaration(cmd *command, w *syntax.Word) {
	lit, ok := w.Parts[0].(*syntax.Lit)
	if !ok {
		return
	}
	name, text, assigns := strings.Cut(lit.Value, "=")
	if !syntax.ValidName(name) {
		return
	}
	if assigns {
		parts := w.Parts[1:]
		if text != "" {
			parts = append([]syntax.WordPart{&syntax.Lit{Value: text}}, parts...)
		}
		c.masked(name, offset(w), parts)
		c.define(name, offset(w), offset(w), c.values(parts, false))
	}
	if cmd.name == "export" {
		c.use(name)
	}
}

// declClause is declaration for what bash's grammar reads.
func (c *checker) declClause(d *syntax.DeclClause) {
	variant := d.Variant.Value
	c.declarer(variant, offset(d.Variant), int(d.Variant.End().Offset()))
	for _, a := range d.Args {
		if a.Name == nil {
			if a.Value != nil {
				c.word(a.Value, place{splits: true})
			}
			continue
		}
		if !a.Naked {
			c.assigned(a)
			if a.Value != nil {
				if c.script.Dialect == POSIX {
					c.splits(a.Value)
				}
				c.masked(a.Name.Value, offset(a), a.Value.Parts)
			}
			c.assign(a)
		}
		if variant == "export" || variant == "nameref" {
			c.use(a.Name.Value)
		}
	}
	if variant == "local" || variant == "readonly" {
		return
	}
	for _, a := range d.Args { // `declare -x` exports
		if a.Naked && a.Value != nil && strings.HasPrefix(a.Value.Lit(), "-") && strings.Contains(a.Value.Lit(), "x") {
			for _, b := range d.Args {
				if b.Name != nil {
					c.use(b.Name.Value)
				}
			}
		}
	}
}

// splits reports what an assignment's value would lose as an argument: before POSIX.1-2024, `export A=$B` was one.
func (c *checker) splits(value *syntax.Word) {
	for _, part := range value.Parts {
		switch p := part.(type) {
		case *syntax.ParamExp:
			c.unquoted(p)
		case *syntax.CmdSubst:
			c.node(UnquotedSubstitution, "SC2046", p, c.source(p))
		}
	}
}

// masked reports a declaration whose status hides that of the command that gives the value.
func (c *checker) masked(name string, at int, parts []syntax.WordPart) {
	for _, part := range parts {
		switch p := part.(type) {
		case *syntax.CmdSubst:
		case *syntax.DblQuoted:
			c.masked(name, at, p.Parts)
			continue
		default:
			continue
		}
		f := c.report(MaskedStatus, "SC2155", at, at+len(name), name)
		f.at = at
		return
	}
}

// assigned checks the value of `NAME=value`.
func (c *checker) assigned(a *syntax.Assign) {
	if a.Append {
		c.bashism("SC3024", offset(a), int(a.Name.End().Offset())+2, "`+=`", "runs it as a command, which fails")
	}
	if a.Value != nil {
		program := false
		switch a.Name.Value {
		case "PS1", "PS2", "PS3", "PS4", "PROMPT_COMMAND":
			program = true
		}
		c.word(a.Value, place{program: program})
	}
	if a.Index != nil {
		c.arithm(a.Index)
	}
	if a.Array != nil {
		c.bashism("SC3030", offset(a.Array), int(a.Array.End().Offset()), "an array", "stops with a syntax error")
		for _, e := range a.Array.Elems {
			if e.Value != nil {
				c.word(e.Value, place{splits: true})
			}
		}
	}
}

func (c *checker) word(x *syntax.Word, p place) {
	if x == nil {
		return
	}
	if len(x.Parts) == 1 {
		if lit, ok := x.Parts[0].(*syntax.Lit); ok {
			c.literal(lit, p, true)
			c.braces(x)
			return
		}
	}
	for i, part := range x.Parts {
		switch part := part.(type) {
		case *syntax.Lit:
			c.literal(part, p, i == 0)
			if c.posix && i+1 < len(x.Parts) && strings.HasSuffix(part.Value, "$") {
				c.dollarQuote(int(part.End().Offset())-1, x.Parts[i+1])
			}
		case *syntax.SglQuoted:
			c.singleQuoted(part, p)
		default:
			c.expansion(part, p.splits)
		}
	}
	c.braces(x)
}

// expansion checks a part of a word that is neither literal nor in single quotes.
func (c *checker) expansion(part syntax.WordPart, splits bool) {
	switch p := part.(type) {
	case *syntax.DblQuoted:
		if p.Dollar {
			c.bashism("SC3004", offset(p), int(p.End().Offset()), "`$\"…\"`", "keeps the `$`")
		}
		for _, q := range p.Parts {
			switch q.(type) {
			case *syntax.Lit, *syntax.SglQuoted:
			default:
				c.expansion(q, false)
			}
		}
	case *syntax.ParamExp:
		if splits {
			c.unquoted(p)
		}
		c.param(p)
	case *syntax.CmdSubst:
		if splits {
			c.node(UnquotedSubstitution, "SC2046", p, c.source(p))
		}
		if p.Backquotes {
			c.node(Backquotes, "SC2006", p, c.source(p))
		}
		if len(p.Stmts) == 1 && p.Stmts[0].Cmd == nil && len(p.Stmts[0].Redirs) == 1 && !p.Backquotes {
			c.bashism("SC3034", offset(p), int(p.End().Offset()), "`$(<file)`", "reads nothing")
		}
		c.substitution(p.Stmts)
	case *syntax.ArithmExp:
		if p.Bracket {
			c.bashism("SC3007", offset(p), int(p.End().Offset()), "`$[…]`", "keeps it as it is written")
		}
		c.arithm(p.X)
	case *syntax.ProcSubst:
		c.bashism("SC3001", offset(p), int(p.End().Offset()), "`"+p.Op.String()+"…)`", "stops with a syntax error")
		c.substitution(p.Stmts)
	case *syntax.ExtGlob:
		c.bashism("SC3002", offset(p), int(p.End().Offset()), "an extended glob", "stops with a syntax error")
	}
}

// substitution checks the commands of a substitution. What they do to the status is not this script's matter.
func (c *checker) substitution(stmts []*syntax.Stmt) {
	errexit := c.errexit
	c.errexit = false
	c.inSubshell(func() { c.list(stmts) })
	c.errexit = errexit
}

// unquoted reports an expansion that the shell splits, unless what it gives has nothing to split at.
func (c *checker) unquoted(p *syntax.ParamExp) {
	if p.Param == nil || p.Length {
		return
	}
	name := p.Param.Value
	switch {
	case name == "@" || p.Index != nil && c.index(p) == "@":
		c.node(UnquotedVariable, "SC2068", p, c.source(p))
		return
	case p.Exp != nil && (p.Exp.Op == syntax.AlternateUnset || p.Exp.Op == syntax.AlternateUnsetOrNull):
		return
	case p.Index == nil && !p.Excl && c.texture(name) == clean:
		return
	}
	c.node(UnquotedVariable, "SC2086", p, c.source(p))
}

func (c *checker) index(p *syntax.ParamExp) string {
	w, ok := p.Index.(*syntax.Word)
	if !ok {
		return ""
	}
	return w.Lit()
}

// param notes the use of a variable and checks what the expansion holds inside.
func (c *checker) param(p *syntax.ParamExp) {
	if p.Param != nil {
		c.use(p.Param.Value)
	}
	if c.posix {
		c.bashParam(p)
	}
	if p.Index != nil {
		c.arithm(p.Index)
	}
	if p.Exp != nil && p.Exp.Word != nil {
		c.inner(p.Exp.Word)
		if p.Exp.Op == syntax.AssignUnset || p.Exp.Op == syntax.AssignUnsetOrNull {
			c.vars.set(p.Param.Value, dirty)
		}
	}
	if p.Repl != nil {
		c.inner(p.Repl.Orig)
		c.inner(p.Repl.With)
	}
	if p.Slice != nil {
		c.arithm(p.Slice.Offset)
		c.arithm(p.Slice.Length)
	}
}

// inner checks a word inside an expansion.
func (c *checker) inner(x *syntax.Word) {
	if x == nil {
		return
	}
	for _, part := range x.Parts {
		switch part.(type) {
		case *syntax.Lit, *syntax.SglQuoted:
		default:
			c.expansion(part, false)
		}
	}
}

// arithm notes the variables that an expression reads.
func (c *checker) arithm(x syntax.ArithmExpr) {
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
			c.param(n)
			return false
		case *syntax.CmdSubst:
			c.expansion(n, false)
			return false
		case *syntax.UnaryArithm:
			if n.Op == syntax.Inc || n.Op == syntax.Dec {
				c.bashism("SC3018", offset(n), int(n.End().Offset()), "`"+n.Op.String()+"`", "stops with a syntax error")
			}
		case *syntax.BinaryArithm:
			if n.Op == syntax.Pow {
				c.bashism("SC3019", offset(n), int(n.End().Offset()), "`**`", "stops with a syntax error")
			}
		}
		return true
	})
}

// literal checks text outside of quotes.
func (c *checker) literal(lit *syntax.Lit, p place, first bool) {
	if strings.IndexByte(lit.Value, '\\') < 0 {
		return
	}
	text := c.source(lit)
	for i := 0; i+1 < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		i++
		at := offset(lit) + i - 1
		if p.command && first && i == 1 && len(text) > 2 {
			continue // `\ls` goes past an alias
		}
		switch next := text[i]; {
		case next == 'n' || next == 't' || next == 'r':
			c.report(UselessEscape, "SC1012", at, at+2, text[i-1:i+1])
		case strings.IndexByte("$`\"'\\ \t\n|&;()<>*?[]{}~!#.,@+", next) < 0 && next < 0x80:
			c.report(UselessEscape, "SC1001", at, at+2, text[i-1:i+1])
		}
	}
}

var (
	dollar = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("\\$[{(0-9A-Za-z_]|`[^`]+`") })
	// lastLine is sed's address `$` before a command of its.
	lastLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$[{dpsaic]($|[^a-zA-Z])`) })
)

// singleQuoted reports an expansion that the quotes keep from the shell, where nothing else is known to expand it.
func (c *checker) singleQuoted(q *syntax.SglQuoted, p place) {
	if q.Dollar {
		c.bashism("SC3003", offset(q), int(q.End().Offset()), "`$'…'`", "keeps the `$`, and the escapes as they are")
		return
	}
	if p.program || strings.IndexByte(q.Value, '$') < 0 && strings.IndexByte(q.Value, '`') < 0 {
		return
	}
	m := dollar().FindStringIndex(q.Value)
	if m == nil || p.sed && lastLine().MatchString(q.Value) {
		return
	}
	f := c.node(SingleQuotedExpansion, "SC2016", q, expansionAt(q.Value[m[0]:]))
	f.Span = c.script.Text.Span(offset(q)+1+m[0], offset(q)+1+m[0]+len(f.Text))
}

// expansionAt is the expansion that text begins with.
func expansionAt(text string) string {
	switch {
	case text[0] == '`':
		return text[:strings.IndexByte(text[1:], '`')+2]
	case text[1] == '{':
		if i := strings.IndexByte(text, '}'); i > 0 {
			return text[:i+1]
		}
	case text[1] == '(':
		depth := 0
		for i := range len(text) {
			switch text[i] {
			case '(':
				depth++
			case ')':
				if depth--; depth == 0 {
					return text[:i+1]
				}
			}
		}
	case text[1] >= '0' && text[1] <= '9':
		return text[:2]
	default:
		i := 1
		for i < len(text) && wordByte(text[i]) {
			i++
		}
		return text[:i]
	}
	return text[:2]
}

// interprets reports whether the command reads programs, in which `$` is its own, from its arguments.
func (cmd *command) interprets() bool {
	switch cmd.name {
	case "awk", "gawk", "mawk", "nawk", "original-awk", "perl", "sh", "bash", "ksh", "zsh", "eval", "trap", "alias", "jq", "ssh", "docker", "podman",
		"rename", "dpkg-query", "unset", "sudo", "rg", "xprop":
		return true
	case "busybox", "command", "exec", "time":
		return len(cmd.args) > 1 && (&command{name: base(cmd.args[1]), args: cmd.args[1:]}).interprets()
	case "git":
		return len(cmd.args) > 1 && cmd.args[1].Lit() == "filter-branch"
	case "find":
		for i, w := range cmd.args {
			if lit := w.Lit(); (lit == "-exec" || lit == "-execdir" || lit == "-ok") && i+1 < len(cmd.args) {
				if (&command{name: base(cmd.args[i+1]), args: cmd.args[i+1:]}).interprets() {
					return true
				}
			}
		}
	}
	return false
}
