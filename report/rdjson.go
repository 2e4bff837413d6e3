package report

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/dockvet/dockvet/internal/fix"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

type (
	rdDiagnostic struct {
		Message     string         `json:"message"`
		Location    rdLocation     `json:"location"`
		Severity    string         `json:"severity"`
		Code        rdCode         `json:"code"`
		Suggestions []rdSuggestion `json:"suggestions,omitempty"`
		Related     []rdRelated    `json:"relatedLocations,omitempty"`
	}
	rdLocation struct {
		Path  string  `json:"path"`
		Range rdRange `json:"range"`
	}
	rdRange struct {
		Start rdPosition `json:"start"`
		End   rdPosition `json:"end"`
	}
	rdPosition struct {
		Line   int `json:"line"`
		Column int `json:"column,omitempty"` // in bytes, from 1
	}
	rdCode struct {
		Value string `json:"value"`
		URL   string `json:"url,omitempty"`
	}
	rdSuggestion struct {
		Range rdRange `json:"range"`
		Text  string  `json:"text"`
	}
	rdRelated struct {
		Message  string     `json:"message"`
		Location rdLocation `json:"location"`
	}
)

// writeRDJSON writes reviewdog's diagnostic format. There is at most one suggestion a finding, of one range: reviewdog shows each
// range as a suggestion of its own, and refuses those on other lines than the first.
func writeRDJSON(out io.Writer, r *Report, _ Options) error {
	w := bufio.NewWriter(out)
	_, _ = w.WriteString("{\n \"source\": {\n  \"name\": \"dockvet\"\n },\n \"diagnostics\": ") // kept for Flush
	diagnostics := list{w: w, prefix: "  "}
	sources := sources{report: r}
	for f := range r.all() {
		text := paragraphs(f)
		d := rdDiagnostic{
			Location: rdLocation{slashed(f.Source.Name), rdPlace(f.Source.Lines, tight(f.Source.Bytes, f.Span))},
			Severity: strings.ToUpper(shown(f).String()),
			Code:     rdCode{f.Rule.Name, r.url(f.Rule)},
		}
		if x, ok := applicable(f); ok {
			if span, insert, ok := merged(f.Source.Bytes, x.Edits); ok {
				kind := "fix: "
				if x.Safety == lint.Unsafe {
					kind = "fix (changes the build): "
				}
				text = append(text, kind+clean(x.Title))
				d.Suggestions = []rdSuggestion{{rdPlace(f.Source.Lines, span), insert}}
			}
		}
		d.Message = strings.Join(text, "\n")
		for _, x := range f.Related {
			name, src, span := sources.related(f, x)
			at := rdRange{rdPosition{Line: x.Line}, rdPosition{Line: x.Line}}
			if src != nil {
				at = rdPlace(src.lines, tight(src.bytes, span))
			}
			d.Related = append(d.Related, rdRelated{clean(x.Message), rdLocation{name, at}})
		}
		if err := diagnostics.add(d); err != nil {
			return err
		}
	}
	diagnostics.end(" ")
	_, _ = w.WriteString("\n}\n")
	return w.Flush()
}

func rdPlace(lines *parser.Lines, s parser.Span) rdRange {
	from, to := lines.Position(s.Start), lines.Position(s.End)
	return rdRange{rdPosition{from.Line, from.Column}, rdPosition{to.Line, to.Column}}
}

// applicable is the fix of f that --fix prefers, without or with --unsafe-fixes.
func applicable(f *lint.Finding) (lint.Fix, bool) {
	for _, safety := range []lint.Safety{lint.Safe, lint.Unsafe} {
		for _, x := range f.Fixes {
			if x.Safety == safety && len(x.Edits) > 0 {
				return x, true
			}
		}
	}
	return lint.Fix{}, false
}

// merged is the one span that edits of src change, and what they make of it. It is not ok if they change other files too, or to
// something that JSON cannot hold.
func merged(src []byte, edits []lint.Edit) (span parser.Span, text string, ok bool) {
	span = parser.Span{Start: len(src)}
	for _, e := range edits {
		if e.File != "" {
			return span, "", false
		}
		span.Start, span.End = min(span.Start, e.Span.Start), max(span.End, e.Span.End)
	}
	after, refused := fix.Apply(src, edits)
	if refused != nil {
		return span, "", false
	}
	insert := after[span.Start : len(after)-(len(src)-span.End)]
	if !utf8.Valid(insert) {
		return span, "", false
	}
	// Nothing follows the last line break, and reviewdog only knows lines of the diff. So what is added or removed there takes the
	// line break before it instead of its own.
	nl := "\n"
	if bytes.HasSuffix(src, []byte("\r\n")) {
		nl = "\r\n"
	}
	text = string(insert)
	before, old := string(src[:span.Start]), string(src[span.Start:span.End])
	if span.End == len(src) && strings.HasSuffix(before, nl) && strings.HasSuffix(nl+old, nl) && strings.HasSuffix(nl+text, nl) {
		span = parser.Span{Start: span.Start - len(nl), End: span.End - len(nl)}
		text = strings.TrimSuffix(nl+text, nl)
	}
	return span, text, true
}
