package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/dockvet/dockvet/internal/console"
	"github.com/dockvet/dockvet/internal/disk"
	"github.com/dockvet/dockvet/internal/nearest"
	"github.com/dockvet/dockvet/internal/workspace"
)

// The exit codes.
const (
	exitClean    = 0
	exitFindings = 1 // at least one finding at or above --fail-on
	exitTrouble  = 2 // incorrect usage, an invalid configuration, or a file that cannot be read; the rest is still reported
)

// streams are the standard streams of a run.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// app is one run of the program.
type app struct {
	streams
	code  int
	files *disk.Files     // nil until a workspace is opened
	told  map[string]bool // what was printed on standard error
}

// run is the whole program: it takes the arguments without the program's name and returns the exit code.
func run(args []string, s streams) int {
	a := &app{streams: s}
	root := a.root(args)
	root.SetArgs(args)
	if err := root.Execute(); err != nil {
		a.warn(err)
	}
	return a.code
}

// warn prints err on standard error and makes the run exit with exitTrouble.
func (a *app) warn(err error) {
	a.code = exitTrouble
	a.note(err)
}

// note prints err on standard error.
func (a *app) note(err error) {
	if a.told == nil {
		a.told = map[string]bool{}
	}
	a.told[err.Error()] = true
	for line := range strings.Lines(err.Error()) {
		line = "dockvet: " + console.Clean(strings.TrimSuffix(line, "\n"))
		if _, ok := terminal(a.err); !ok {
			line = console.Defuse(line)
		}
		_, _ = io.WriteString(a.err, line+"\n") // there is nowhere left to complain
	}
}

// maxRefused bounds how many links are named that were not followed.
const maxRefused = 10

// tellRefused says which links lead out of the repository. What could not be done without them was told before.
func (a *app) tellRefused() {
	links := a.files.Refused()
	for i, name := range links {
		if i == maxRefused {
			a.note(fmt.Errorf("%d more links lead out of the repository and were not followed", len(links)-i))
			return
		}
		if rel, err := filepath.Rel(a.files.Dir(), name); err == nil && filepath.IsLocal(rel) {
			name = rel
		}
		if err := workspace.CannotRead(name, disk.ErrLink); !a.told[err.Error()] {
			a.note(err)
		}
	}
}

// root is the program's command. If args begin with one of its commands, it has only that one: the others need not be made.
func (a *app) root(args []string) *cobra.Command {
	var printVersion bool
	root := &cobra.Command{
		Use:   "dockvet COMMAND",
		Short: "Vet Dockerfiles",
		Long: "dockvet vets Dockerfiles: it reads them as BuildKit does, looks at the build that they describe, " +
			"and says what is wrong, why, and how to fix it.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			if _, err := os.Stat(args[0]); err == nil {
				return fmt.Errorf("unknown command `%s`; to check that path: dockvet check %s", args[0], args[0])
			}
			var names []string
			for _, c := range cmd.Commands() {
				names = append(names, c.Name())
			}
			return unknown("command", args[0], names)
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if printVersion {
				return a.printVersion()
			}
			a.code = exitTrouble
			cmd.SetOut(a.err)
			return cmd.Help()
		},
		DisableFlagsInUseLine: true,

		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.Flags().BoolVar(&printVersion, "version", false, "print the version")
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetFlagErrorFunc(flagError)
	root.SetHelpFunc(a.help)
	commands := [...]struct {
		name string
		make func() *cobra.Command
	}{
		{"check", a.check},
		{"fmt", a.fmt},
		{"builds", a.builds},
		{"context", a.context},
		{"facts", a.facts},
		{"replay", a.replay},
		{"explain", a.explain},
		{"rules", a.rules},
		{"config", a.config},
		{"lsp", a.lsp},
		{"version", a.version},
	}
	for _, c := range commands {
		if len(args) > 0 && args[0] == c.name {
			root.AddCommand(c.make())
			root.CompletionOptions.DisableDefaultCmd = true
			return root
		}
	}
	for _, c := range commands {
		root.AddCommand(c.make())
	}
	return root
}

// unknown is the error for a name that does not exist, with the nearest one that does.
func unknown(what, name string, names []string) error {
	if near, ok := nearest.Name(name, names); ok {
		return fmt.Errorf("unknown %s `%s`; the nearest is `%s`", what, name, near)
	}
	return fmt.Errorf("unknown %s `%s`", what, name)
}

// oneOf is unknown with all names, where there are few.
func oneOf(what, name string, names []string) error {
	err := unknown(what, name, names)
	if strings.Contains(err.Error(), "nearest") {
		return err
	}
	return fmt.Errorf("%w; it must be one of %s", err, strings.Join(names, ", "))
}

// flagError adds the nearest flag to the parser's error about one that does not exist.
func flagError(cmd *cobra.Command, err error) error {
	var missing *pflag.NotExistError
	if !errors.As(err, &missing) {
		return err
	}
	name := missing.GetSpecifiedName()
	if missing.GetSpecifiedShortnames() != "" {
		return fmt.Errorf("unknown flag `-%s`; see %s --help", name, cmd.CommandPath())
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near, ok := nearest.Name(name, names); ok {
		return fmt.Errorf("unknown flag `--%s`; the nearest is `--%s`", name, near)
	}
	return fmt.Errorf("unknown flag `--%s`; see %s --help", name, cmd.CommandPath())
}

func closedPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }

// terminal is the width of the terminal that w is, 0 if unknown, and whether it is one.
func terminal(w any) (width int, ok bool) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		width = 0
	}
	return width, true
}

// useColor decides on colours: the flag, then the environment, then whether out is a terminal that can show them.
func useColor(mode string, isTerminal bool) bool {
	set := func(name string) bool {
		v := os.Getenv(name)
		return v != "" && (name == "NO_COLOR" || v != "0")
	}
	switch {
	case mode != "auto":
		return mode == "always"
	case set("NO_COLOR"):
		return false
	case set("FORCE_COLOR"), set("CLICOLOR_FORCE"):
		return true
	}
	return isTerminal && os.Getenv("TERM") != "dumb"
}

// useLinks decides on hyperlinks. A terminal cannot be asked whether it knows them, but those that do say who they are.
func useLinks(isTerminal bool, env func(string) string) bool {
	if force := env("FORCE_HYPERLINK"); force != "" {
		return force != "0"
	}
	if !isTerminal || env("TERM") == "dumb" {
		return false
	}
	vte, _ := strconv.Atoi(env("VTE_VERSION")) // GNOME Terminal and others
	switch {
	case vte >= 5000, env("KONSOLE_VERSION") != "", env("WT_SESSION") != "", env("DOMTERM") != "":
		return true
	case slices.Contains([]string{"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby", "rio"}, env("TERM_PROGRAM")):
		return true
	}
	return slices.Contains([]string{"xterm-kitty", "xterm-ghostty", "alacritty", "foot", "contour"}, env("TERM"))
}

func colorModes() []string { return []string{"auto", "always", "never"} }

func checkName(what, name string, names []string) error {
	if slices.Contains(names, name) {
		return nil
	}
	return oneOf(what, name, names)
}

// complete lets a shell complete the values of a flag.
func complete(cmd *cobra.Command, flag string, values func() []string) {
	list := func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return values(), cobra.ShellCompDirectiveNoFileComp
	}
	if err := cmd.RegisterFlagCompletionFunc(flag, list); err != nil {
		panic(err) // there is no such flag
	}
}
