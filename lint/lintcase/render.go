package lintcase

import (
	"fmt"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// Render prints findings as the section want of a case has them: a line `FROM-TO SEVERITY MESSAGE` for each, with what else it says
// indented below. Places are lines and columns from 1, the columns in bytes; the end is exclusive.
func Render(findings []*lint.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		if f.Source.Name != "Dockerfile" {
			b.WriteString(f.Source.Name + ":")
		}
		fmt.Fprintf(&b, "%s %s %s\n", position(f.Source, f.Span), f.Severity, f.Message)
		for _, a := range f.Aliases {
			fmt.Fprintf(&b, "  alias %s\n", a)
		}
		for _, x := range [][2]string{{"breaks", string(f.Breaks)}, {"doubt", f.Doubt}, {"note", f.Note}, {"help", f.Help}} {
			if x[1] != "" {
				fmt.Fprintf(&b, "  %s %s\n", x[0], x[1])
			}
		}
		for _, r := range f.Related {
			switch {
			case r.File != "":
				fmt.Fprintf(&b, "  see %s:%d %s\n", r.File, r.Line, r.Message)
			case r.Source != nil:
				fmt.Fprintf(&b, "  see %s:%s %s\n", r.Source.Name, position(r.Source, r.Span), r.Message)
			default:
				fmt.Fprintf(&b, "  see %s %s\n", position(f.Source, r.Span), r.Message)
			}
		}
		for _, x := range f.Fixes {
			fmt.Fprintf(&b, "  fix (%s) %s\n", x.Safety, x.Title)
			for _, e := range x.Edits {
				if e.File != "" {
					fmt.Fprintf(&b, "    %s %q\n", e.File, e.Text)
				} else {
					fmt.Fprintf(&b, "    %s %q\n", position(f.Source, e.Span), e.Text)
				}
			}
		}
	}
	return b.String()
}

func position(f *parser.Source, s parser.Span) string {
	from, to := f.Lines.Position(s.Start), f.Lines.Position(s.End)
	return fmt.Sprintf("%d:%d-%d:%d", from.Line, from.Column, to.Line, to.Column)
}
