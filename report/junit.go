package report

import (
	"io"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/lint"
)

// writeJUnit writes JUnit's XML: a suite for each file, a failed test for each finding. A finding that fails no build is a skipped
// test. There is always a test, because Jenkins treats a report without any as a mistake.
func writeJUnit(out io.Writer, r *Report, _ Options) error {
	x := newXML()
	if len(r.Findings) == 0 {
		x.WriteString("<testsuites name=\"dockvet\" tests=\"1\" failures=\"0\" errors=\"0\">\n" +
			"<testsuite name=\"dockvet\" tests=\"1\" failures=\"0\" errors=\"0\">\n")
		x.tag("/>\n", "testcase", "name", plural(r.Files, "file")+", nothing found", "classname", "dockvet")
		x.WriteString("</testsuite>\n</testsuites>\n")
		return x.flush(out)
	}
	x.suite("testsuites", "dockvet", r.Findings)
	for _, group := range byFile(r.Findings) {
		name := clean(group[0].Source.Name)
		x.suite("testsuite", name, group)
		seen := map[string]int{}
		for _, f := range group {
			// No line is in the name, because GitLab and Jenkins recognize a test by it.
			test := f.Rule.Name + ": " + clean(f.Message)
			if seen[test]++; seen[test] > 1 {
				test += " (" + strconv.Itoa(seen[test]) + ")"
			}
			kind := "failure"
			if f.Preview {
				kind = "skipped"
			}
			text := place(f) + ": " + strings.Join(paragraphs(f), "\n")
			message, _, _ := strings.Cut(text, "\n")
			x.tag(">\n", "testcase", "name", test, "classname", name)
			x.tag(">", kind, "type", shown(f).String(), "message", message)
			x.text(text)
			x.WriteString("</" + kind + ">\n</testcase>\n")
		}
		x.WriteString("</testsuite>\n")
	}
	x.WriteString("</testsuites>\n")
	return x.flush(out)
}

// suite begins an element with what all findings in it add up to.
func (x *xmlWriter) suite(tag, name string, findings []*lint.Finding) {
	n, skipped := len(findings), count(findings).previews
	x.tag(">\n", tag, "name", name, "tests", strconv.Itoa(n), "failures", strconv.Itoa(n-skipped), "errors", "0")
}
