package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// maxWidth is how wide a line of running text may become: longer ones are hard to read.
const maxWidth = 100

// help prints what a command is for, its commands and its flags, as wide as the terminal allows.
func (a *app) help(cmd *cobra.Command, _ []string) {
	out := cmd.OutOrStdout()
	width, isTerminal := terminal(out)
	if width <= 0 || width > maxWidth {
		width = maxWidth
	}
	color := useColor("auto", isTerminal)
	w := bufio.NewWriter(out)
	heading := func(s string) { put(w, "\n", style(color, "1", s), "\n") }
	text := cmd.Long
	if text == "" {
		text = cmd.Short + "."
	}
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		fill(w, paragraph, 0, "", width)
		put(w, "\n")
	}
	put(w, style(color, "1", "Usage: "), cmd.UseLine(), "\n")
	if cmd.HasAvailableSubCommands() {
		heading("Commands")
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				put(w, fmt.Sprintf("  %-*s  ", cmd.NamePadding(), c.Name()), c.Short, "\n")
			}
		}
		put(w, "\n", cmd.CommandPath(), " COMMAND --help says more.\n")
	}
	if cmd.HasAvailableLocalFlags() && !cmd.HasAvailableSubCommands() {
		heading("Flags")
		put(w, cmd.LocalFlags().FlagUsagesWrapped(width))
	}
	if err := a.flush(w); err != nil {
		a.warn(err)
	}
}

func put(w io.StringWriter, parts ...string) {
	for _, s := range parts {
		_, _ = w.WriteString(s) // the writer is buffered: its Flush says it
	}
}

// fill prints the words of text from column on, and breaks lines before width. Further lines begin with indent.
func fill(w io.StringWriter, text string, column int, indent string, width int) {
	start := true
	for word := range strings.FieldsSeq(text) {
		size := utf8.RuneCountInString(word)
		switch {
		case start:
			start = false
		case column+1+size > width:
			put(w, "\n", indent)
			column = len(indent)
		default:
			put(w, " ")
			column++
		}
		put(w, word)
		column += size
	}
	put(w, "\n")
}
