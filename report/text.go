package report

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/fatih/color"

	"github.com/dockvet/dockvet/internal/console"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

const previewNote = "the rule is newer than the edition that the configuration names; it fails no build yet"

// writeText writes for people at a terminal. Each finding is a header, a code frame, and what there is to say on it.
func writeText(out io.Writer, r *Report, o Options) error {
	t := text{
		w: bufio.NewWriter(out), sources: sources{report: r}, width: o.Width,
		bold: style(o, color.Bold), dim: style(o, color.Faint), frame: style(o, color.FgHiBlue, color.Bold), good: style(o, color.FgGreen, color.Bold),
		removed: style(o, color.FgRed), added: style(o, color.FgGreen),
		severity: [...]*color.Color{
			lint.Info:    style(o, color.FgHiCyan, color.Bold),
			lint.Warning: style(o, color.FgYellow, color.Bold),
			lint.Error:   style(o, color.FgRed, color.Bold),
		},
	}
	t.links, t.wraps = o.Links, o.Width > 0
	t.grouped = t.wraps && len(byFile(r.Findings)) > 1
	if t.width <= 0 {
		t.width = unknownWidth
	}
	if o.Statistics {
		s := newStatistics(r)
		t.statistics(s)
		if !o.Quiet {
			t.summary(s.all)
		}
		return t.w.Flush()
	}
	var n tally
	var rules byRule
	for f := range r.all() {
		t.file(f)
		t.finding(f)
		n.add(f)
		rules.add(f)
	}
	if !o.Quiet {
		if n.findings > longReport {
			t.table(&rules)
		}
		t.summary(n)
	}
	return t.w.Flush()
}

// style is a colour of its own, so that no global switch of the colour package has a say.
func style(o Options, attributes ...color.Attribute) *color.Color {
	c := color.New(attributes...)
	if o.Color {
		c.EnableColor()
	} else {
		c.DisableColor()
	}
	return c
}

// text writes the text format. The writer keeps its first error, so no write but the last is checked.
type text struct {
	w                      *bufio.Writer
	sources                sources
	width                  int
	wraps, links           bool   // what the terminal can do
	grouped                bool   // each file has a heading
	name                   string // the file of the last heading
	bold, dim, frame, good *color.Color
	removed, added         *color.Color
	severity               [3]*color.Color
}

// frameOf is a code frame: a file, the places to mark in it, and the line to show for orientation.
type frameOf struct {
	source *source
	title  string
	marks  []mark
	head   int // 0: none
}

// file writes a heading above the first finding of a file.
func (t *text) file(f *lint.Finding) {
	if !t.grouped || t.name == f.Source.Name {
		return
	}
	t.name = f.Source.Name
	name := clean(t.name)
	t.print(t.dim, "── ")
	t.print(t.bold, name)
	t.print(t.dim, " "+strings.Repeat("─", max(2, min(t.width, console.MaxWidth)-console.Width(name)-len("── "))))
	t.print(nil, "\n\n")
}

func (t *text) finding(f *lint.Finding) {
	t.header(f)
	frames := t.frames(f)
	gutter := 0
	for _, fr := range frames {
		if fr.source != nil {
			gutter = max(gutter, len(strconv.Itoa(fr.last())))
		}
	}
	for _, fix := range f.Fixes {
		for _, x := range fix.Edits {
			if x.File == "" {
				gutter = max(gutter, len(strconv.Itoa(f.Source.Lines.Line(x.Span.End))))
			}
		}
	}
	gutter = max(gutter, 1)
	pad := strings.Repeat(" ", gutter)
	for i, fr := range frames {
		arrow := "-->"
		if i > 0 {
			arrow = ":::"
		}
		t.print(t.frame, pad+arrow)
		t.print(nil, " "+fr.title+"\n")
		if fr.source != nil && len(fr.source.bytes) > 0 {
			t.print(t.frame, pad+" |")
			t.print(nil, "\n")
			t.code(fr, gutter, t.severity[f.Severity])
			if i < len(frames)-1 || f.Note+f.Help+f.Doubt != "" || len(f.Fixes) > 0 || f.Preview {
				t.print(t.frame, pad+" |")
				t.print(nil, "\n")
			}
		}
	}
	notes := func(kind, text string) {
		if text != "" {
			t.print(t.frame, pad+" =")
			t.print(t.bold, " "+kind+":")
			t.print(nil, " ")
			t.wrapped(len(pad)+len(" = : ")+len(kind), clean(text))
		}
	}
	notes("note", f.Note)
	notes("help", f.Help)
	notes("doubt", f.Doubt)
	for _, fix := range f.Fixes {
		t.print(t.frame, pad+" =")
		kind := fixKind(fix.Safety)
		t.print(t.good, " "+kind+":")
		t.print(nil, " ")
		t.wrapped(len(pad)+len(" = : ")+len(kind), clean(fix.Title))
		t.edits(f, fix, pad)
	}
	if f.Preview {
		notes("preview", previewNote)
	}
	t.print(nil, "\n")
}

func fixKind(s lint.Safety) string {
	switch s {
	case lint.Safe:
		return "fix available"
	case lint.Unsafe:
		return "fix available (changes the build)"
	case lint.Display:
		return "fix to complete by hand"
	case lint.NoFix:
	}
	return "fix"
}

// header is `warning[latest-tag]: message (DL3007)`.
func (t *text) header(f *lint.Finding) {
	head, mark, message, codes := f.Severity.String()+"["+f.Rule.Name+"]", "", clean(f.Message), ""
	if f.Preview {
		mark = " preview"
	}
	if f.Suppressed != "" {
		mark += " not reported: " + string(f.Suppressed)
	}
	if len(f.Aliases) > 0 {
		codes = " (" + strings.Join(f.Aliases, ", ") + ")"
	}
	if t.wraps {
		message, codes = t.broken(head+mark+": ", message, codes)
	}
	t.link(f.Rule, t.severity[f.Severity].Sprint(head))
	if mark != "" {
		t.print(t.dim, mark)
	}
	t.print(t.bold, ": "+message)
	if codes != "" {
		t.print(t.dim, codes)
	}
	t.print(nil, "\n")
}

// broken is a message and what follows it with line breaks, so that they fit into the terminal after before.
func (t *text) broken(before, message, after string) (string, string) {
	const indent = "    "
	column := console.Width(before)
	if column+console.Width(message+after) <= t.width {
		return message, after
	}
	var b strings.Builder
	console.Fill(&b, message, column, indent, t.width)
	message = strings.TrimSuffix(b.String(), "\n")
	last := message[strings.LastIndexByte(message, '\n')+1:]
	if len(last) == len(message) {
		last = before + last
	}
	if after != "" && console.Width(last+after) > t.width {
		after = "\n" + indent + strings.TrimSpace(after)
	}
	return message, after
}

// frames are the Dockerfile's frame, with every place of it that the finding refers to, and one for each file of the
// context.
func (t *text) frames(f *lint.Finding) []frameOf {
	at := f.Source.Lines.Position(f.Span.Start)
	own := frameOf{
		source: &source{f.Source.Bytes, f.Source.Lines},
		title:  clean(f.Source.Name) + ":" + strconv.Itoa(at.Line) + ":" + strconv.Itoa(at.Column),
		marks:  []mark{{span: f.Span, primary: true}},
	}
	if f.Instruction.Name != "" {
		own.head = f.Source.Lines.Line(f.Instruction.Span.Start)
	}
	out := []frameOf{own}
	for _, x := range f.Related {
		if x.Source != nil && x.Source != f.Source {
			at := x.Source.Lines.Position(x.Span.Start)
			out = append(out, frameOf{
				source: &source{x.Source.Bytes, x.Source.Lines},
				title:  clean(x.Source.Name) + ":" + strconv.Itoa(at.Line) + ":" + strconv.Itoa(at.Column),
				marks:  []mark{{span: x.Span, label: clean(x.Message)}},
			})
			continue
		}
		if x.File == "" {
			out[0].marks = append(out[0].marks, mark{span: x.Span, label: clean(x.Message)})
			continue
		}
		title := clean(t.sources.report.contextPath(f.Source.Name, x.File)) + ":" + strconv.Itoa(x.Line)
		src := t.sources.get(f.Source.Name, x.File)
		if src == nil {
			out = append(out, frameOf{title: title + ": " + clean(x.Message)})
			continue
		}
		span := src.lines.Span(x.Line)
		for span.Start < span.End && (src.bytes[span.Start] == ' ' || src.bytes[span.Start] == '\t') {
			span.Start++
		}
		out = append(out, frameOf{source: src, title: title, marks: []mark{{span: span, label: clean(x.Message)}}})
	}
	return out
}

func (f frameOf) last() int {
	n := f.head
	for _, m := range f.marks {
		n = max(n, f.source.lines.Line(tight(f.source.bytes, m.span).End))
	}
	return n
}

func (t *text) summary(n tally) {
	r := t.sources.report
	t.print(t.bold, plural(r.Files, "file")+", ")
	if n.findings == 0 {
		t.print(t.good, "nothing found")
		t.print(nil, "\n")
		t.suppressed()
		return
	}
	t.print(t.bold, plural(n.findings, "finding")+": ")
	sep, column := "", len(plural(r.Files, "file"))+len(plural(n.findings, "finding"))+len(", : ")
	part := func(c *color.Color, n int, text string) {
		if n == 0 {
			return
		}
		if column += len(sep) + len(text); t.wraps && column >= t.width {
			sep, column = strings.TrimSuffix(sep, " ")+"\n  ", len(text)+len("  ")
		}
		t.print(nil, sep)
		t.print(c, text)
		sep = ", "
	}
	part(t.severity[lint.Error], n.errors, plural(n.errors, "error"))
	part(t.severity[lint.Warning], n.warnings, plural(n.warnings, "warning"))
	part(t.severity[lint.Info], n.infos, plural(n.infos, "info"))
	part(t.dim, n.previews, fmt.Sprintf("%d of them preview", n.previews))
	safe, more := n.fixable-n.unsafe, "fixable"
	part(t.good, safe, fmt.Sprintf("%d fixable with --fix", safe))
	if safe > 0 {
		more = "more"
	}
	part(t.good, n.unsafe, fmt.Sprintf("%d %s with --unsafe-fixes", n.unsafe, more))
	t.print(nil, "\n")
	t.suppressed()
}

// suppressed says what is not reported, and what suppresses it.
func (t *text) suppressed() {
	if parts := t.sources.report.Suppressed.parts(); len(parts) > 0 {
		t.print(t.dim, "not reported: "+strings.Join(parts, ", ")+"\n")
	}
	if n := t.sources.report.Suppressed.Removable; n > 0 {
		t.print(t.dim, plural(n, "line")+" of the baseline can be removed with --prune-baseline\n")
	}
}

// parts are what s counts, in words.
func (s Suppressed) parts() []string {
	var out []string
	if s.Comments > 0 {
		out = append(out, plural(s.Comments, "finding")+" with ignore comments")
	}
	if s.Baseline > 0 {
		out = append(out, plural(s.Baseline, "finding")+" in the baseline")
	}
	if s.Unchanged > 0 {
		out = append(out, plural(s.Unchanged, "finding")+" that the change does not affect")
	}
	if s.Rules > 0 {
		out = append(out, plural(s.Rules, "rule")+" that the configuration turns off")
	}
	if s.Ignored > 0 {
		out = append(out, plural(s.Ignored, "Dockerfile")+" that git ignores")
	}
	return out
}

func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}

// print writes s, plain if c is nil.
func (t *text) print(c *color.Color, s string) {
	if c != nil {
		s = c.Sprint(s)
	}
	_, _ = t.w.WriteString(s) // kept for Flush
}

// mark is a place in a file to draw a line under.
type mark struct {
	span    parser.Span
	label   string
	primary bool
}
