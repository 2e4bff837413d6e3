package report

import (
	"bufio"
	"fmt"
	"io"

	"github.com/dockvet/dockvet/lint"
)

// writeCompact writes a finding a line, as compilers do: `file:line:column: severity: message [rule]`. Columns count bytes from 1,
// which is how Vim reads them.
func writeCompact(out io.Writer, r *Report, _ Options) error {
	w := bufio.NewWriter(out)
	for f := range r.all() {
		_, _ = fmt.Fprintf(w, "%s: %s: %s [%s]\n", place(f), shown(f), clean(f.Message), f.Rule.Name) // kept for Flush
	}
	return w.Flush()
}

// place is `file:line:column` of f, as on one line of a terminal.
func place(f *lint.Finding) string {
	at := f.Source.Lines.Position(f.Span.Start)
	return fmt.Sprintf("%s:%d:%d", clean(f.Source.Name), at.Line, at.Column)
}
