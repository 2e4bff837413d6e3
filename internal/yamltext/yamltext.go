// Package yamltext finds places and comments in the text of a YAML file, for findings in it. The parser gives the line
// and column at which a value begins, not where it ends; and of comments only the text.
package yamltext

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// reach is how much of a line is looked at, in bytes, so that the many values of an endless one do not each read all of
// it.
const reach = 500

// Span is what is written of n on the line on which it begins: a single value, the first key of a mapping, or the rest
// of the line. src is the file that n was parsed from.
func Span(src *parser.Source, n *yaml.Node) parser.Span {
	line := src.Lines.Span(n.Line)
	start := line.Start
	if n.Column > reach {
		start = min(start+n.Column-1, line.End)
	} else {
		for i := 1; i < n.Column && start < line.End; i++ { // columns count characters
			_, size := utf8.DecodeRune(src.Bytes[start:line.End])
			start += size
		}
	}
	rest := string(src.Bytes[start:min(line.End, start+reach)])
	switch {
	case n.Kind == yaml.ScalarNode && n.Style == 0 && n.Value != "" && strings.HasPrefix(rest, n.Value):
		return parser.Span{Start: start, End: start + len(n.Value)}
	case n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle == 0 && len(n.Content) > 0:
		return Span(src, n.Content[0])
	}
	var s scanner
	if i := s.comment(rest); i >= 0 {
		rest = rest[:i]
	}
	if n.Kind == yaml.ScalarNode && rest != "" && (rest[0] == '"' || rest[0] == '\'') {
		if end := quoted(rest); end > 0 {
			rest = rest[:end]
		}
	}
	return parser.Span{Start: start, End: start + len(strings.TrimRight(rest, " \t"))}
}

// quoted is the length of the quoted value that s begins with, 0 if it does not end in s.
func quoted(s string) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && s[0] == '"':
			i++
		case s[i] == s[0] && s[0] == '\'' && i+1 < len(s) && s[i+1] == '\'':
			i++
		case s[i] == s[0]:
			return i + 1
		}
	}
	return 0
}

// Comments are the comments in src that have one of the words at the beginning. A comment on a line of its own is about
// the next line that is not one, another comment about its own line; and both about the lines below it that belong to
// its value.
func Comments(src *parser.Source, words ...string) []lint.Remark {
	if !slices.ContainsFunc(words, func(w string) bool { return bytes.Contains(src.Bytes, []byte(w)) }) {
		return nil // as in most files
	}
	all := read(src)
	var out []lint.Remark
	for i, l := range all {
		if l.comment < 0 {
			continue
		}
		text := strings.TrimRight(string(src.Bytes[l.comment+1:l.End]), " \t")
		text = strings.TrimLeft(text, " \t")
		word, _, _ := strings.Cut(text, " ")
		if !slices.Contains(words, strings.TrimSuffix(word, ":")) {
			continue
		}
		at := i
		for at < len(all) && !all[at].content {
			at++
		}
		x := lint.Remark{Span: parser.Span{Start: l.comment, End: l.comment}, Text: text}
		x.Span.End = l.comment + strings.LastIndex(string(src.Bytes[l.comment:l.End]), text) + len(text)
		if at < len(all) {
			x.About = parser.Span{Start: all[at].Start, End: all[end(all, at)].End}
		}
		out = append(out, x)
	}
	return out
}

// line is a line of a file.
type line struct {
	parser.Span
	comment int  // where one begins, -1 without one
	content bool // there is more than a comment and spaces
	inside  bool // it begins inside of a value
	indent  int
	item    bool // it begins with `- `
}

// end is the last line of what begins on the line numbered at.
func end(all []line, at int) int {
	last, first := at, all[at]
	for i := at + 1; i < len(all); i++ {
		l := all[i]
		switch {
		case l.inside || l.content && (l.indent > first.indent || l.indent == first.indent && l.item && !first.item):
			last = i
		case l.content:
			return last
		}
	}
	return last
}

// Block is the lines of src on which n, the key of a mapping, and its value are written, without the indentation that they share. It is
// empty if they take more than most bytes.
func Block(src *parser.Source, n *yaml.Node, most int) string {
	var s scanner
	var b strings.Builder
	first := s.line(src, src.Lines.Span(n.Line))
	last := src.Lines.Line(len(src.Bytes))
	length := 0 // without what follows the value
	for i, l := n.Line, first; ; l = s.line(src, src.Lines.Span(i)) {
		inner := l.inside || l.content && (l.indent > first.indent || l.indent == first.indent && l.item && !first.item)
		if i > n.Line && l.content && !inner || b.Len() > most || l.End-l.Start > most {
			break
		}
		text := string(src.Bytes[l.Start:l.End])
		for range first.indent {
			text = strings.TrimPrefix(text, " ")
		}
		b.WriteString(strings.TrimRight(text, " \t") + "\n")
		if i == n.Line || inner {
			length = b.Len()
		}
		if i++; i > last {
			break
		}
	}
	if b.Len() > most {
		return ""
	}
	return b.String()[:length]
}

func read(src *parser.Source) []line {
	var out []line
	var s scanner
	for n := 1; ; n++ {
		out = append(out, s.line(src, src.Lines.Span(n)))
		if n == src.Lines.Line(len(src.Bytes)) {
			return out
		}
	}
}

// scanner reads lines one after the other.
type scanner struct {
	quote byte // of a value that is still open
	block int  // the least indentation of a block of text that is still open, 0 without one
}

// header ends a line that begins a block of text.
var header = lazy.Regexp{Expr: `(^|[ \t])[|>][0-9+-]*$`}

func (s *scanner) line(src *parser.Source, span parser.Span) line {
	text := string(src.Bytes[span.Start:span.End])
	l := line{Span: span, comment: -1, inside: s.quote != 0}
	trimmed := strings.TrimLeft(text, " ")
	l.indent = len(text) - len(trimmed)
	if s.block > 0 {
		if l.inside = strings.TrimSpace(text) == "" || l.indent >= s.block; l.inside {
			l.content = strings.TrimSpace(text) != ""
			return l
		}
		s.block = 0
	}
	if i := s.comment(text); i >= 0 {
		l.comment = span.Start + i
		text = text[:i]
	}
	text = strings.TrimRight(text, " \t")
	l.content = strings.TrimSpace(text) != ""
	l.item = trimmed == "-" || strings.HasPrefix(trimmed, "- ")
	if s.quote == 0 && header.Get().MatchString(text) {
		s.block = parent(text) + 1
	}
	return l
}

// parent is the indentation of the key or the item whose value a line ends with.
func parent(text string) int {
	at := len(text) - len(strings.TrimLeft(text, " "))
	for strings.HasPrefix(text[at:], "- ") {
		rest := strings.TrimLeft(text[at+2:], " ")
		if rest[0] == '|' || rest[0] == '>' {
			break
		}
		at = len(text) - len(rest)
	}
	return at
}

// comment is where a comment begins in text, -1 if there is none.
func (s *scanner) comment(text string) int {
	start := true // a quote here begins a value
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case s.quote == '"' && c == '\\', s.quote == '\'' && strings.HasPrefix(text[i:], "''"):
			i++
		case s.quote != 0:
			if c == s.quote {
				s.quote = 0
			}
			start = false
		case c == '#' && (i == 0 || text[i-1] == ' ' || text[i-1] == '\t'):
			return i
		case (c == '"' || c == '\'') && start:
			s.quote = c
		case c == ' ' || c == '\t':
			start = start || i > 0 && (text[i-1] == ':' || text[i-1] == '-' || text[i-1] == ',' || text[i-1] == '?')
		default:
			start = c == '[' || c == '{' || c == ','
		}
	}
	return -1
}
