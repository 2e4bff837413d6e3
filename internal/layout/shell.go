package layout

import (
	"bytes"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Style is how shell code is written.
type Style struct {
	Indent           int // spaces; 0: a tab
	BinaryNextLine   bool
	SwitchCaseIndent bool
	SpaceRedirects   bool
	FunctionNextLine bool
}

// DefaultStyle is the style without an .editorconfig.
func DefaultStyle() Style { return Style{Indent: 4} }

func (s Style) indent(depth int) string {
	if s.Indent == 0 {
		return strings.Repeat("\t", depth)
	}
	return strings.Repeat(" ", depth*s.Indent)
}

// FormatShell formats like Format, and also the shell code of RUN: the spaces between its words and the indentation of its lines, and all of
// the body of a heredoc. rebuilt are the lines of the result at which a RUN begins whose code is another text now: BuildKit runs it once
// more, although it does the same. Code that is not understood is left as it is.
func FormatShell(name string, src []byte, style Style) (out []byte, rebuilt []int, err error) {
	out, err = Format(name, src)
	if err != nil {
		return nil, nil, err
	}
	file := parser.Parse(name, out)
	var edits []edit
	for _, stage := range plan.New(file, plan.Options{}).Stages {
		for _, step := range stage.Steps {
			if e, ok := (&coder{file, style}).step(step); ok {
				edits = append(edits, e)
			}
		}
	}
	if len(edits) == 0 {
		return out, nil, nil
	}
	var b bytes.Buffer
	at := 0
	for _, e := range edits {
		b.Write(out[at:e.span.Start])
		b.WriteString(e.text)
		at = e.span.End
	}
	b.Write(out[at:])
	after := parser.Parse(name, b.Bytes())
	if len(after.Errors) > 0 || !sameComments(file, after) || !sameDirectives(file, after) || len(file.Instructions) != len(after.Instructions) {
		return nil, nil, ErrUnproven
	}
	for i, in := range after.Instructions {
		before := file.Instructions[i]
		switch {
		case in.Name != before.Name || in.Name != "RUN" && in.Text.String != before.Text.String:
			return nil, nil, ErrUnproven
		case code(in) != code(before) && in.Name != "RUN":
			return nil, nil, ErrUnproven
		case code(in) != code(before):
			rebuilt = append(rebuilt, after.Lines.Line(in.Span.Start))
		}
	}
	return b.Bytes(), rebuilt, nil
}

// code is what an instruction runs or writes, as BuildKit passes it on.
func code(in *parser.Instruction) string {
	parts := []string{in.Rest.String}
	for _, h := range in.Heredocs {
		parts = append(parts, h.Body.String)
	}
	return strings.Join(parts, "\x00")
}

type edit struct {
	span parser.Span
	text string
}

// coder formats the shell code of a file.
type coder struct {
	*parser.File
	style Style
}

// step is what to write in place of the code of step; false if it stays.
func (c *coder) step(step *plan.Step) (edit, bool) {
	in := step.Instruction
	sc := shell.Read(step)
	if sc == nil || sc.File == nil || in.JSON || c.Escape != '\\' {
		return edit{}, false
	}
	lang, ok := language(sc.Dialect)
	if !ok {
		return edit{}, false
	}
	if sc.Heredoc {
		body := in.Heredocs[0]
		if len(in.Heredocs) > 1 || body.Chomp || !sc.Text.Whole() || strings.Contains(sc.Text.String, "\r") {
			return edit{}, false
		}
		text, ok := c.print(lang, sc.Text.String)
		return edit{sc.Text.Full(), text}, ok && text != sc.Text.String
	}
	if len(in.Heredocs) > 0 || sc.Mixed {
		return edit{}, false
	}
	l := &liner{coder: c, text: sc.Text}
	if !l.read(lang) {
		return edit{}, false
	}
	e := l.write()
	if c.Text(e.span) == e.text || !same(lang, sc.Text.String, joined(e.text)) {
		return edit{}, false
	}
	return e, true
}

func language(d shell.Dialect) (syntax.LangVariant, bool) {
	switch d {
	case shell.POSIX:
		return syntax.LangPOSIX, true
	case shell.Bash:
		return syntax.LangBash, true
	case shell.Ksh:
		return syntax.LangMirBSDKorn, true
	case shell.Zsh, shell.Other:
	}
	return 0, false
}

// print is the body of a heredoc as shfmt writes it; false if it means something else then.
func (c *coder) print(lang syntax.LangVariant, text string) (string, bool) {
	f, err := syntax.NewParser(syntax.Variant(lang), syntax.KeepComments(true)).Parse(strings.NewReader(text), "")
	if err != nil {
		return "", false
	}
	var b bytes.Buffer
	s := c.style
	err = syntax.NewPrinter(syntax.Indent(uint(max(s.Indent, 0))), syntax.BinaryNextLine(s.BinaryNextLine), syntax.SwitchCaseIndent(s.SwitchCaseIndent), //nolint:gosec // it is not negative
		syntax.SpaceRedirects(s.SpaceRedirects), syntax.FunctionNextLine(s.FunctionNextLine)).Print(&b, f)
	if err != nil || !same(lang, text, b.String()) || !slices.Equal(comments(lang, text), comments(lang, b.String())) {
		return "", false
	}
	return b.String(), true
}

func comments(lang syntax.LangVariant, text string) (out []string) {
	f, err := syntax.NewParser(syntax.Variant(lang), syntax.KeepComments(true)).Parse(strings.NewReader(text), "")
	if err != nil {
		return nil
	}
	syntax.Walk(f, func(n syntax.Node) bool {
		if c, ok := n.(*syntax.Comment); ok {
			out = append(out, strings.TrimSpace(c.Text))
		}
		return true
	})
	slices.Sort(out)
	return out
}

// same reports whether a and b are the same program: what is left of both without spaces, lines and comments.
func same(lang syntax.LangVariant, a, b string) bool {
	short := func(text string) (string, bool) {
		f, err := syntax.NewParser(syntax.Variant(lang)).Parse(strings.NewReader(text), "")
		if err != nil {
			return "", false
		}
		var b strings.Builder
		err = syntax.NewPrinter(syntax.Minify(true)).Print(&b, f)
		return b.String(), err == nil
	}
	x, ok := short(a)
	y, ok2 := short(b)
	return ok && ok2 && x == y
}

// joined is the code that BuildKit makes of lines with continuations.
func joined(lines string) string {
	in := parser.Parse("", []byte("RUN "+lines)).Instructions
	if len(in) != 1 {
		return ""
	}
	return in[0].Rest.String
}

// liner formats code over lines that are continued.
type liner struct {
	*coder
	text  parser.Text
	fixed []bool // for each byte of text: it is part of a word, where spaces have a meaning
	deep  []int  // for each byte: how deep a line is indented that begins there
}

// read finds the words and the structure of the code; false for code with a comment, which would go on to the end.
func (l *liner) read(lang syntax.LangVariant) bool {
	f, err := syntax.NewParser(syntax.Variant(lang), syntax.KeepComments(true)).Parse(strings.NewReader(l.text.String), "")
	if err != nil {
		return false
	}
	l.fixed, l.deep = make([]bool, len(l.text.String)), make([]int, len(l.text.String))
	for i := range l.deep {
		l.deep[i] = 1
	}
	off := func(p syntax.Pos) int { return min(int(p.Offset()), len(l.text.String)) } //nolint:gosec // it is the length of a file
	inside := func(from, to syntax.Pos, but ...syntax.Pos) {
		if !from.IsValid() || !to.IsValid() {
			return
		}
		for i := off(from) + 1; i < off(to); i++ {
			if !slices.ContainsFunc(but, func(p syntax.Pos) bool { return p.IsValid() && off(p) == i }) {
				l.deep[i]++
			}
		}
	}
	ok := true
	branches := map[*syntax.IfClause]bool{} // an elif or else, which belongs to the if above
	syntax.Walk(f, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Comment:
			ok = false
		case *syntax.Word, *syntax.Assign, *syntax.TestClause, *syntax.ArithmCmd, *syntax.LetClause:
			for i := off(n.Pos()); i < off(n.End()); i++ {
				l.fixed[i] = true
			}
		case *syntax.Redirect:
			if n.Hdoc != nil {
				ok = false
			}
		case *syntax.CallExpr:
			inside(n.Pos(), n.End())
		case *syntax.DeclClause:
			inside(n.Pos(), n.End())
		case *syntax.Block:
			inside(n.Lbrace, n.Rbrace)
		case *syntax.Subshell:
			inside(n.Lparen, n.Rparen)
		case *syntax.WhileClause:
			inside(n.WhilePos, n.DonePos, n.DoPos)
		case *syntax.ForClause:
			inside(n.ForPos, n.DonePos, n.DoPos)
		case *syntax.CaseClause:
			inside(n.Case, n.Esac)
		case *syntax.CaseItem:
			inside(n.Pos(), n.OpPos)
		case *syntax.IfClause:
			if branches[n] {
				return true
			}
			but := []syntax.Pos{n.ThenPos}
			for e := n.Else; e != nil; e = e.Else {
				branches[e] = true
				but = append(but, e.Position, e.ThenPos)
			}
			inside(n.Position, n.FiPos, but...)
		}
		return true
	})
	return ok
}

// write is the code with its lines indented. The edit begins at the start of the first line if nothing else is on it.
func (l *liner) write() edit {
	span := l.text.Full()
	newline := l.Newline()
	var b strings.Builder
	index := 0 // in l.text
	lines := strings.Split(l.Text(span), "\n")
	start := span.Start
	for n, line := range lines {
		size := len(line)
		body := strings.TrimRight(line, "\r")
		trimmed := strings.TrimLeft(body, " \t")
		if n > 0 {
			b.WriteString(newline)
		}
		switch {
		case n > 0 && strings.HasPrefix(trimmed, "#"):
			b.WriteString(l.style.indent(1) + comment(trimmed))
		case n > 0 && trimmed == "":
			b.WriteString(body)
		default:
			for index < len(l.text.String) && l.text.Offset(index) < start {
				index++
			}
			end := index
			for end < len(l.text.String) && l.text.Offset(end) < start+size {
				end++
			}
			l.line(&b, index, end, n == 0)
			if n < len(lines)-1 {
				b.WriteString("\\")
			}
		}
		start += size + 1
	}
	if text := string(l.Bytes[l.Lines.Span(l.Lines.Line(span.Start)).Start:span.Start]); strings.TrimSpace(text) == "" && len(lines) > 0 {
		return edit{parser.Span{Start: span.Start - len(text), End: span.End}, l.style.indent(1) + b.String()}
	}
	return edit{span, b.String()}
}

// line writes the bytes of the text from start to end, which are on one line, up to its continuation.
func (l *liner) line(b *strings.Builder, start, end int, first bool) {
	t := l.text.String
	i := start
	for i < end && isBlank(t[i]) && !l.fixed[i] {
		i++
	}
	inWord := i < end && i == start && i > 0 && l.fixed[i] && l.fixed[i-1]
	if !first && !inWord {
		if i < end {
			b.WriteString(l.style.indent(l.deep[i]))
		} else {
			b.WriteString(l.style.indent(1))
		}
	}
	for i < end {
		if !isBlank(t[i]) || l.fixed[i] {
			b.WriteByte(t[i])
			i++
			continue
		}
		j := i
		for j < end && isBlank(t[j]) && !l.fixed[j] {
			j++
		}
		if j < end && (t[j] != ';' || j > start && t[i-1] == ';') || j == end && end < len(t) {
			b.WriteByte(' ')
		}
		i = j
	}
	if end >= len(t) || end == start || isBlank(t[end-1]) && !l.fixed[end-1] || l.fixed[end-1] && l.fixed[end] {
		return // nothing follows, or the word goes on
	}
	b.WriteByte(' ')
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }
