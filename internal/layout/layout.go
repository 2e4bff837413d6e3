// Package layout writes a Dockerfile in one style and proves that this does not change its build.
package layout

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// ErrUnproven is returned for a Dockerfile of which it cannot be proven that formatting leaves its build as it is.
var ErrUnproven = errors.New("cannot prove that formatting does not change the build")

// Format formats a Dockerfile. The result is src itself if nothing is to be changed. Format returns the first
// parser.SyntaxError, as an *Error, if src does not parse, and ErrUnproven; then the result is nil.
//
// Keywords are in upper case, and single spaces are between words. Flags are in the order of the reference. Comments and
// instructions begin at the left margin, with at most one blank line between them and one above each FROM but the first.
// Pairs of an ENV or LABEL that goes over several lines are aligned. What a shell reads is kept as it is, since it is part
// of what the build runs, and so are heredocs.
func Format(name string, src []byte) ([]byte, error) {
	before := parser.Parse(name, src)
	if len(before.Errors) > 0 {
		e := before.Errors[0]
		return nil, &Error{before.Lines.Position(e.Span.Start), e.Message}
	}
	if len(before.Instructions) == 0 {
		return src, nil
	}
	out := (&printer{File: before, newline: before.Newline()}).file()
	if bytes.Equal(out, src) {
		return src, nil
	}
	after := parser.Parse(name, out)
	if !sameComments(before, after) || !sameDirectives(before, after) {
		return nil, ErrUnproven
	}
	if len(plan.Diff(plan.New(before, plan.Options{}), plan.New(after, plan.Options{}))) > 0 {
		return nil, ErrUnproven
	}
	return out, nil
}

// Error is why a Dockerfile does not parse.
type Error struct {
	Position parser.Position
	Message  string // lower-case, no full stop
}

func (e *Error) Error() string {
	return fmt.Sprintf("%d:%d: %s", e.Position.Line, e.Position.Column, e.Message)
}

func sameComments(a, b *parser.File) bool {
	return slices.EqualFunc(a.Comments, b.Comments, func(x, y parser.Comment) bool { return x.Text == y.Text })
}

func sameDirectives(a, b *parser.File) bool {
	return slices.EqualFunc(a.Directives, b.Directives, func(x, y parser.Directive) bool {
		return x.Name == y.Name && x.Value.String == y.Value.String
	})
}

type printer struct {
	*parser.File
	out     bytes.Buffer
	newline string
}

const byteOrderMark = "\xEF\xBB\xBF"

func (p *printer) file() []byte {
	end := 0
	if bytes.HasPrefix(p.Bytes, []byte(byteOrderMark)) {
		end = len(byteOrderMark)
		p.out.WriteString(byteOrderMark)
	}
	stages := 0
	for i, in := range p.Instructions {
		if in.Name == "FROM" {
			stages++
		}
		p.between(end, in.Span.Start, i == 0, in.Name == "FROM" && stages > 1)
		p.instruction(in)
		end = in.Span.End
		p.out.WriteString(p.newline)
	}
	p.between(end, len(p.Bytes), false, false)
	text := bytes.TrimRight(p.out.Bytes(), "\r\n")
	return append(text, p.newline...)
}

// between writes the comments and blank lines from the end of an instruction to the start of the next. A line ending has
// been written before.
func (p *printer) between(start, end int, first, apart bool) {
	lines := strings.Split(string(p.Bytes[start:end]), "\n")
	if !first {
		lines = lines[1:] // what is left of the line on which the instruction ends
	}
	if len(lines) > 0 && end < len(p.Bytes) {
		lines = lines[:len(lines)-1] // the indentation of the next instruction
	}
	blank := first && len(p.Directives) == 0 && !slices.ContainsFunc(p.Instructions[0].Lead, resemblesDirective)
	var text []string
	for _, line := range lines {
		line = strings.TrimSpace(line)
		if line != "" {
			blank = false
			text = append(text, comment(line))
		} else if !blank {
			blank = true
			text = append(text, "")
		}
	}
	if apart && !slices.Contains(text, "") {
		text = append([]string{""}, text...)
	}
	for _, line := range text {
		p.out.WriteString(line + p.newline)
	}
}

// resemblesDirective reports whether c would be a parser directive if nothing but directives were above it. A blank line
// above it may be what keeps it from being one.
func resemblesDirective(c parser.Comment) bool { return strings.Contains(c.Text, "=") }

// comment is a comment line with a space after its sign.
func comment(line string) string {
	if len(line) > 1 && line[0] == '#' && (line[1]|0x20 >= 'a' && line[1]|0x20 <= 'z' || line[1] >= '0' && line[1] <= '9') {
		return "# " + line[1:]
	}
	return line
}

// item is a part of an instruction.
type item struct {
	span  parser.Span
	text  string // what is written in its place
	shell bool   // code, whose lines are indented as its author chose
}

// instruction writes in without its last line ending; as it is if its parts cannot be told apart.
func (p *printer) instruction(in *parser.Instruction) {
	head := in.Head()
	if text, ok := p.join(p.items(in), p.indent(in), head.End); ok {
		p.out.WriteString(text)
	} else {
		p.out.WriteString(strings.TrimLeft(p.Text(head), " \t"))
	}
	p.out.Write(p.Bytes[head.End:in.Span.End])
}

// indent is the indentation of the second line and all that follow.
func (p *printer) indent(in *parser.Instruction) string {
	const usual = 4
	n := usual
	if (in.Name == "ENV" || in.Name == "LABEL") && len(in.Pairs) > 0 {
		if p.Lines.Line(in.Keyword.Full().Start) == p.Lines.Line(in.Pairs[0].Span.Start) {
			n = len(in.Name) + 1
		}
	}
	return strings.Repeat(" ", n)
}

// items are the parts of in in the order of the file. The last may hold the whole rest.
func (p *printer) items(in *parser.Instruction) []item {
	items := append([]item{{span: in.Keyword.Full(), text: in.Name}}, p.flags(in)...)
	rest := in.Rest
	if in.Name == "HEALTHCHECK" {
		n := strings.IndexFunc(rest.String, func(r rune) bool { return r == ' ' || r == '\t' })
		if n < 0 {
			n = len(rest.String)
		}
		kind := rest.Slice(0, n)
		items = append(items, item{span: kind.Full(), text: strings.ToUpper(kind.String)})
		rest = rest.Slice(n+len(rest.String[n:])-len(strings.TrimLeft(rest.String[n:], " \t")), len(rest.String))
	}
	switch {
	case rest.String == "":
		return items
	case in.Trigger != nil:
		return append(items, item{span: rest.Full(), text: p.Text(rest.Full())}) // the image has it as it is written
	case in.JSON:
		return append(items, item{span: rest.Full(), text: p.array(in, rest)})
	case len(in.Pairs) > 0 && in.Name != "ARG" && !in.Pairs[0].Legacy:
		for _, pair := range in.Pairs {
			items = append(items, item{span: pair.Span, text: p.Text(pair.Span)})
		}
		return items
	}
	switch in.Name {
	case "FROM", "COPY", "ADD", "ARG", "EXPOSE", "VOLUME":
		for i, word := range in.Args {
			text := p.Text(word.Full())
			if in.Name == "FROM" && i == 1 {
				text = strings.ToUpper(text) // AS
			}
			items = append(items, item{span: word.Full(), text: text})
		}
		return items
	case "USER", "WORKDIR", "STOPSIGNAL":
		return append(items, item{span: rest.Full(), text: strings.TrimRight(p.Text(rest.Full()), " \t")})
	}
	return append(items, item{rest.Full(), p.Text(rest.Full()), true})
}

// flagOrder is how the reference lists the flags of an instruction. Flags that are not in it come last, as those of RUN, whose
// mounts depend on each other.
var flagOrder = [...]string{
	"platform", "from", "chown", "chmod", "link", "parents", "exclude", "checksum", "keep-git-dir", "unpack",
	"interval", "timeout", "start-period", "start-interval", "retries",
}

// flags are the flags of in: each place gets the flag that belongs there.
func (p *printer) flags(in *parser.Instruction) []item {
	rank := func(f parser.Flag) int {
		if i := slices.Index(flagOrder[:], f.Name); i >= 0 {
			return i
		}
		return len(flagOrder)
	}
	sorted := slices.Clone(in.Flags)
	order.By(sorted, func(a, b parser.Flag) int { return cmp.Compare(rank(a), rank(b)) })
	items := make([]item, len(sorted))
	for i, f := range sorted {
		items[i] = item{span: in.Flags[i].Full(), text: p.Text(f.Full())}
	}
	return items
}

// array is a JSON array with a space after each comma, as it is if it goes over several lines.
func (p *printer) array(in *parser.Instruction, rest parser.Text) string {
	text := p.Text(rest.Full())
	if strings.Contains(text, "\n") {
		return text
	}
	var elements []string
	for _, arg := range in.Args {
		elements = append(elements, p.Text(arg.Full()))
	}
	return "[" + strings.Join(elements, ", ") + "]"
}

// join is items with a space between two that are on one line, up to the end of the instruction's head. ok is false if
// something else than spaces, continuations and comments is between them.
func (p *printer) join(items []item, indent string, end int) (text string, ok bool) {
	var b strings.Builder
	last := items[len(items)-1]
	for i, it := range items {
		if i > 0 {
			between := parser.Span{Start: items[i-1].span.End, End: it.span.Start}
			gap, ok := p.gap(between, indent)
			if last.shell && strings.Contains(last.text, "\n") && strings.Contains(gap, "\n") {
				gap = p.Text(between) // so that the first line of the code is indented like the others
			}
			if !ok {
				return "", false
			}
			b.WriteString(gap)
		}
		b.WriteString(it.text)
	}
	return b.String(), last.span.End <= end && strings.TrimSpace(string(p.Bytes[last.span.End:end])) == ""
}

// gap is what is written between two items of an instruction, in place of what is there.
func (p *printer) gap(between parser.Span, indent string) (text string, ok bool) {
	if between.Start >= between.End {
		return "", false
	}
	lines := strings.Split(p.Text(between), "\n")
	last := len(lines) - 1
	if strings.TrimSpace(lines[last]) != "" {
		return "", false
	}
	if last == 0 {
		return " ", true
	}
	if strings.TrimSpace(lines[0]) != string(p.Escape) {
		return "", false
	}
	text = " " + string(p.Escape) + p.newline
	for _, line := range lines[1:last] {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "#") {
			return "", false // a blank line, which may be all that shows what the instruction swallows
		}
		text += indent + comment(line) + p.newline
	}
	return text + indent, true
}
