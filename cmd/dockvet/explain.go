package main

import (
	"bufio"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules"
)

func (a *app) explain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain NAME",
		Short: "Explain a rule, by its name or by the code of another tool",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			index := lint.NewIndex(rules.All())
			r := index[args[0]]
			if r == nil {
				r = index[strings.ToUpper(args[0])]
			}
			if r == nil {
				return unknownRule(index, args[0])
			}
			page := rules.Page(r)
			w := bufio.NewWriter(a.out)
			if width, ok := terminal(a.out); ok {
				renderPage(w, page, width, useColor("auto", ok))
			} else {
				_, _ = w.WriteString(page) // Flush says it
			}
			return a.flush(w)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return ruleNames(), cobra.ShellCompDirectiveNoFileComp
		},
	}
}

func ruleNames() []string {
	var names []string
	for _, r := range rules.All() {
		names = append(names, r.Name+"\t"+r.Summary)
	}
	return names
}

// renderPage prints the Markdown of a rule's page for a terminal: headings stand out, paragraphs are filled, code is indented.
func renderPage(w *bufio.Writer, page string, width int, color bool) {
	if width <= 0 || width > 100 {
		width = 100
	}
	var paragraph []string
	indent := ""
	flush := func() {
		fill(w, paragraph, indent, width, color)
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
					put(w, "    ", style(color, "2", title), "\n")
				}
			}
		case code:
			put(w, "    ", style(color, "36", line), "\n")
		case strings.HasPrefix(line, "#") && isHeading:
			flush()
			put(w, style(color, "1", inline(heading, false)), "\n")
		case line == "":
			flush()
			put(w, "\n")
		case strings.HasPrefix(line, "- "):
			flush()
			paragraph, indent = []string{line}, "  "
		case strings.HasPrefix(line, "|"):
			flush()
			put(w, inline(line, color), "\n")
		default:
			paragraph = append(paragraph, line)
		}
	}
	flush()
}

func put(w io.StringWriter, parts ...string) {
	for _, s := range parts {
		_, _ = w.WriteString(s) // the writer is buffered: its Flush says it
	}
}

// fill prints lines as one paragraph; all lines but the first are indented.
func fill(w io.StringWriter, lines []string, indent string, width int, color bool) {
	if len(lines) == 0 {
		return
	}
	var out strings.Builder
	column := 0
	for word := range strings.FieldsSeq(strings.Join(lines, " ")) {
		size := len([]rune(word))
		switch {
		case column == 0:
		case column+1+size > width:
			out.WriteString("\n" + indent)
			column = len(indent)
		default:
			out.WriteByte(' ')
			column++
		}
		out.WriteString(word)
		column += size
	}
	put(w, inline(out.String(), color), "\n")
}

// inline shows code in the running text by colour; without colour it keeps its backticks.
func inline(s string, color bool) string {
	if !color {
		return s
	}
	var out strings.Builder
	for i, part := range strings.Split(s, "`") {
		if i%2 == 1 {
			part = style(true, "36", part)
		}
		out.WriteString(part)
	}
	return out.String()
}
