package main

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dockvet/dockvet/internal/console"
)

// help prints what a command is for, its commands and its flags, as wide as the terminal allows.
func (a *app) help(cmd *cobra.Command, _ []string) {
	out := cmd.OutOrStdout()
	width, isTerminal := terminal(out)
	if width <= 0 || width > console.MaxWidth {
		width = console.MaxWidth
	}
	color := useColor("auto", isTerminal)
	w := bufio.NewWriter(out)
	heading := func(s string) { console.Put(w, "\n", console.Style(color, "1", s), "\n") }
	text := cmd.Long
	if text == "" {
		text = cmd.Short + "."
	}
	for _, paragraph := range strings.Split(text, "\n\n") {
		console.Fill(w, paragraph, 0, "", width)
		console.Put(w, "\n")
	}
	console.Put(w, console.Style(color, "1", "Usage: "), cmd.UseLine(), "\n")
	if cmd.HasAvailableSubCommands() {
		heading("Commands")
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				console.Put(w, fmt.Sprintf("  %-*s  ", cmd.NamePadding(), c.Name()), c.Short, "\n")
			}
		}
		console.Put(w, "\n", cmd.CommandPath(), " COMMAND --help describes a command.\n")
	}
	if !cmd.HasAvailableSubCommands() || cmd.HasParent() && ownFlags(cmd) {
		heading("Flags")
		console.Put(w, cmd.LocalFlags().FlagUsagesWrapped(width))
	}
	if err := a.flush(w); err != nil {
		a.warn(err)
	}
}

// ownFlags reports whether cmd has a flag besides --help.
func ownFlags(cmd *cobra.Command) (own bool) {
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { own = own || f.Name != "help" })
	return own
}
