package parser

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// logical is one instruction as the scanner cuts it out of the file.
type logical struct {
	text       Text
	start, end int // first byte of its first line; end of its last line without the line ending
	lead       []Comment
	inner      []Comment
	heredocs   []Heredoc
	odd        bool // BuildKit must see the lines as they are: joined, it would read them otherwise
	long       bool // it is odd only because it is longer, joined, than BuildKit takes a line
	body       int  // where the code of a shell-form RUN begins, which BuildKit keeps as it is; 0 if it must see all
	err        error
}

// scanner follows BuildKit's own reading of lines (parser.Parse) and keeps the places that it throws away.
type scanner struct {
	f          *File
	pos        int
	directives parser.DirectiveParser
	inDirs     bool
	lead       []Comment
	found      []*logical // the beginning of scratch.logicals
	text       string     // the source, of which the texts of instructions and comments are parts
	*scratch
}

// scratch is what a scanner only needs while it reads. It is kept for the next file.
type scratch struct {
	logicals []*logical
	joined   []byte // for join to write in
	breaks   []jump
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func newScanner(f *File) *scanner {
	x, _ := scratches.Get().(*scratch)
	return &scanner{f: f, scratch: x}
}

// close ends the use of what the scanner has found.
func (s *scanner) close() {
	for _, l := range s.found {
		*l = logical{}
	}
	s.found = nil
	scratches.Put(s.scratch)
}

// line returns the next physical line without its ending, and moves on.
func (s *scanner) line() (text []byte, start int, ok bool) {
	src := s.f.Bytes
	if s.pos >= len(src) {
		return nil, s.pos, false
	}
	start = s.pos
	end := len(src)
	if i := bytes.IndexByte(src[start:], '\n'); i >= 0 {
		end = start + i
		s.pos = end + 1
	} else {
		s.pos = end
	}
	return bytes.TrimRight(src[start:end], "\r"), start, true
}

func (s *scanner) scan() {
	s.text = string(s.f.Bytes)
	s.inDirs = true
	if bytes.HasPrefix(s.f.Bytes, []byte("\xEF\xBB\xBF")) {
		s.pos = 3
	}
	for {
		raw, start, ok := s.line()
		if !ok {
			return
		}
		text := trimLeft(raw)
		start += len(raw) - len(text)
		if s.inDirs {
			s.directive(text, start)
		}
		switch {
		case len(text) == 0:
		case text[0] == '#':
			s.lead = append(s.lead, s.comment(text, start))
		default:
			s.instruction(text, start)
			if len(s.found) > MaxInstructions {
				return
			}
		}
	}
}

func (s *scanner) comment(text []byte, start int) Comment {
	c := Comment{Span{start, start + len(text)}, strings.TrimSpace(s.text[start+1 : start+len(text)])}
	s.f.Comments = append(s.f.Comments, c)
	return c
}

func (s *scanner) directive(text []byte, start int) {
	span := Span{start, start + len(text)}
	d, err := s.directives.ParseLine(text)
	switch {
	case err != nil:
		s.f.Errors = append(s.f.Errors, SyntaxError{Span: span, Message: err.Error()})
	case d == nil:
		s.inDirs = false
	default:
		at := bytes.LastIndex(text, []byte(d.Value))
		s.f.Directives = append(s.f.Directives, Directive{d.Name, Text{String: d.Value, off: start + at}, span})
		if d.Name != "escape" {
			break
		}
		if d.Value != "`" && d.Value != `\` {
			s.f.Errors = append(s.f.Errors, SyntaxError{
				Span:    Span{start + at, start + at + len(d.Value)},
				Message: fmt.Sprintf("escape character `%s` is neither `\\` nor a backtick", d.Value),
			})
			break
		}
		s.f.Escape = d.Value[0]
	}
}

// continues reports whether the line goes on, and where its escape character is. Only spaces and tabs may follow it; an
// escape before it cancels it.
func continues[T string | []byte](line T, escape byte) (at int, ok bool) {
	at = len(line) - 1
	for at >= 0 && (line[at] == ' ' || line[at] == '\t') {
		at--
	}
	if at < 0 || line[at] != escape || at > 0 && line[at-1] == escape {
		return 0, false
	}
	return at, true
}

func (s *scanner) instruction(line []byte, start int) {
	n := len(s.found)
	if n == len(s.logicals) {
		more := make([]logical, 16)
		for i := range more {
			s.logicals = append(s.logicals, &more[i])
		}
	}
	l := s.logicals[n]
	*l = logical{start: start, lead: s.lead, end: start + len(line)}
	s.lead = nil
	s.found = s.logicals[:n+1]
	s.tooLong(l, len(line))

	at, more := continues(line, s.f.Escape)
	if !more {
		l.text = Text{String: s.text[start:l.end], off: start}
	} else {
		s.join(l, line[:at], start)
	}
	joined := l.text.String
	_, again := continues(joined, s.f.Escape)
	trimmed := strings.TrimLeftFunc(joined, unicode.IsSpace)
	l.odd = again || trimmed == "" || len(trimmed) != len(joined) || joined[0] == '#' || joined[len(joined)-1] == '\r'
	if len(joined) > MaxLine {
		l.long, l.odd = !l.odd, true
	}
	if chained(trimmed) {
		// BuildKit refuses it as well, but takes quadratic time to find that out.
		l.err = fmt.Errorf("ONBUILD wraps another ONBUILD")
	}
	if trimmed == "" {
		l.err = fmt.Errorf("line contains no instruction")
	}
	if strings.Contains(joined, "<<") {
		s.heredocs(l)
	} else {
		l.body = s.shellForm(joined)
	}
}

// shellForm is where the code of a RUN begins in text, 0 if it is not a RUN in shell form.
func (s *scanner) shellForm(text string) int {
	if len(text) < 4 || !strings.EqualFold(text[:3], "RUN") || strings.IndexByte(blanks, text[3]) < 0 {
		return 0
	}
	at := 3
	for at < len(text) && strings.IndexByte(blanks, text[at]) >= 0 {
		at++
	}
	_, n := flagRanges(text[at:], s.f.Escape)
	code := strings.TrimLeftFunc(text[at+n:], unicode.IsSpace)
	if code == "" || code[0] == '[' {
		return 0
	}
	return len(text) - len(code)
}

// restore puts back into node what feed left out.
func (l *logical) restore(node *parser.Node) {
	if l.body > 0 && !l.odd && node.Next != nil {
		node.Original, node.Next.Value = l.text.String, strings.TrimRightFunc(l.text.String[l.body:], unicode.IsSpace)
	}
}

func chained(text string) bool {
	first, rest := cutKeyword(text)
	second, _ := cutKeyword(rest)
	return strings.EqualFold(first, "ONBUILD") && strings.EqualFold(second, "ONBUILD")
}

func cutKeyword(text string) (string, string) {
	i := 0
	for i < len(text) && !isSpace(text[i]) && text[i] < utf8.RuneSelf {
		i++
	}
	if i < len(text) && text[i] >= utf8.RuneSelf {
		if i = strings.IndexFunc(text, unicode.IsSpace); i < 0 {
			return text, ""
		}
	}
	return text[:i], strings.TrimLeftFunc(text[i:], unicode.IsSpace)
}

// isSpace reports whether c, an ASCII character, is one to unicode.IsSpace.
func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

func (s *scanner) tooLong(l *logical, n int) {
	if n > MaxLine && l.err == nil {
		l.err = fmt.Errorf("line of %d bytes is over BuildKit's limit of %d", n, MaxLine)
	}
}

// join appends the lines that continue l, whose first line is first without its escape.
func (s *scanner) join(l *logical, first []byte, start int) {
	joined, breaks := s.joined[:0], s.breaks[:0]
	joined = append(joined, first...)
	l.text.off = start
	if len(first) == 0 {
		l.odd = true
	}
	for {
		line, at, ok := s.line()
		if !ok {
			break
		}
		s.tooLong(l, len(line))
		text := trimLeft(line)
		if len(text) > 0 && text[0] == '#' {
			l.inner = append(l.inner, s.comment(text, at+len(line)-len(text)))
			continue
		}
		if len(text) == 0 {
			s.f.EmptyContinuations = append(s.f.EmptyContinuations, Span{at, at + len(line)})
			continue
		}
		l.end = at + len(line)
		end, more := continues(line, s.f.Escape)
		if !more {
			end = len(line)
		}
		if len(joined) == 0 {
			l.text.off = at
		} else {
			breaks = append(breaks, jump{len(joined), at})
		}
		joined = append(joined, line[:end]...)
		if !more {
			break
		}
	}
	l.text.String, l.text.breaks = string(joined), slices.Clone(breaks)
	s.joined, s.breaks = joined, breaks
}

type noVariables struct{}

func (noVariables) Get(string) (string, bool) { return "", false }
func (noVariables) Keys() []string            { return nil }

// heredocs finds the here-documents that l's line opens, as parser.Parse does, and takes their bodies.
func (s *scanner) heredocs(l *logical) {
	keyword, rest := cutKeyword(strings.TrimSpace(l.text.String))
	if strings.EqualFold(keyword, "ONBUILD") {
		keyword, rest = cutKeyword(rest)
	}
	switch strings.ToUpper(keyword) {
	case "ADD", "COPY", "RUN":
	default:
		return
	}
	if _, end := flagRanges(rest, s.f.Escape); isJSON(rest[end:]) {
		return
	}
	lex := shell.NewLex('\\')
	lex.RawQuotes, lex.RawEscapes, lex.SkipUnsetEnv = true, true, true
	words, _ := lex.ProcessWords(printable(bytes.NewBufferString(l.text.String)).String(), noVariables{})
	from := 0
	for _, word := range words {
		h, err := parser.ParseHeredoc(word)
		if err != nil {
			l.err = err
			return
		}
		if h == nil {
			continue
		}
		doc := Heredoc{Heredoc: *h, Raw: word}
		if i := strings.Index(l.text.String[from:], word); i >= 0 {
			doc.Operator = l.text.Span(from+i, from+i+len(word))
			from += i + len(word)
		}
		if !s.body(l, &doc) {
			return
		}
		l.heredocs = append(l.heredocs, doc)
	}
}

// body reads the lines of doc up to its terminator. Without one, the body is taken to end before the next line that
// begins with an instruction in capitals, so that what follows is still seen.
func (s *scanner) body(l *logical, doc *Heredoc) bool {
	begin := s.pos
	for {
		line, start, ok := s.line()
		if !ok {
			break
		}
		s.tooLong(l, len(line))
		name := line
		if doc.Chomp {
			name = bytes.TrimLeft(name, "\t")
		}
		if string(name) == doc.Name {
			doc.Body = Text{String: s.text[begin:start], off: begin}
			doc.Content = doc.Body.String
			doc.Terminator = Span{start, start + len(line)}
			l.end = doc.Terminator.End
			return true
		}
	}
	if l.err == nil {
		l.err = fmt.Errorf("heredoc `%s` is not terminated", doc.Name)
	}
	s.pos = begin
	for {
		at := s.pos
		line, start, ok := s.line()
		if !ok {
			return false
		}
		if word, _ := cutKeyword(string(line)); isKeyword(word) {
			s.pos = at
			return false
		}
		if len(line) > 0 {
			l.end = start + len(line)
		}
	}
}

// keywords are the instructions that BuildKit knows, sorted; a test holds them equal to its own list.
var keywords = [...]string{
	"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD",
	"RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
}

// keyword is the known instruction that word names in whatever case, or "".
func keyword(word string) string {
	for _, name := range keywords {
		if len(name) == len(word) && strings.EqualFold(name, word) {
			return name
		}
	}
	return ""
}

// isKeyword reports whether word is a known instruction in upper case.
func isKeyword(word string) bool { return word != "" && keyword(word) == word }

// trimLeft is line without the white space at its beginning.
func trimLeft(line []byte) []byte {
	for i, c := range line {
		switch {
		case c == ' ' || c == '\t':
		case c > ' ' && c < 0x7f:
			return line[i:]
		default:
			return bytes.TrimLeftFunc(line[i:], unicode.IsSpace)
		}
	}
	return nil
}

func isJSON(text string) bool {
	text = strings.TrimLeftFunc(text, unicode.IsSpace)
	var list []string
	return strings.HasPrefix(text, "[") && json.Unmarshal([]byte(text), &list) == nil
}
