package shell

import (
	"iter"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/parser"
)

// maxNesting bounds how deeply scripts are read that shells run inside each other. Real ones have two levels.
const maxNesting = 8

// quoting says how the code of a script is written down.
type quoting int

const (
	plainText quoting = iota // as it is, or in a heredoc with a quoted delimiter
	expanded                 // in a heredoc whose delimiter is not quoted
	single                   // in single quotes
	double                   // in double quotes, or in several kinds of quotes
	inJSON                   // in an argument of the exec form
)

// code is a script in the words or the input of a command.
type code struct {
	start []string // the words that start the shell; nil for eval, which is not another shell
	text  parser.Text
	doc   bool // it is the body of a heredoc
	mixed bool // the outer shell expands variables or substitutions in it
	quote quoting
}

// Root is the script that the instruction itself has: s, or the one around s if a command in that runs s.
func (s *Script) Root() *Script {
	for s.Outer != nil {
		s = s.Outer.Script
	}
	return s
}

// All are s and the scripts in it, at all depths, in order.
func (s *Script) All() iter.Seq[*Script] {
	return func(yield func(*Script) bool) { s.each(yield) }
}

func (s *Script) each(yield func(*Script) bool) bool {
	if !yield(s) {
		return false
	}
	for _, n := range s.Nested {
		if !n.each(yield) {
			return false
		}
	}
	return true
}

// Accepts reports whether an edit may insert text into s as it is, in spite of the quotes around s.
func (s *Script) Accepts(text string) bool {
	var special string
	switch s.quote {
	case plainText:
	case expanded:
		special = "$`\\"
	case single:
		special = "'"
	case double:
		special = "\"$`\\"
	case inJSON:
		special = "\"\\"
	}
	return !strings.ContainsAny(text, special) && (s.Outer == nil || s.Outer.Script.Accepts(text))
}

// addNested reads the script that c runs, if c is a shell or passes code to one, and adds its commands to s.
func (s *Script) addNested(c *Command) {
	if s.depth >= maxNesting {
		return
	}
	found, ok := s.codeOf(c)
	if !ok {
		return
	}
	n := &Script{
		Step: s.Step, Text: found.text, Start: found.start, Outer: c, Heredoc: found.doc, Mixed: found.mixed,
		quote: found.quote, depth: s.depth + 1,
	}
	if found.start == nil {
		n.Start, n.Dialect, n.Shell, n.pipefail = s.Start, s.Dialect, s.Shell, s.pipefail
	} else {
		n.setShell(found.start)
	}
	n.parse()
	if n.Mixed && n.Err != nil || n.Dialect == Other {
		return
	}
	s.Nested = append(s.Nested, n)
	s.Commands = append(s.Commands, n.Commands...)
}

// addPiped is addNested for a c whose input comes from a pipe.
func (s *Script) addPiped(c *Command) {
	if len(s.Nested) == 0 || s.Nested[len(s.Nested)-1].Outer != c {
		s.addNested(c)
	}
}

// evaluated reports whether the script around s runs s with eval, so that s changes the state of that script.
func (s *Script) evaluated() bool { return s.Outer != nil && s.Outer.Name == "eval" }

// codeOf is the script in the words or the input of c.
func (s *Script) codeOf(c *Command) (code, bool) {
	switch c.Name {
	case "sh", "bash", "dash", "ash", "ksh", "mksh", "zsh":
		return s.shellCode(c, c.Words)
	case "busybox":
		if len(c.Words) > 1 && (c.Words[1].Text == "sh" || c.Words[1].Text == "ash") {
			return s.shellCode(c, c.Words[1:])
		}
	case "eval":
		if args := c.Args(); len(args) == 1 {
			return s.argument(nil, args[0])
		}
	case "su", "runuser":
		return s.userCode(c)
	case "find":
		i := slices.IndexFunc(c.Words, func(w Word) bool { return w.Text == "-exec" || w.Text == "-execdir" })
		if i < 0 || i+1 >= len(c.Words) {
			break
		}
		switch path.Base(c.Words[i+1].Text) {
		case "sh", "bash", "dash", "ash", "ksh", "zsh":
			if found, ok := s.shellCode(c, c.Words[i+1:]); ok && found.quote != plainText {
				return found, true
			}
		}
	}
	return code{}, false
}

// shellCode is the script that a shell runs, which words start: the argument after -c, else its input.
func (s *Script) shellCode(c *Command, words []Word) (code, bool) {
	command, input := false, false
	i := 1
options:
	for ; i < len(words); i++ {
		w := words[i]
		switch t := w.Text; {
		case !w.Literal:
			if !command {
				return code{}, false
			}
			break options
		case t == "--" || t == "-":
			i++
			break options
		case strings.HasPrefix(t, "--"):
			if t == "--rcfile" || t == "--init-file" {
				i++
			}
		case len(t) > 1 && (t[0] == '-' || t[0] == '+'):
			command = command || t[0] == '-' && strings.Contains(t, "c")
			input = input || t[0] == '-' && strings.Contains(t, "s")
			if strings.HasSuffix(t, "o") || strings.HasSuffix(t, "O") {
				i++
			}
		default:
			break options
		}
	}
	start := make([]string, 0, i)
	for _, w := range words[:min(i, len(words))] {
		start = append(start, w.Text)
	}
	switch {
	case command && i < len(words):
		return s.argument(start, words[i])
	case command || i < len(words) && !input:
		return code{}, false
	}
	return s.input(start, c)
}

// userCode is the script that su or runuser passes to the shell of a user.
func (s *Script) userCode(c *Command) (code, bool) {
	start := []string{"sh"}
	if shell, ok := c.FlagValue("-s", "--shell"); ok {
		if !shell.Literal {
			return code{}, false
		}
		start = []string{shell.Text}
	} else {
		start[0] = userShell
	}
	for i, w := range c.Words {
		if w.Text == "-c" || w.Text == "-lc" || w.Text == "--command" {
			if i+1 >= len(c.Words) {
				return code{}, false
			}
			return s.argument(start, c.Words[i+1])
		}
		if strings.HasPrefix(w.Text, "--command=") || c.Name == "runuser" && (w.Text == "-u" || w.Text == "--user") {
			return code{}, false
		}
	}
	return s.input(start, c)
}

// userShell stands for the login shell of a user, which is a POSIX shell in all likelihood.
const userShell = "login-shell"

// input is the script that c reads from its input: a heredoc, or that of a `cat` before it in the pipe.
func (s *Script) input(start []string, c *Command) (code, bool) {
	for o := c.Outer; o != nil && o.Script == s; o = o.Outer {
		if o.Name == "xargs" {
			return code{}, false
		}
	}
	if c.Stmt == nil {
		return code{}, false
	}
	from := c.Stmt
	if c.PipeFrom != nil {
		if from = c.PipeFrom.Stmt; from == nil || c.PipeFrom.Name != "cat" || slices.ContainsFunc(c.PipeFrom.Args(),
			func(w Word) bool { return w.Text != "-" }) {
			return code{}, false
		}
	}
	for _, r := range from.Redirs {
		switch {
		case r.Hdoc != nil:
			quote := expanded
			if r.Word.Lit() == "" || strings.Contains(r.Word.Lit(), `\`) {
				quote = plainText
			}
			found, ok := s.extract(start, r.Hdoc.Parts, quote)
			found.doc = true
			return found, ok
		case r.Op == syntax.WordHdoc:
			return s.extract(start, r.Word.Parts, double)
		case r.Op == syntax.RdrIn || r.Op == syntax.RdrInOut || r.Op == syntax.DplIn:
			return code{}, false
		}
	}
	return code{}, false
}

// argument is the script that a word is.
func (s *Script) argument(start []string, w Word) (code, bool) {
	if w.Node == nil {
		for _, a := range s.Step.Instruction.Args {
			if s.Exec && a.Full() == w.Span {
				text, ok := fromJSON(a.Text)
				return code{start: start, text: text, quote: inJSON}, ok
			}
		}
		return code{}, false
	}
	quote := double
	if len(w.Node.Parts) == 1 {
		if _, ok := w.Node.Parts[0].(*syntax.SglQuoted); ok {
			quote = single
		}
	}
	return s.extract(start, w.Node.Parts, quote)
}

// extract is the script that parts of a word, or of a heredoc, are to the shell that gets them. It is false for what
// only the outer shell knows.
func (s *Script) extract(start []string, parts []syntax.WordPart, quote quoting) (code, bool) {
	if len(parts) == 0 {
		return code{}, false
	}
	x := extraction{from: int(parts[0].Pos().Offset())}
	x.text = s.Text.String[:parts[len(parts)-1].End().Offset()]
	escaped := "\x00" // any character
	if quote == plainText || quote == expanded {
		escaped = ""
		if quote == expanded {
			escaped = "$`\\\n"
		}
		// mvdan.cc/sh counts the line of the delimiter as part of the heredoc.
		x.text = x.text[:strings.LastIndexByte(x.text, '\n')+1]
	}
	if len(x.text) < x.from {
		return code{}, false
	}
	for _, part := range parts {
		x.add(part, escaped)
	}
	if x.failed || !x.literal {
		return code{}, false
	}
	return code{start: start, text: s.Text.Slice(x.from, len(x.text)).Without(x.drop), mixed: x.mixed, quote: quote}, true
}

// extraction removes quotes and backslashes from the text of a script.
type extraction struct {
	text    string // up to the end of the parts
	from    int    // where the parts begin in text
	drop    []int  // the offsets of the bytes to remove, from the start of the parts
	mixed   bool
	literal bool // there is literal code
	failed  bool
}

// add adds one part. A backslash before a byte of escaped is removed; "\x00" means any byte.
func (x *extraction) add(part syntax.WordPart, escaped string) {
	start, end := int(part.Pos().Offset()), min(int(part.End().Offset()), len(x.text))
	if start > end {
		return
	}
	switch p := part.(type) {
	case *syntax.Lit:
		x.literal = x.literal || strings.TrimSpace(x.text[start:end]) != ""
		x.unescape(start, end, escaped)
	case *syntax.SglQuoted:
		if p.Dollar {
			x.failed = true
			return
		}
		x.literal = true
		x.remove(start)
		x.remove(end - 1)
	case *syntax.DblQuoted:
		if p.Dollar {
			x.failed = true
			return
		}
		x.remove(start)
		for _, inner := range p.Parts {
			x.add(inner, "$`\"\\\n")
		}
		x.remove(end - 1)
	default:
		x.mixed = true
	}
}

func (x *extraction) remove(at int) { x.drop = append(x.drop, at-x.from) }

// unescape removes the backslashes between start and end that the outer shell removes.
func (x *extraction) unescape(start, end int, escaped string) {
	if escaped == "" {
		return
	}
	for i := start; i+1 < end; i++ {
		if x.text[i] != '\\' || escaped != "\x00" && strings.IndexByte(escaped, x.text[i+1]) < 0 {
			continue
		}
		x.remove(i)
		i++
		if x.text[i] == '\n' {
			x.remove(i)
		}
	}
}

// fromJSON is the text of a JSON string in quotes, false if it has an escape that is more than a byte.
func fromJSON(raw parser.Text) (parser.Text, bool) {
	if len(raw.String) < 2 {
		return parser.Text{}, false
	}
	text := raw.Slice(1, len(raw.String)-1)
	var drop []int
	for i := 0; i+1 < len(text.String); i++ {
		if text.String[i] != '\\' {
			continue
		}
		if strings.IndexByte(`"\/`, text.String[i+1]) < 0 {
			return parser.Text{}, false
		}
		drop = append(drop, i)
		i++
	}
	return text.Without(drop), true
}
