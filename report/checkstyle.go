package report

import (
	"io"
	"strconv"

	"github.com/dockvet/dockvet/lint"
)

// writeCheckstyle writes Checkstyle's XML. Columns count UTF-16 code units from 1, as Java's tools do. Jenkins splits a source
// at its last dot: the type is after it, the category before.
func writeCheckstyle(out io.Writer, r *Report, _ Options) error {
	x := newXML()
	x.tag(">\n", "checkstyle", "version", "4.3")
	var last *lint.Finding
	for f := range r.all() {
		if last == nil || f.Source.Name != last.Source.Name {
			if last != nil {
				x.WriteString("</file>\n")
				if err := x.flush(out); err != nil {
					return err
				}
			}
			x.tag(">\n", "file", "name", clean(f.Source.Name))
		}
		last = f
		lines := f.Source.Lines
		x.tag("/>\n", "error",
			"line", strconv.Itoa(lines.Line(f.Span.Start)), "column", strconv.Itoa(lines.UTF16Column(f.Span.Start)),
			"severity", shown(f).String(), "message", sentence(f),
			"source", "dockvet."+string(f.Rule.Category)+"."+f.Rule.Name)
	}
	if last != nil {
		x.WriteString("</file>\n")
	}
	x.WriteString("</checkstyle>\n")
	return x.flush(out)
}
