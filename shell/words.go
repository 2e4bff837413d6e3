package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// readWord reads one word.
func (s *Script) readWord(x *syntax.Word) Word {
	w := Word{Span: s.Span(x), Literal: true, Node: x}
	if len(x.Parts) == 1 { // its text need not be put together
		switch p := x.Parts[0].(type) {
		case *syntax.Lit:
			w.Text = unescape(p.Value, false)
			w.Quoted = len(w.Text) != len(p.Value)
			return w
		case *syntax.SglQuoted:
			w.Text, w.Quoted = p.Value, true
			return w
		case *syntax.DblQuoted:
			if len(p.Parts) != 1 {
				break
			}
			if lit, ok := p.Parts[0].(*syntax.Lit); ok {
				w.Text, w.Quoted = unescape(lit.Value, true), true
				return w
			}
		default:
			w.Text, w.Literal = s.Text.String[p.Pos().Offset():p.End().Offset()], false
			return w
		}
	}
	start, end := x.Pos().Offset(), x.End().Offset()
	if text := s.Text.String[start:end]; !strings.ContainsAny(text, "\"'\\\r\x00") { // the parser leaves out nothing of it
		for _, part := range x.Parts {
			_, literal := part.(*syntax.Lit)
			w.Literal = w.Literal && literal
		}
		w.Text = text
		return w
	}
	var b strings.Builder
	b.Grow(int(end - start))
	for _, part := range x.Parts {
		s.readPart(&b, &w, part)
	}
	w.Text = b.String()
	return w
}

// readPart adds part to the text in b, and records in w whether it is quoted or not literal.
func (s *Script) readPart(b *strings.Builder, w *Word, part syntax.WordPart) {
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
			s.readPart(b, w, q)
		}
	default:
		w.Literal = false
		b.WriteString(s.Text.String[part.Pos().Offset():part.End().Offset()])
	}
}

// unescape removes the backslashes that the shell removes. double says that text is in double quotes.
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

// readAssign reads `NAME=value`.
func (s *Script) readAssign(a *syntax.Assign) Assign {
	out := Assign{Span: s.Span(a)}
	if a.Name != nil {
		out.Name = a.Name.Value
	}
	if a.Value != nil {
		out.Value = s.readWord(a.Value)
	}
	return out
}

// moveAssigns moves the assignments among the words of `export A=b` to c.Assigns. The POSIX grammar reads it like any
// other command.
func (c *Command) moveAssigns() {
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
