package report

import (
	"bufio"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/dockvet/dockvet/lint"
)

// writeGitHub writes workflow commands, which a GitHub Actions run turns into annotations of the changed lines.
func writeGitHub(out io.Writer, r *Report, _ Options) error {
	w := bufio.NewWriter(out)
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	for f := range r.all() {
		span := tight(f.Source.Bytes, f.Span)
		from, to := f.Source.Lines.Position(span.Start), f.Source.Lines.Position(span.End)
		lines := fmt.Sprintf("line=%d,endLine=%d", from.Line, to.Line)
		if from.Line == to.Line { // the runner rejects columns of a range of lines
			lines += fmt.Sprintf(",col=%d,endColumn=%d", from.Column, to.Column)
		}
		title := f.Rule.Name
		if len(f.Aliases) > 0 {
			title += " (" + strings.Join(f.Aliases, ", ") + ")"
		}
		command := fmt.Sprintf("::%s file=%s,%s,title=%s::%s\n", githubLevel(f), property.Replace(clean(filepath.ToSlash(f.Source.Name))), lines,
			property.Replace(title), data.Replace(strings.Join(paragraphs(f), "\n")))
		if _, err := w.WriteString(command); err != nil {
			return err
		}
	}
	return w.Flush()
}

// githubLevel is the level of f's annotation. A preview fails nothing, so it must not look as if it did.
func githubLevel(f *lint.Finding) string {
	if f.Preview {
		return "notice"
	}
	switch f.Severity {
	case lint.Error:
		return "error"
	case lint.Warning:
		return "warning"
	case lint.Info:
	}
	return "notice"
}

// paragraphs are the words of a finding for readers that show no code frame.
func paragraphs(f *lint.Finding) []string {
	out := []string{clean(f.Message)}
	for _, x := range [][2]string{{"note: ", f.Note}, {"help: ", f.Help}, {"doubt: ", f.Doubt}} {
		if x[1] != "" {
			out = append(out, x[0]+clean(x[1]))
		}
	}
	if f.Preview {
		out = append(out, "preview: "+previewNote)
	}
	return out
}
