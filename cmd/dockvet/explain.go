package main

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules"
)

func (a *app) explain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain NAME",
		Short: "Explain a rule, by its name or by the code of another tool",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("explain takes one rule; `dockvet rules` lists them")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			index := lint.NewIndex(rules.All())
			r := index[args[0]]
			if r == nil {
				r = index[strings.ToUpper(args[0])]
			}
			if retired, ok := lint.FindRetired(rules.Retired(), args[0]); ok && r == nil {
				_, err := fmt.Fprintln(a.out, retired)
				return err
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
	if width <= 0 || width > maxWidth {
		width = maxWidth
	}
	var paragraph []string
	indent := ""
	flush := func() {
		if paragraph != nil {
			var filled strings.Builder
			fill(&filled, strings.Join(paragraph, " "), 0, indent, width)
			put(w, inline(filled.String(), color))
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
