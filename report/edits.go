package report

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fatih/color"

	"github.com/dockvet/dockvet/internal/fix"
	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

const (
	// maxTouched is how many bytes of lines, before or after, are shown as a diff: nobody reads a line that is longer,
	// and many findings in one endless line would each copy it.
	maxTouched = 16 << 10
	// maxChanged is how many lines of a diff are shown below a finding; --diff shows all.
	maxChanged = 16
)

// hunk is a run of lines that edits touch.
type hunk struct {
	span  parser.Span // whole lines of the file
	edits []lint.Edit
}

// hunks parts edits of the Dockerfile by the lines that they touch.
func hunks(f *parser.Source, edits []lint.Edit) []hunk {
	edits = slices.DeleteFunc(slices.Clone(edits), func(e lint.Edit) bool { return e.File != "" })
	order.By(edits, func(a, b lint.Edit) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
	var out []hunk
	last := 0 // the line that the hunk before ends in
	for _, e := range edits {
		from, to := f.Lines.Line(e.Span.Start), f.Lines.Line(e.Span.End)
		if len(out) == 0 || from > last {
			out = append(out, hunk{span: parser.Span{Start: f.Lines.Span(from).Start}})
		}
		last = max(last, to)
		h := &out[len(out)-1]
		h.edits = append(h.edits, e)
		h.span.End = f.Lines.Span(last).End
		if h.span.End < len(f.Bytes) {
			if i := bytes.IndexByte(f.Bytes[h.span.End:], '\n'); i >= 0 {
				h.span.End += i + 1
			}
		}
	}
	return out
}

// edits writes what x makes of the lines that it touches.
func (t *text) edits(f *lint.Finding, x lint.Fix, pad string) {
	shift := 0 // in lines, of what follows
	for _, h := range hunks(f.Source, x.Edits) {
		old := f.Source.Bytes[h.span.Start:h.span.End]
		local := slices.Clone(h.edits)
		size := len(old)
		for i := range local {
			local[i].Span.Start -= h.span.Start
			local[i].Span.End -= h.span.Start
			size += len(local[i].Text)
		}
		if size > maxTouched {
			return
		}
		text, refused := fix.Apply(old, local)
		if refused != nil {
			return // applying it says so
		}
		from := f.Source.Lines.Line(h.span.Start)
		t.changed(from, from+shift, old, text, len(pad))
		shift += bytes.Count(text, []byte("\n")) - bytes.Count(old, []byte("\n"))
	}
	for _, e := range x.Edits {
		if e.File == "" || len(e.Text) > maxTouched {
			continue
		}
		line, how := 1, " (new)"
		if src := t.sources.get(f.Source.Name, e.File); src != nil && !e.Create {
			line, how = src.lines.Line(len(src.bytes)), ""
			if n := len(src.bytes); n > 0 && src.bytes[n-1] != '\n' {
				line++
			}
		}
		t.print(t.frame, pad+":::")
		t.print(nil, " "+clean(t.sources.report.contextPath(f.Source.Name, e.File))+how+"\n")
		t.changed(line, line, nil, []byte(e.Text), len(pad))
	}
}

// changed writes the lines of old, the first of which is number from, that text does not have, and the other way round.
func (t *text) changed(from, to int, old, text []byte, gutter int) {
	a, b := bytes.SplitAfter(old, []byte("\n")), bytes.SplitAfter(text, []byte("\n"))
	focus := 0 // the first byte that differs, to be seen in a long line
	for focus < len(old) && focus < len(text) && old[focus] == text[focus] {
		focus++
	}
	for len(a) > 0 && len(b) > 0 && bytes.Equal(a[0], b[0]) {
		focus -= len(a[0])
		a, b, from, to = a[1:], b[1:], from+1, to+1
	}
	for len(a) > 0 && len(b) > 0 && bytes.Equal(a[len(a)-1], b[len(b)-1]) {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	pad := strings.Repeat(" ", gutter)
	shown := 0
	write := func(sign string, n int, lines [][]byte, c *color.Color) {
		for i, line := range lines {
			if len(line) == 0 {
				continue // the end of the file
			}
			if shown++; shown > maxChanged {
				return
			}
			src := &source{line, parser.NewLines(line)}
			at := 0
			if i == 0 {
				at = focus
			}
			v := window(src, underline{line: 1, start: at, end: at}, max(t.width, minimumWidth)-gutter-len(" - "))
			t.print(t.frame, fmt.Sprintf("%*d ", gutter, n+i))
			t.print(c, strings.TrimRight(sign+" "+v.String(), " "))
			t.print(nil, "\n")
		}
	}
	if len(a)+len(b) > 0 {
		t.print(t.frame, pad+" |")
		t.print(nil, "\n")
	}
	write("-", from, a, t.removed)
	write("+", to, b, t.added)
	if shown > maxChanged {
		t.print(t.frame, "...")
		t.print(nil, "\n")
	}
}
