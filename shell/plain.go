package shell

import (
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"
)

// plainReader reads plain scripts: simple commands with command substitutions, their pipes and lists. Most scripts are plain, and the
// parser needs several times as long for them, since it reads byte by byte and copies each literal. What is not certainly plain is left
// to the parser. A test compares both.
type plainReader struct {
	text   string
	tokens []plainToken
	next   int // the token that is read next

	line, start int // the number of the line, and where it begins
	depth       int // of command substitutions

	count [plainSubstEnd + 1]int // the tokens of each kind
	nodes plainNodes
	posix bool
	wrong bool // what is in a command substitution is not plain
}

type plainKind = uint8

const (
	plainEnd plainKind = iota
	plainLit
	plainSingle // in single quotes
	plainParam  // $NAME or ${NAME}
	plainOpen   // a double quote
	plainSubst  // $(
	plainClose
	plainOperator // `&&`, `||`, `|` or `;`
	plainNewline
	plainRedirect
	plainSubstEnd
)

type plainToken struct {
	kind            plainKind
	glued           bool // it continues the word
	from, to        int32
	line, lineStart int32
}

// plainNodes are most nodes of a script, a slice for each kind.
type plainNodes struct {
	lits  []syntax.Lit
	words []plainWord
	args  []*syntax.Word
	calls []syntax.CallExpr
	stmts []syntax.Stmt
}

type plainWord struct {
	word  syntax.Word
	parts [1]syntax.WordPart
}

var plainReaders sync.Pool // they are used again for the next script, for their list of tokens

// readPlain is the syntax tree of text, nil if it is not plain.
func readPlain(text string, lang syntax.LangVariant) *syntax.File {
	if lang != syntax.LangPOSIX && lang != syntax.LangBash {
		return nil
	}
	r, ok := plainReaders.Get().(*plainReader)
	if !ok {
		r = new(plainReader)
	}
	defer plainReaders.Put(r)
	*r = plainReader{text: text, tokens: r.tokens[:0], line: 1}
	var f *syntax.File
	if r.scan(0) == len(text) {
		f = r.file(lang)
	}
	r.text, r.nodes = "", plainNodes{}
	return f
}

// scan splits the text from i on into tokens, to its end or to the end of a command substitution. It returns where that is, or -1 if
// something is not plain.
func (r *plainReader) scan(i int) int {
	glued := false
	for i < len(r.text) {
		from := i
		kind := plainLit
		switch c := r.text[i]; c {
		case ' ', '\t':
			glued = false
			i++
			continue
		case '\\':
			if i+1 < len(r.text) && r.text[i+1] == '\n' {
				if glued {
					return -1
				}
				i += 2
				r.newLine(i)
				continue
			}
		case '\n':
			r.add(plainNewline, false, from, from+1)
			glued = false
			i++
			r.newLine(i)
			continue
		case '\'':
			n := strings.IndexAny(r.text[i+1:], "'\n\r\x00")
			if n < 0 || r.text[i+1+n] != '\'' || !isASCII(r.text[i+1:i+1+n]) {
				return -1
			}
			kind, i = plainSingle, i+n+2
		case '"':
			if i = r.quoted(i, glued); i < 0 {
				return -1
			}
			glued = true
			continue
		case '$':
			if i = r.param(i, glued); i < 0 {
				return -1
			}
			glued = true
			continue
		case ';':
			i++
			kind = plainOperator
		case '&', '|':
			if i++; i < len(r.text) && r.text[i] == c {
				i++
			} else if c == '&' {
				return -1
			}
			kind = plainOperator
		case '>', '<':
			i++
			if c == '>' && i < len(r.text) && (r.text[i] == '>' || r.text[i] == '&') {
				i++
			}
			kind = plainRedirect
		case '#':
			if !glued || r.depth > 0 {
				return -1
			}
		case ')':
			if r.depth == 0 {
				return -1
			}
			return i
		}
		switch kind {
		case plainLit:
			if i = r.literal(i); i < 0 {
				return -1
			}
		case plainOperator, plainRedirect:
			if i < len(r.text) && strings.IndexByte("&|;<>!(", r.text[i]) >= 0 {
				return -1
			}
			r.add(kind, false, from, i)
			glued = false
			continue
		}
		r.add(kind, glued, from, i)
		glued = true
	}
	return i
}

//go:noinline
func (r *plainReader) newLine(at int) { r.line, r.start = r.line+1, at }

//go:noinline
func (r *plainReader) add(kind plainKind, glued bool, from, to int) {
	r.count[kind]++
	r.tokens = append(r.tokens, plainToken{kind, glued, int32(from), int32(to), int32(r.line), int32(r.start)})
}

// plainBytes are those that mean nothing to a shell within a word, or something that the parser leaves to others.
var plainBytes = [256]bool{
	'!': true, '#': true, '%': true, '*': true, '+': true, ',': true, '-': true, '.': true, '/': true, ':': true, '=': true, '?': true,
	'@': true, ']': true, '^': true, '_': true, '{': true, '}': true, '~': true,
	'0': true, '1': true, '2': true, '3': true, '4': true, '5': true, '6': true, '7': true, '8': true, '9': true,
	'a': true, 'b': true, 'c': true, 'd': true, 'e': true, 'f': true, 'g': true, 'h': true, 'i': true, 'j': true, 'k': true, 'l': true, 'm': true,
	'n': true, 'o': true, 'p': true, 'q': true, 'r': true, 's': true, 't': true, 'u': true, 'v': true, 'w': true, 'x': true, 'y': true, 'z': true,
	'A': true, 'B': true, 'C': true, 'D': true, 'E': true, 'F': true, 'G': true, 'H': true, 'I': true, 'J': true, 'K': true, 'L': true, 'M': true,
	'N': true, 'O': true, 'P': true, 'Q': true, 'R': true, 'S': true, 'T': true, 'U': true, 'V': true, 'W': true, 'X': true, 'Y': true, 'Z': true,
}

// literal is the end of the literal at i, -1 if it is not plain.
func (r *plainReader) literal(i int) int {
	from := i
	for ; i < len(r.text); i++ {
		c := r.text[i]
		if plainBytes[c] {
			continue
		}
		switch c {
		case '<', '>':
			if r.text[from] == '{' { // it may be the name of a variable for the redirect
				return -1
			}
			return i
		case ' ', '\t', '\n', ';', '&', '|', '"', '\'', '$', ')':
			return i
		case '\\':
			if i++; i == len(r.text) || r.text[i] == '\\' || !isPrintable(r.text[i]) {
				return -1
			}
		case '[': // only as a command
			if i > from || i+1 == len(r.text) || r.text[i+1] != ' ' {
				return -1
			}
		default:
			return -1
		}
	}
	return i
}

func isPrintable(c byte) bool { return c >= ' ' && c <= '~' }

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// quoted adds the tokens of what is in double quotes at i. It returns its end, or -1.
func (r *plainReader) quoted(i int, glued bool) int {
	r.add(plainOpen, glued, i, i+1)
	from := i + 1
	for i++; i < len(r.text); i++ {
		switch c := r.text[i]; {
		case c == '"' || c == '$':
			if i > from {
				r.add(plainLit, true, from, i)
			}
			if c == '"' {
				r.add(plainClose, true, i, i+1)
				return i + 1
			}
			if i = r.param(i, true); i < 0 {
				return -1
			}
			from = i
			i--
		case c == '\\':
			if i++; i == len(r.text) || r.text[i] == '\\' || !isPrintable(r.text[i]) {
				return -1
			}
		case c == '`' || !isPrintable(c) && c != '\t':
			return -1
		}
	}
	return -1
}

// param adds the variable or command substitution at i. It returns its end, or -1.
func (r *plainReader) param(i int, glued bool) int {
	const deepest = 20
	from := i
	i++
	if i+1 < len(r.text) && r.text[i] == '(' && r.text[i+1] != '(' && r.depth < deepest {
		r.add(plainSubst, glued, from, i+1)
		r.depth++
		end := r.scan(i + 1)
		r.depth--
		if end < 0 || end == len(r.text) {
			return -1
		}
		r.add(plainSubstEnd, false, end, end+1)
		return end + 1
	}
	braced := i < len(r.text) && r.text[i] == '{'
	if braced {
		i++
	}
	name := i
	for i < len(r.text) && isWordByte(r.text[i]) {
		i++
	}
	if i == name || r.text[name] <= '9' {
		return -1
	}
	if braced {
		if i == len(r.text) || r.text[i] != '}' {
			return -1
		}
		i++
	} else if i < len(r.text) && r.text[i] == '\\' {
		return -1 // a continued name
	}
	r.add(plainParam, glued, from, i)
	return i
}

// file reads the tokens as statements; it is nil if they are not plain.
func (r *plainReader) file(lang syntax.LangVariant) *syntax.File {
	r.posix = lang == syntax.LangPOSIX
	words := 0
	for i := range r.tokens {
		if t := &r.tokens[i]; !t.glued && t.kind < plainOperator {
			words++
		}
	}
	calls := r.count[plainOperator] + r.count[plainNewline] + 1
	r.nodes = plainNodes{
		lits:  make([]syntax.Lit, 0, r.count[plainLit]+r.count[plainParam]),
		words: make([]plainWord, 0, words),
		args:  make([]*syntax.Word, 0, words),
		calls: make([]syntax.CallExpr, 0, calls),
		stmts: make([]syntax.Stmt, 0, calls+r.count[plainOperator]),
	}
	r.tokens = append(r.tokens, plainToken{})
	stmts, ok := r.statements(plainEnd)
	if !ok || r.wrong {
		return nil
	}
	return &syntax.File{Stmts: stmts}
}

// statements reads what is before a token of kind end.
func (r *plainReader) statements(end plainKind) (stmts []*syntax.Stmt, ok bool) {
	for {
		r.newlines()
		if r.tokens[r.next].kind == end {
			return stmts, true
		}
		s := r.statement()
		if s == nil {
			return nil, false
		}
		stmts = append(stmts, s)
		switch t := &r.tokens[r.next]; {
		case r.operator(";"):
			s.Semicolon = t.pos(t.from)
		case t.kind != plainNewline && t.kind != end:
			return nil, false
		}
	}
}

// take is the next of list, which has room for as many as there usually are.
//
//go:noinline
func take[T any](list *[]T) *T {
	if len(*list) == cap(*list) {
		*list = make([]T, 0, 4)
	}
	*list = (*list)[:len(*list)+1]
	return &(*list)[len(*list)-1]
}

// pos is the position at, on the line of t.
//
//go:noinline
func (t *plainToken) pos(at int32) syntax.Pos {
	return syntax.NewPos(uint(at), uint(t.line), uint(at-t.lineStart+1))
}

//go:noinline
func (r *plainReader) textOf(t *plainToken) string { return r.text[t.from:t.to] }

//go:noinline
func (r *plainReader) newlines() {
	for r.tokens[r.next].kind == plainNewline {
		r.next++
	}
}

// operator reads an operator if it is what comes next.
//
//go:noinline
func (r *plainReader) operator(op string) bool {
	t := &r.tokens[r.next]
	if t.kind != plainOperator || r.textOf(t) != op {
		return false
	}
	r.next++
	return true
}

func (r *plainReader) statement() *syntax.Stmt {
	s := r.pipeline()
	for s != nil {
		t := &r.tokens[r.next]
		switch {
		case r.operator("&&"):
			s = r.list(s, t, syntax.AndStmt, (*plainReader).pipeline)
		case r.operator("||"):
			s = r.list(s, t, syntax.OrStmt, (*plainReader).pipeline)
		default:
			return s
		}
	}
	return nil
}

func (r *plainReader) pipeline() *syntax.Stmt {
	s := r.command()
	for s != nil {
		t := &r.tokens[r.next]
		if !r.operator("|") {
			return s
		}
		s = r.list(s, t, syntax.Pipe, (*plainReader).command)
	}
	return nil
}

// list joins x with what comes after the operator t.
func (r *plainReader) list(x *syntax.Stmt, t *plainToken, op syntax.BinCmdOperator, read func(*plainReader) *syntax.Stmt) *syntax.Stmt {
	r.newlines()
	y := read(r)
	if y == nil {
		return nil
	}
	s := take(&r.nodes.stmts)
	s.Position, s.Cmd = x.Position, &syntax.BinaryCmd{OpPos: t.pos(t.from), Op: op, X: x, Y: y}
	return s
}

func (r *plainReader) command() *syntax.Stmt {
	first := &r.tokens[r.next]
	if first.kind == plainLit && (r.numbersRedirect() || isReserved(r.textOf(first), r.posix)) {
		return nil
	}
	s, call := take(&r.nodes.stmts), take(&r.nodes.calls)
	s.Position, s.Cmd = first.pos(first.from), call
	args := len(r.nodes.args)
	for {
		t := &r.tokens[r.next]
		switch t.kind {
		case plainLit, plainSingle, plainParam, plainOpen, plainSubst:
			if t.kind == plainLit {
				if r.numbersRedirect() {
					n := r.lit(t, t.from, t.to)
					r.next++
					if !r.redirect(s, n) {
						return nil
					}
					continue
				}
				if len(r.nodes.args) == args {
					name, _, ok := strings.Cut(r.textOf(t), "=")
					if ok && strings.HasSuffix(name, "+") {
						return nil
					}
					if ok && syntax.ValidName(name) {
						call.Assigns = append(call.Assigns, r.assign(t, t.from+int32(len(name))))
						continue
					}
				}
			}
			r.nodes.args = append(r.nodes.args, r.word())
		case plainRedirect:
			if t == first || !r.redirect(s, nil) {
				return nil
			}
		default:
			if n := len(r.nodes.args); n > args {
				call.Args = r.nodes.args[args:n:n]
			} else if call.Assigns == nil {
				return nil
			}
			return s
		}
	}
}

// numbersRedirect reports whether the next token is the number of the redirect after it.
//
//go:noinline
func (r *plainReader) numbersRedirect() bool {
	t, after := &r.tokens[r.next], &r.tokens[r.next+1]
	if after.kind != plainRedirect || after.from != t.to {
		return false
	}
	return strings.Trim(r.textOf(t), "0123456789") == ""
}

func (r *plainReader) redirect(s *syntax.Stmt, number *syntax.Lit) bool {
	t := &r.tokens[r.next]
	to := &syntax.Redirect{OpPos: t.pos(t.from), N: number}
	switch r.textOf(t) {
	case ">":
		to.Op = syntax.RdrOut
	case ">>":
		to.Op = syntax.AppOut
	case ">&":
		to.Op = syntax.DplOut
	default:
		to.Op = syntax.RdrIn
	}
	r.next++
	if t = &r.tokens[r.next]; t.kind < plainLit || t.kind > plainSubst || t.kind == plainLit && r.numbersRedirect() {
		return false
	}
	to.Word = r.word()
	s.Redirs = append(s.Redirs, to)
	return true
}

// assign reads an assignment, whose `=` is at equals in the literal t.
func (r *plainReader) assign(t *plainToken, equals int32) *syntax.Assign {
	as := &syntax.Assign{Name: r.lit(t, t.from, equals)}
	r.next++
	if glued := r.tokens[r.next].glued; equals+1 < t.to || glued {
		w := take(&r.nodes.words)
		w.word.Parts = w.parts[:0]
		if equals+1 < t.to {
			w.word.Parts = append(w.word.Parts, r.lit(t, equals+1, t.to))
		}
		r.parts(&w.word)
		as.Value = &w.word
	}
	return as
}

func (r *plainReader) word() *syntax.Word {
	w := take(&r.nodes.words)
	w.word.Parts = append(w.parts[:0], r.part())
	r.parts(&w.word)
	return &w.word
}

// parts adds the other parts of a word.
//
//go:noinline
func (r *plainReader) parts(w *syntax.Word) {
	for r.tokens[r.next].glued {
		w.Parts = append(w.Parts, r.part())
	}
}

func (r *plainReader) part() syntax.WordPart {
	t := &r.tokens[r.next]
	r.next++
	switch t.kind {
	case plainSingle:
		return &syntax.SglQuoted{Left: t.pos(t.from), Right: t.pos(t.to - 1), Value: r.text[t.from+1 : t.to-1]}
	case plainParam:
		p := &syntax.ParamExp{Dollar: t.pos(t.from), Short: r.text[t.from+1] != '{'}
		if p.Short {
			p.Param = r.lit(t, t.from+1, t.to)
		} else {
			p.Param, p.Rbrace = r.lit(t, t.from+2, t.to-1), t.pos(t.to-1)
		}
		return p
	case plainSubst:
		s := &syntax.CmdSubst{Left: t.pos(t.from)}
		args := r.nodes.args
		r.nodes.args = nil // those of a call are next to each other
		var ok bool
		if s.Stmts, ok = r.statements(plainSubstEnd); !ok {
			r.wrong, r.next = true, len(r.tokens)-1
			return s
		}
		r.nodes.args = args
		t = &r.tokens[r.next]
		s.Right = t.pos(t.from)
		r.next++
		return s
	case plainOpen:
		q := &syntax.DblQuoted{Left: t.pos(t.from)}
		for t = &r.tokens[r.next]; t.kind != plainClose && t.kind != plainEnd; t = &r.tokens[r.next] {
			q.Parts = append(q.Parts, r.part())
		}
		if t.kind == plainClose {
			q.Right = t.pos(t.from)
			r.next++
		}
		return q
	}
	return r.lit(t, t.from, t.to)
}

//go:noinline
func (r *plainReader) lit(t *plainToken, from, to int32) *syntax.Lit {
	l := take(&r.nodes.lits)
	l.ValuePos, l.ValueEnd, l.Value = t.pos(from), t.pos(to), r.text[from:to]
	return l
}

// isReserved reports whether a shell reads more than a simple command after word.
func isReserved(word string, posix bool) bool {
	switch word {
	case "!", "{", "}", "case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "then", "until", "while":
		return true
	case "[[", "]]", "coproc", "declare", "export", "let", "local", "nameref", "readonly", "select", "time", "typeset":
		return !posix
	}
	return false
}
