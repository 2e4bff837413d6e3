package shell

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/parser"
)

// Command is one simple command.
type Command struct {
	Script  *Script
	Name    string // the base name of the first word, "" if it is not literal
	Words   []Word // the name first
	Assigns []Assign
	Span    parser.Span  // from the first word (or assignment) to the last
	Stmt    *syntax.Stmt // nil in an exec form
	// Outer is the command that runs this one, such as sudo, env or xargs; its words follow in this one.
	Outer *Command
	// PipeFrom and PipeTo are the neighbours in a pipeline, nil at its ends.
	PipeFrom, PipeTo *Command
	// Sub says that it runs in a subshell, a command substitution or a function, so that it cannot change the script's own state.
	Sub bool
}

// Pipeline is commands joined by pipes.
type Pipeline struct {
	Parts [][]*Command // the commands in each part, also below a compound command; a part may have none
	Span  parser.Span  // from the first part to the last
	Pipe  parser.Span  // the first pipe operator
	// Pipefail says that the failure of any part fails it: by the options of the shell, or by `set -o pipefail` before it.
	Pipefail bool
	Tested   bool // a condition or `||` asks whether it failed
	Lost     bool // nobody asks: it stands in a substitution in the arguments of a command
}

// Assign is `NAME=value` before a command, or alone.
type Assign struct {
	Name  string
	Value Word
	Span  parser.Span
}

// Word is one word of a command.
type Word struct {
	Text    string // without quotes; an expansion stays as it is written
	Span    parser.Span
	Literal bool // no expansion
	Quoted  bool // some part is quoted
	Node    *syntax.Word
}

// Args are the words after the name.
func (c *Command) Args() []Word {
	if len(c.Words) == 0 {
		return nil
	}
	return c.Words[1:]
}

// Has reports whether c is given one of the flags. A short flag such as `-y` is also found in a cluster such as `-qy`, a long
// one also with a value (`--flag=value`).
func (c *Command) Has(flags ...string) bool { return c.Flag(flags...) != nil }

// Flag is the word that holds one of flags as Has finds it, or nil.
func (c *Command) Flag(flags ...string) *Word {
	for i := range c.Words {
		if i == 0 {
			continue
		}
		w := &c.Words[i]
		if w.Text == "--" {
			return nil
		}
		for _, f := range flags {
			if matches(w.Text, f) {
				return w
			}
		}
	}
	return nil
}

// Plain reports whether w, a word of c, stands in the file just as it reads, so that an edit can replace it or stand beside it:
// not in a JSON array, without quotes, expansions and breaks.
func (c *Command) Plain(w Word) bool {
	return !c.Script.Exec && w.Literal && !w.Quoted && w.Text != "" && w.Span.Len() == len(w.Text)
}

func matches(word, flag string) bool {
	switch {
	case word == flag:
		return true
	case len(flag) == 2 && flag[0] == '-' && flag[1] != '-':
		return len(word) > 2 && word[0] == '-' && word[1] != '-' && cluster(word[1:]) && strings.IndexByte(word, flag[1]) > 0
	}
	return strings.HasPrefix(flag, "--") && strings.HasPrefix(word, flag) && len(word) > len(flag) && word[len(flag)] == '='
}

// cluster reports whether s is a row of one-letter flags; the last may have the value `-`, as in `-qO-`.
func cluster(s string) bool {
	s = strings.TrimSuffix(s, "-")
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// FlagValue is the value of the first of flags that c is given: the next word, or what follows `=`.
func (c *Command) FlagValue(flags ...string) (Word, bool) {
	for i, w := range c.Words {
		for _, f := range flags {
			if w.Text == f && i+1 < len(c.Words) {
				return c.Words[i+1], true
			}
			if v, ok := strings.CutPrefix(w.Text, f+"="); ok && strings.HasPrefix(f, "--") {
				w.Text = v
				return w, true
			}
		}
	}
	return Word{}, false
}

// Operands are the arguments that are neither flags nor values of one of valued.
func (c *Command) Operands(valued ...string) []Word {
	var out []Word
	for i := 1; i < len(c.Words); i++ {
		w := c.Words[i]
		switch {
		case w.Text == "--":
			return append(out, c.Words[i+1:]...)
		case strings.HasPrefix(w.Text, "-") && len(w.Text) > 1:
			if slices.Contains(valued, w.Text) {
				i++
			}
		default:
			out = append(out, w)
		}
	}
	return out
}

func (c *Command) named() {
	if len(c.Words) > 0 && c.Words[0].Literal {
		c.Name = path.Base(c.Words[0].Text)
	}
}

// commands collects all simple commands of s.File.
func (s *Script) commands() {
	w := walker{script: s, pipefail: s.pipefail}
	for _, stmt := range s.File.Stmts {
		w.stmt(stmt, false)
	}
}

type walker struct {
	script   *Script
	pipefail bool // in force
	tested   bool // the status of what is walked is asked for
	lost     bool // nobody hears of it
}

// stmt walks one statement; sub says that it cannot change the script's own state.
func (w *walker) stmt(stmt *syntax.Stmt, sub bool) {
	for _, r := range stmt.Redirs {
		w.word(r.Word)
		w.word(r.Hdoc)
	}
	switch cmd := stmt.Cmd.(type) {
	case nil:
	case *syntax.CallExpr:
		w.call(stmt, cmd, sub)
	case *syntax.BinaryCmd:
		if cmd.Op == syntax.Pipe || cmd.Op == syntax.PipeAll {
			w.pipeline(cmd)
			return
		}
		w.test(func() { w.stmt(cmd.X, sub) }, cmd.Op == syntax.OrStmt)
		w.stmt(cmd.Y, sub)
	case *syntax.Subshell:
		w.fork(func() { w.list(cmd.Stmts, true) })
	case *syntax.Block:
		w.list(cmd.Stmts, sub)
	case *syntax.IfClause:
		for c := cmd; c != nil; c = c.Else {
			w.test(func() { w.list(c.Cond, sub) }, true)
			w.list(c.Then, sub)
		}
	case *syntax.WhileClause:
		w.test(func() { w.list(cmd.Cond, sub) }, true)
		w.list(cmd.Do, sub)
	case *syntax.ForClause:
		if it, ok := cmd.Loop.(*syntax.WordIter); ok {
			for _, item := range it.Items {
				w.word(item)
			}
		}
		w.list(cmd.Do, sub)
	case *syntax.CaseClause:
		w.word(cmd.Word)
		for _, item := range cmd.Items {
			w.list(item.Stmts, sub)
		}
	case *syntax.FuncDecl:
		w.body(cmd.Body, sub)
	case *syntax.TimeClause:
		if cmd.Stmt != nil {
			w.stmt(cmd.Stmt, sub)
		}
	case *syntax.DeclClause:
		w.decl(stmt, cmd, sub)
	default:
		w.inside(stmt.Cmd)
	}
}

// fork walks what cannot change the options of the script's own shell.
func (w *walker) fork(walk func()) {
	before := w.pipefail
	walk()
	w.pipefail = before
}

// test walks what is tested if cond holds.
func (w *walker) test(walk func(), cond bool) {
	before := w.tested
	w.tested = before || cond
	walk()
	w.tested = before
}

func (w *walker) list(stmts []*syntax.Stmt, sub bool) {
	for _, s := range stmts {
		w.stmt(s, sub)
	}
}

// body walks what mvdan.cc/sh takes for the body of a function: it adds to the braces the list that goes on behind them, as in
// `f() { a; } && b`.
func (w *walker) body(stmt *syntax.Stmt, sub bool) {
	if b, ok := stmt.Cmd.(*syntax.BinaryCmd); ok {
		w.body(b.X, sub)
		w.stmt(b.Y, sub || b.Op == syntax.Pipe || b.Op == syntax.PipeAll)
		return
	}
	w.fork(func() { w.stmt(stmt, true) })
}

// pipeline links each command to its neighbours; a compound command in a pipe has none.
func (w *walker) pipeline(cmd *syntax.BinaryCmd) {
	var parts []*syntax.Stmt
	var flat func(*syntax.Stmt)
	flat = func(s *syntax.Stmt) {
		if b, ok := s.Cmd.(*syntax.BinaryCmd); ok && (b.Op == syntax.Pipe || b.Op == syntax.PipeAll) {
			flat(b.X)
			flat(b.Y)
			return
		}
		parts = append(parts, s)
	}
	flat(cmd.X)
	flat(cmd.Y)
	for cmd.X.Cmd != nil {
		b, ok := cmd.X.Cmd.(*syntax.BinaryCmd)
		if !ok || b.Op != syntax.Pipe && b.Op != syntax.PipeAll {
			break
		}
		cmd = b
	}
	at := int(cmd.OpPos.Offset())
	line := &Pipeline{
		Span: w.script.Text.Span(int(parts[0].Pos().Offset()), int(parts[len(parts)-1].End().Offset())),
		Pipe: w.script.Text.Span(at, at+len(cmd.Op.String())), Pipefail: w.pipefail, Tested: w.tested, Lost: w.lost,
	}
	w.script.Pipelines = append(w.script.Pipelines, line)
	var last []*Command
	for _, part := range parts {
		first := len(w.script.Commands)
		w.fork(func() { w.stmt(part, true) })
		line.Parts = append(line.Parts, w.script.Commands[first:])
		var mine []*Command // the command and those that it wraps
		for _, c := range w.script.Commands[first:] {
			if c.Stmt == part {
				mine = append(mine, c)
			}
		}
		if len(last) > 0 && len(mine) > 0 {
			for _, c := range mine {
				c.PipeFrom = last[len(last)-1]
			}
			for _, c := range last {
				c.PipeTo = mine[0]
			}
		}
		last = mine
	}
}

func (w *walker) call(stmt *syntax.Stmt, call *syntax.CallExpr, sub bool) {
	s := w.script
	c := &Command{Script: s, Stmt: stmt, Span: s.Span(call), Sub: sub}
	defer func(before bool) { w.lost = before }(w.lost)
	w.lost = w.lost || len(call.Args) > 0
	for _, a := range call.Assigns {
		c.Assigns = append(c.Assigns, s.assign(a))
		w.word(a.Value)
	}
	if len(call.Args) > 0 {
		c.Words = make([]Word, len(call.Args))
		for i, arg := range call.Args {
			c.Words[i] = s.word(arg)
		}
	}
	c.named()
	c.declares()
	if c.Name == "set" {
		w.set(c)
	}
	s.Commands = append(s.Commands, c)
	s.unwrap(c)
	for _, arg := range call.Args {
		w.word(arg)
	}
}

// declares moves the assignments among the words of `export A=b` to c.Assigns: in POSIX it is a command like any other.
func (c *Command) declares() {
	switch c.Name {
	case "export", "readonly":
	default:
		return
	}
	words := c.Words[:1]
	for _, w := range c.Words[1:] {
		name, value, ok := strings.Cut(w.Text, "=")
		if !ok || !syntax.ValidName(name) {
			words = append(words, w)
			continue
		}
		a := Assign{name, w, w.Span}
		a.Value.Text = value
		c.Assigns = append(c.Assigns, a)
	}
	c.Words = words
}

// set follows `set -o pipefail` and its like.
func (w *walker) set(c *Command) {
	words := make([]string, len(c.Words))
	for i, word := range c.Words {
		words[i] = word.Text
	}
	if on, ok := pipefail(words); ok {
		w.pipefail = on
	}
}

// Pipefail reports whether the words of a shell, such as those of SHELL, switch pipefail on.
func Pipefail(words []string) bool {
	on, _ := pipefail(words)
	return on
}

// pipefail says whether the options of a shell or of `set` switch pipefail on or off; ok is false if they do neither.
func pipefail(words []string) (on, ok bool) {
	for i, word := range words {
		if i == 0 || word != "pipefail" {
			continue
		}
		if before := words[i-1]; len(before) > 1 && strings.HasSuffix(before, "o") && cluster(before[1:]) {
			switch before[0] {
			case '-':
				on, ok = true, true
			case '+':
				on, ok = false, true
			}
		}
	}
	return on, ok
}

// decl reads `export A=b` and its like as a command where the dialect has words for them.
func (w *walker) decl(stmt *syntax.Stmt, d *syntax.DeclClause, sub bool) {
	s := w.script
	c := &Command{Script: s, Stmt: stmt, Span: s.Span(d), Sub: sub}
	defer func(before bool) { w.lost = before }(w.lost)
	w.lost = true
	c.Words = append(c.Words, Word{Text: d.Variant.Value, Span: s.Span(d.Variant), Literal: true})
	for _, a := range d.Args {
		if a.Naked {
			if a.Value != nil {
				c.Words = append(c.Words, s.word(a.Value))
			}
			continue
		}
		c.Assigns = append(c.Assigns, s.assign(a))
		w.word(a.Value)
	}
	c.named()
	s.Commands = append(s.Commands, c)
}

func (s *Script) assign(a *syntax.Assign) Assign {
	out := Assign{Span: s.Span(a)}
	if a.Name != nil {
		out.Name = a.Name.Value
	}
	if a.Value != nil {
		out.Value = s.word(a.Value)
	}
	return out
}

// word looks for command substitutions in x.
func (w *walker) word(x *syntax.Word) {
	if x == nil {
		return
	}
	for _, part := range x.Parts {
		switch part.(type) {
		case *syntax.Lit, *syntax.SglQuoted:
		default:
			w.inside(part)
		}
	}
}

// inside finds the outermost statements below n.
func (w *walker) inside(n syntax.Node) {
	w.fork(func() {
		syntax.Walk(n, func(n syntax.Node) bool {
			if s, ok := n.(*syntax.Stmt); ok {
				w.stmt(s, true)
				return false
			}
			return true
		})
	})
}

func (s *Script) word(x *syntax.Word) Word {
	w := Word{Span: s.Span(x), Literal: true, Node: x}
	if len(x.Parts) == 1 {
		if lit, ok := x.Parts[0].(*syntax.Lit); ok {
			w.Text = unescape(lit.Value, false)
			w.Quoted = len(w.Text) != len(lit.Value)
			return w
		}
	}
	var b strings.Builder
	for _, part := range x.Parts {
		s.part(&b, &w, part)
	}
	w.Text = b.String()
	return w
}

func (s *Script) part(b *strings.Builder, w *Word, part syntax.WordPart) {
	switch p := part.(type) {
	case *syntax.Lit:
		b.WriteString(unescape(p.Value, false))
	case *syntax.SglQuoted:
		w.Quoted = true
		b.WriteString(p.Value)
	case *syntax.DblQuoted:
		w.Quoted = true
		for _, q := range p.Parts {
			if lit, ok := q.(*syntax.Lit); ok {
				b.WriteString(unescape(lit.Value, true))
				continue
			}
			s.part(b, w, q)
		}
	default:
		w.Literal = false
		b.WriteString(s.Text.String[part.Pos().Offset():part.End().Offset()])
	}
}

// unescape removes the backslashes that the shell removes, outside or inside double quotes.
func unescape(text string, double bool) string {
	if strings.IndexByte(text, '\\') < 0 {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			switch next := text[i+1]; {
			case next == '\n':
				i++
				continue
			case !double || strings.IndexByte("$`\"\\", next) >= 0:
				i++
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// wrapper says whether the command called name runs the command in its arguments; if so, which of its flags take a value, and
// how many operands of its own come first.
func wrapper(name string) (valued []string, operands int, ok bool) {
	switch name {
	case "sudo":
		return []string{"-u", "-g", "-h", "-p", "-C", "-r", "-t", "-U", "--user", "--group"}, 0, true
	case "env":
		return []string{"-u", "--unset", "-C", "--chdir", "-S"}, 0, true
	case "exec":
		return []string{"-a"}, 0, true
	case "nice":
		return []string{"-n"}, 0, true
	case "command", "time", "nohup", "eatmydata":
		return nil, 0, true
	case "chroot", "gosu", "su-exec":
		return nil, 1, true
	case "tini", "dumb-init", "catatonit":
		return []string{"-p", "-e", "-r", "--rewrite"}, 0, true
	case "timeout":
		return []string{"-s", "-k", "--signal", "--kill-after"}, 1, true
	case "xargs":
		return []string{"-n", "-I", "-L", "-P", "-d", "-a", "-s", "-E"}, 0, true
	}
	return nil, 0, false
}

// unwrap adds the command that c runs, if c is a wrapper.
func (s *Script) unwrap(c *Command) {
	valued, left, ok := wrapper(c.Name)
	if !ok {
		return
	}
	i := 1
	inner := &Command{Script: s, Stmt: c.Stmt, Outer: c, Sub: c.Sub}
	for ; i < len(c.Words); i++ {
		w := c.Words[i]
		if w.Text == "--" {
			i++
			break
		}
		if strings.HasPrefix(w.Text, "-") {
			if c.Name == "command" && strings.ContainsAny(w.Text, "vV") {
				return // it only says what would run
			}
			if slices.Contains(valued, w.Text) {
				i++
			}
			continue
		}
		if name, _, ok := strings.Cut(w.Text, "="); ok && syntax.ValidName(name) && (c.Name == "env" || c.Name == "sudo") {
			value := w
			value.Text = w.Text[len(name)+1:]
			inner.Assigns = append(inner.Assigns, Assign{name, value, w.Span})
			continue
		}
		if left == 0 {
			break
		}
		left--
	}
	if i >= len(c.Words) {
		return
	}
	inner.Words = c.Words[i:]
	inner.Span = parser.Span{Start: c.Words[i].Span.Start, End: c.Words[len(c.Words)-1].Span.End}
	inner.named()
	s.Commands = append(s.Commands, inner)
	s.unwrap(inner)
}
