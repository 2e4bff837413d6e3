package report

import (
	"io"
	"strconv"
)

// writeCheckstyle writes Checkstyle's XML. Columns count UTF-16 code units from 1, as Java's tools do. Jenkins splits a source
// at its last dot: the type is after it, the category before.
func writeCheckstyle(out io.Writer, r *Report, _ Options) error {
	x := newXML()
	x.tag(">\n", "checkstyle", "version", "4.3")
	for _, group := range byFile(r.Findings) {
		x.tag(">\n", "file", "name", clean(group[0].Source.Name))
		for _, f := range group {
			lines := f.Source.Lines
			x.tag("/>\n", "error",
				"line", strconv.Itoa(lines.Line(f.Span.Start)), "column", strconv.Itoa(lines.UTF16Column(f.Span.Start)),
				"severity", shown(f).String(), "message", sentence(f),
				"source", "dockvet."+string(f.Rule.Category)+"."+f.Rule.Name)
		}
		x.WriteString("</file>\n")
	}
	x.WriteString("</checkstyle>\n")
	return x.flush(out)
}
