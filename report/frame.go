package report

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/fatih/color"

	"github.com/dockvet/dockvet/internal/console"
	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/parser"
)

const (
	unknownWidth = 200 // columns, where the terminal does not say
	minimumWidth = 40
	tabStop      = 8
	// reach is how many bytes of a line are looked at on either side of a mark, so that the many findings of a file
	// in one endless line do not each read all of it.
	reach = 4096
)

// underline is the part of a mark on one line.
type underline struct {
	line       int
	start, end int // bytes in the file
	label      string
	primary    bool
}

// underlines are m's first and last line.
func (m mark) underlines(src *source) []underline {
	span := tight(src.bytes, m.span)
	first, last := src.lines.Line(span.Start), src.lines.Line(span.End)
	if first == last {
		return []underline{{first, span.Start, span.End, m.label, m.primary}}
	}
	start := src.lines.Span(last).Start
	for start < span.End && (src.bytes[start] == ' ' || src.bytes[start] == '\t') {
		start++
	}
	return []underline{
		{first, span.Start, max(span.Start, src.lines.Span(first).End), "", m.primary},
		{last, start, span.End, m.label, m.primary},
	}
}

// code writes the marked lines, each with its marks below, and `...` for what lies between.
func (t *text) code(f frameOf, gutter int, primary *color.Color) {
	var all []underline
	for _, m := range f.marks {
		all = append(all, m.underlines(f.source)...)
	}
	order.By(all, func(a, b underline) int { return cmp.Compare(a.line, b.line) })
	if f.head > 0 && f.head < all[0].line {
		all = append([]underline{{line: f.head, start: -1}}, all...)
	}
	avail := max(t.width, minimumWidth) - gutter - len(" | ")
	previous := 0
	var shown view
	for i, u := range all {
		if u.line != previous {
			switch gap := u.line - previous - 1; {
			case i == 0 || gap == 0:
			case gap == 1: // one line says more than the sign that it is missing
				t.line(u.line-1, gutter, window(f.source, underline{line: u.line - 1, start: -1}, avail))
			default:
				t.print(t.frame, "...")
				t.print(nil, "\n")
			}
			previous, shown = u.line, window(f.source, u, avail)
			t.line(u.line, gutter, shown)
		} else if !shown.holds(u.start) { // a long line is shown again around a mark that its first window leaves out
			shown = window(f.source, u, avail)
			t.line(u.line, gutter, shown)
		}
		if u.start < 0 {
			continue
		}
		prefix, carets := shown.under(u, gutter+len(" | "))
		c, label := t.frame, u.label
		if u.primary {
			c = primary
		}
		if label != "" {
			label = " " + label
		}
		t.print(t.frame, strings.Repeat(" ", gutter)+" |")
		t.print(nil, " "+prefix)
		t.print(c, carets+label)
		t.print(nil, "\n")
	}
}

func (t *text) line(n, gutter int, v view) {
	t.print(t.frame, fmt.Sprintf("%*d |", gutter, n))
	if s := v.String(); s != "" {
		t.print(nil, " "+s)
	}
	t.print(nil, "\n")
}

// cell is what a terminal shows as one character.
type cell struct {
	text       string
	start, end int // bytes in the file
	width      int
}

// view is the part of a line that is shown.
type view struct {
	cells       []cell
	left, right bool // cut there
}

// holds reports whether the byte at off can be marked below v.
func (v view) holds(off int) bool {
	if len(v.cells) == 0 {
		return !v.left && !v.right
	}
	return (!v.left || off >= v.cells[0].start) && (!v.right || off < v.cells[len(v.cells)-1].end)
}

func (v view) String() string {
	var b strings.Builder
	if v.left {
		b.WriteString("…")
	}
	for _, c := range v.cells {
		b.WriteString(c.text)
	}
	if v.right {
		b.WriteString("…")
	}
	return strings.TrimRight(b.String(), " \t")
}

// window is the line of u, or as much of it around u as avail columns hold.
func window(src *source, u underline, avail int) view {
	line := src.lines.Span(u.line)
	focus := max(u.start, line.Start)
	part := parser.Span{Start: max(line.Start, focus-reach), End: min(line.End, focus+reach)}
	part.End = max(part.Start, part.End)
	for part.Start > line.Start && part.Start < focus && !utf8.RuneStart(src.bytes[part.Start]) {
		part.Start++
	}
	v := view{cells: cells(src.bytes, part), left: part.Start > line.Start, right: part.End < line.End}
	total := 0
	for _, c := range v.cells {
		total += c.width
	}
	if total <= avail && !v.left && !v.right {
		return v
	}
	// Where the mark begins, and how wide it is.
	from, marked := 0, 0
	for from < len(v.cells) && v.cells[from].end <= focus {
		from++
	}
	for _, c := range v.cells[from:] {
		if c.start >= u.end {
			break
		}
		marked += c.width
	}
	avail -= 2 // for an ellipsis on either side
	before := avail / 8
	if marked < avail {
		before = max(before, (avail-marked)/2)
	}
	i, used := from, 0
	for i > 0 && used+v.cells[i-1].width <= before {
		i--
		used += v.cells[i].width
	}
	j := from
	for j < len(v.cells) && used+v.cells[j].width <= avail {
		used += v.cells[j].width
		j++
	}
	for i > 0 && used+v.cells[i-1].width <= avail {
		i--
		used += v.cells[i].width
	}
	return view{v.cells[i:j], v.left || i > 0, v.right || j < len(v.cells)}
}

// cells parts a piece of a line into what a terminal shows, with everything harmless that would command it.
func cells(src []byte, part parser.Span) []cell {
	out := make([]cell, 0, part.Len())
	at := part.Start
	for at < part.End {
		// Most of a Dockerfile is ASCII, whose characters are separate unless a combining one follows.
		if b := src[at]; b < utf8.RuneSelf && (at+1 == part.End || src[at+1] < utf8.RuneSelf) {
			text, width := console.Visible(rune(b)), 1
			if b == '\t' {
				text, width = "\t", tabStop
			}
			out = append(out, cell{text, at, at + 1, width})
			at++
			continue
		}
		end := at + 1
		for end < part.End && (src[end] >= utf8.RuneSelf || src[end-1] >= utf8.RuneSelf) {
			end++
		}
		for text := range console.Clusters(string(src[at:end])) {
			shown := clean(text)
			width := console.Width(shown)
			if text == "\t" {
				shown, width = text, tabStop
			}
			out = append(out, cell{shown, at, at + len(text), width})
			at += len(text)
		}
		at = end
	}
	return out
}

// under is the line below the view that marks u: the spaces before, with the line's tabs, and the carets. column is
// where the view begins.
func (v view) under(u underline, column int) (prefix, carets string) {
	var before, marks strings.Builder
	sign := "-"
	if u.primary {
		sign = "^"
	}
	if v.left {
		before.WriteByte(' ')
		column++
	}
	for _, c := range v.cells {
		if c.start >= u.end && c.start >= u.start {
			break
		}
		width := c.width
		if c.text == "\t" {
			width = tabStop - column%tabStop
		}
		column += width
		switch {
		case c.end <= u.start && c.text == "\t":
			before.WriteByte('\t')
		case c.end <= u.start:
			before.WriteString(strings.Repeat(" ", width))
		case c.text == "\t" && width > 1:
			marks.WriteString(sign + "\t") // the tab of the line above ends at the same stop
		default:
			marks.WriteString(strings.Repeat(sign, width))
		}
	}
	carets = strings.TrimRight(marks.String(), "\t")
	if carets == "" {
		carets = sign // an empty place
	}
	return before.String(), carets
}

// clean makes text safe to print.
func clean(s string) string { return console.Clean(s) }
