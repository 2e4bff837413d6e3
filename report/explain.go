package report

import (
	"bufio"
	"strings"

	"github.com/dockvet/dockvet/internal/console"
	"github.com/dockvet/dockvet/internal/lazy"
)

// WriteRulePage writes the Markdown of a rule's page for a terminal: headings stand out, paragraphs are filled, code is
// indented, tables are aligned, links are links. An error is kept for w.Flush.
func WriteRulePage(w *bufio.Writer, page string, o Options) {
	width, color := o.Width, o.Color
	if width <= 0 || width > console.MaxWidth {
		width = console.MaxWidth
	}
	var paragraph []string
	var rows [][]string
	indent := ""
	flush := func() {
		if paragraph != nil {
			var filled strings.Builder
			console.Fill(&filled, plainLinks(strings.Join(paragraph, " ")), 0, indent, width)
			console.Put(w, inline(filled.String(), color))
		}
		writeRows(w, rows, color)
		paragraph, rows, indent = nil, nil, ""
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
			if strings.Trim(line, "|-: ") != "" {
				rows = append(rows, cellsOf(line))
			}
		default:
			paragraph = append(paragraph, line)
		}
	}
	flush()
}

// cellsOf are the cells of a row of a table. A `\|` is not the end of one.
func cellsOf(line string) []string {
	const pipe = "\x00"
	line = strings.ReplaceAll(strings.Trim(strings.TrimSpace(line), "|"), `\|`, pipe)
	var out []string
	for _, cell := range strings.Split(line, "|") {
		out = append(out, strings.ReplaceAll(strings.TrimSpace(plainLinks(cell)), pipe, "|"))
	}
	return out
}

// writeRows writes a table with aligned columns, the first row of which is its head.
func writeRows(w *bufio.Writer, rows [][]string, color bool) {
	var widths []int
	shown := func(cell string) int { return console.Width(inline(cell, false)) - hidden(cell, color) }
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], shown(cell))
		}
	}
	for n, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			text := inline(cell, color)
			if n == 0 {
				text = console.Style(color, "1", inline(cell, false))
			}
			line.WriteString(text)
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", widths[i]-shown(cell)+2))
			}
		}
		console.Put(w, strings.TrimRight(line.String(), " "), "\n")
	}
}

// hidden is how many columns inline does not show of s: the backticks, which colours replace.
func hidden(s string, color bool) int {
	if !color {
		return 0
	}
	return strings.Count(s, "`")
}

// link matches `[text](target)`.
var link = lazy.Regexp{Expr: `\[([^\]]+)\]\(([^)\s]+)\)`}

// plainLinks is Markdown without links: their text, and their target if it is on the web.
func plainLinks(s string) string {
	if !strings.Contains(s, "](") {
		return s
	}
	return link.Get().ReplaceAllStringFunc(s, func(found string) string {
		m := link.Get().FindStringSubmatch(found)
		if !strings.HasPrefix(m[2], "https://") {
			return m[1]
		}
		return m[1] + " <" + m[2] + ">"
	})
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
