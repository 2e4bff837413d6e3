package report

import (
	"bufio"
	"strings"

	"github.com/dockvet/dockvet/internal/console"
)

// WriteRulePage writes the Markdown of a rule's page for a terminal: headings stand out, paragraphs are filled, code is
// indented. An error is kept for w.Flush.
func WriteRulePage(w *bufio.Writer, page string, o Options) {
	width, color := o.Width, o.Color
	if width <= 0 || width > console.MaxWidth {
		width = console.MaxWidth
	}
	var paragraph []string
	indent := ""
	flush := func() {
		if paragraph != nil {
			var filled strings.Builder
			console.Fill(&filled, strings.Join(paragraph, " "), 0, indent, width)
			console.Put(w, inline(filled.String(), color))
		}
		paragraph, indent = nil, ""
	}
	code := false
	for line := range strings.Lines(page) {
		line = strings.TrimRight(line, "\n")
		switch heading, isHeading := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); {
		case strings.HasPrefix(line, "```"):
			flush()
			if code = !code; code {
				if _, title, ok := strings.Cut(line, "title="); ok {
					console.Put(w, "    ", console.Style(color, "2", title), "\n")
				}
			}
		case code:
			console.Put(w, "    ", console.Style(color, "36", line), "\n")
		case strings.HasPrefix(line, "#") && isHeading:
			flush()
			console.Put(w, console.Style(color, "1", inline(heading, false)), "\n")
		case line == "":
			flush()
			console.Put(w, "\n")
		case strings.HasPrefix(line, "- "):
			flush()
			paragraph, indent = []string{line}, "  "
		case strings.HasPrefix(line, "|"):
			flush()
			console.Put(w, inline(line, color), "\n")
		default:
			paragraph = append(paragraph, line)
		}
	}
	flush()
}

// inline shows code in running text by colour; without colour it keeps its backticks.
func inline(s string, color bool) string {
	if !color {
		return s
	}
	var out strings.Builder
	for i, part := range strings.Split(s, "`") {
		if i%2 == 1 {
			part = console.Style(true, "36", part)
		}
		out.WriteString(part)
	}
	return out.String()
}
