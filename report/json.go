package report

import (
	"bufio"
	"cmp"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// The version of the format. A new key does not raise it; a key that goes or changes its meaning does.
const jsonVersion = 1

// writeJSON writes one object, a finding a line. Lines and columns count from 1, columns in bytes of UTF-8; offsets
// are bytes from 0; ends are exclusive. Of a place in a file of the build context that cannot be read, the offset
// (-1) or the line and the column (0) are not known.
//
// It is written by hand, key by key: with reflection, encoding the findings of a large run costs a tenth of the whole
// run.
func writeJSON(out io.Writer, r *Report, o Options) error {
	if o.Statistics {
		return writeJSONStatistics(out, r)
	}
	w := bufio.NewWriterSize(out, 1<<16)
	e := jsonEncoder{w: w, sources: sources{report: r}}
	e.raw(`{"version":`).int(jsonVersion).raw(`,"tool":{"name":"dockvet"`).field("version", r.Version).raw(`},"findings":[`)
	var t tally
	n := 0
	for f := range r.all() {
		e.comma(n)
		n++
		t.add(f)
		e.raw("\n").finding(f)
		if err := e.put(); err != nil {
			return err
		}
	}
	if n > 0 {
		e.raw("\n")
	}
	e.raw(`],`).builds(r.builds()).raw(`,"summary":{"files":`).int(r.Files).raw(`,"errors":`).int(t.errors).raw(`,"warnings":`).int(t.warnings).
		raw(`,"infos":`).int(t.infos).raw(`,"fixable":`).int(t.fixable).raw(`,"suppressed":{"comments":`).
		int(r.Suppressed.Comments).raw(`,"rules":`).int(r.Suppressed.Rules).raw(`,"ignored":`).int(r.Suppressed.Ignored).
		raw(`,"baseline":`).int(r.Suppressed.Baseline).raw(`,"unchanged":`).int(r.Suppressed.Unchanged).
		raw(`},"removable":`).int(r.Suppressed.Removable).raw("}}\n")
	if err := e.put(); err != nil {
		return err
	}
	return w.Flush()
}

type jsonEncoder struct {
	w       *bufio.Writer // keeps its first error
	buf     []byte        // what put writes
	sources sources
	urls    map[*lint.Rule]string
}

// put writes what was added since the last call.
func (e *jsonEncoder) put() error {
	_, err := e.w.Write(e.buf)
	e.buf = e.buf[:0]
	return err
}

// url is the address of a rule's page, which is looked up once.
func (e *jsonEncoder) url(r *lint.Rule) string {
	url, known := e.urls[r]
	if !known {
		if e.urls == nil {
			e.urls = map[*lint.Rule]string{}
		}
		url = e.sources.report.url(r)
		e.urls[r] = url
	}
	return url
}

func (e *jsonEncoder) finding(f *lint.Finding) {
	lines := f.Source.Lines
	e.raw(`{"rule":`).string(f.Rule.Name).field("category", string(f.Rule.Category)).raw(`,"aliases":[`)
	for i, a := range f.Aliases {
		e.comma(i).string(a)
	}
	e.raw(`]`).field("severity", f.Severity.String()).field("message", f.Message).field("note", f.Note).field("help", f.Help).
		field("doubt", f.Doubt).field("breaks", string(f.Breaks)).field("suppressed", string(f.Suppressed)).field("url", e.url(f.Rule)).field("file", f.Source.Name).span(lines, f.Span)
	if in := f.Instruction; in.Name == "" {
		e.raw(`,"instruction":null`)
	} else {
		e.raw(`,"instruction":{"keyword":`).string(in.Name).raw(`,"line":`).int(lines.Line(in.Span.Start)).field("stage", f.Stage).raw("}")
	}
	e.raw(`,"related":[`)
	for i, x := range f.Related {
		e.comma(i).raw(`{"message":`).string(x.Message).related(f, x).raw("}")
	}
	e.raw(`],"fixes":[`)
	for i, fix := range f.Fixes {
		// To say what a fix changes in the build takes a plan of its own for each: the key is there for when that is
		// cheap.
		e.comma(i).raw(`{"title":`).string(fix.Title).field("safety", fix.Safety.String()).raw(`,"changes":[],"edits":[`)
		for k, edit := range fix.Edits {
			e.comma(k).edit(f, edit)
		}
		e.raw("]}")
	}
	e.raw("]}")
}

func (e *jsonEncoder) related(f *lint.Finding, x lint.Related) *jsonEncoder {
	if x.File == "" {
		own := cmp.Or(x.Source, f.Source)
		return e.field("file", own.Name).span(own.Lines, x.Span)
	}
	e.field("file", e.sources.report.contextPath(f.Source.Name, x.File))
	if src := e.sources.get(f.Source.Name, x.File); src != nil {
		return e.span(src.lines, src.lines.Span(x.Line))
	}
	return e.raw(`,"start":`).position(x.Line, 1, -1).raw(`,"end":`).position(x.Line, 1, -1)
}

func (e *jsonEncoder) edit(f *lint.Finding, x lint.Edit) {
	name, lines := f.Source.Name, f.Source.Lines
	if x.File != "" {
		name, lines = e.sources.report.contextPath(f.Source.Name, x.File), nil
		if src := e.sources.get(f.Source.Name, x.File); src != nil && !x.Create {
			lines = src.lines
			x.Span, x.Text = src.end(x.Text)
		}
	}
	e.raw(`{"file":`).string(name).raw(`,"create":`).bool(x.Create)
	switch {
	case lines != nil:
		e.span(lines, x.Span)
	case x.Create:
		e.raw(`,"start":`).position(1, 1, 0).raw(`,"end":`).position(1, 1, 0)
	default:
		e.raw(`,"start":`).position(0, 0, x.Span.Start).raw(`,"end":`).position(0, 0, x.Span.End)
	}
	e.field("text", x.Text).raw("}")
}

func (e *jsonEncoder) raw(s string) *jsonEncoder {
	e.buf = append(e.buf, s...)
	return e
}

func (e *jsonEncoder) comma(i int) *jsonEncoder {
	if i > 0 {
		e.buf = append(e.buf, ',')
	}
	return e
}

func (e *jsonEncoder) int(n int) *jsonEncoder {
	e.buf = strconv.AppendInt(e.buf, int64(n), 10)
	return e
}

func (e *jsonEncoder) bool(b bool) *jsonEncoder {
	e.buf = strconv.AppendBool(e.buf, b)
	return e
}

// field writes a key that is not the first of its object.
func (e *jsonEncoder) field(key, value string) *jsonEncoder {
	return e.raw(`,"`).raw(key).raw(`":`).string(value)
}

func (e *jsonEncoder) span(lines *parser.Lines, s parser.Span) *jsonEncoder {
	from, to := lines.Position(s.Start), lines.Position(s.End)
	return e.raw(`,"start":`).position(from.Line, from.Column, s.Start).raw(`,"end":`).position(to.Line, to.Column, s.End)
}

func (e *jsonEncoder) position(line, column, offset int) *jsonEncoder {
	return e.raw(`{"line":`).int(line).raw(`,"column":`).int(column).raw(`,"offset":`).int(offset).raw("}")
}

// string writes s as a JSON string. Bytes that are not UTF-8 become U+FFFD, since JSON cannot hold them.
func (e *jsonEncoder) string(s string) *jsonEncoder {
	const hex = "0123456789abcdef"
	const ones, tops = 0x0101010101010101, 0x8080808080808080 // to look at 8 bytes at once
	b := e.buf
	b = append(b, '"')
	done := 0 // the part of s in b
	for i := 0; i < len(s); {
		if rest := s[i:]; len(rest) >= 8 {
			x := uint64(rest[0]) | uint64(rest[1])<<8 | uint64(rest[2])<<16 | uint64(rest[3])<<24 |
				uint64(rest[4])<<32 | uint64(rest[5])<<40 | uint64(rest[6])<<48 | uint64(rest[7])<<56
			quote, backslash := x^'"'*ones, x^'\\'*ones
			// The top bit of a byte is set if x is not ASCII there or, after the subtraction, less than a space, or if one of the others is 0.
			// A borrow may set it for the byte behind one of those, too, which is only slower.
			if (x|(x-' '*ones)|(quote-ones)|(backslash-ones))&tops == 0 {
				i += 8
				continue
			}
		}
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		size := 1
		if c >= utf8.RuneSelf {
			var r rune
			if r, size = utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
		}
		b = append(b, s[done:i]...)
		switch {
		case c >= utf8.RuneSelf:
			b = append(b, "\uFFFD"...)
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\r':
			b = append(b, `\r`...)
		case c == '\t':
			b = append(b, `\t`...)
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i += size
		done = i
	}
	e.buf = append(append(b, s[done:]...), '"')
	return e
}
