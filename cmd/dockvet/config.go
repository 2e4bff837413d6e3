package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dockvet/dockvet/internal/config"
	"github.com/dockvet/dockvet/internal/console"
	"github.com/dockvet/dockvet/internal/disk"
	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules"
)

func (a *app) config() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config COMMAND",
		Short: "Write, show or describe the configuration",
		Long: `The configuration of a Dockerfile is the nearest .dockvet.yaml, from its directory up to the root of
the repository. It can extend other files (extends) and have settings for some Dockerfiles only (overrides). The
command line overrides it.

With shellcheck: true, the installed ShellCheck checks the shell code of RUN. Only the flag --shellcheck can name
another program.

Without a .dockvet.yaml, a .hadolint.yaml is read: ignored, override, failure-threshold, no-fail and
disable-ignore-pragma work as in hadolint, with the severity style as info; trustedRegistries, label-schema and
strict-labels are passed to the rules that have options with these names. Settings for which dockvet has flags, such
as format, have no effect.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknown("command", "config "+args[0], []string{"config init", "config show", "config schema"})
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.code = exitTrouble
			cmd.SetOut(a.err)
			return cmd.Help()
		},
		DisableFlagsInUseLine: true,
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "init",
		Short: "Write a commented .dockvet.yaml into the working directory",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return a.initConfig() },
	}, a.showConfig(), &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of .dockvet.yaml",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return a.json(config.Schema(rules.All())) },
	})
	return cmd
}

const newConfig = `# yaml-language-server: $schema=https://raw.githubusercontent.com/dockvet/dockvet/main/dockvet.schema.json
# dockvet configuration for the Dockerfiles in this directory and below, unless they have a nearer one.

# The rule set that can fail a run. Newer rules only show previews of what they would report, until you raise this.
edition: %q

# minimal: what breaks the build; recommended: findings worth fixing; strict: everything.
profile: recommended

# The lowest severity that fails a run: error, warning, info or never.
fail-on: warning

# Whether each ignore comment must give a reason.
# require-reason: true

# Whether the installed ShellCheck checks the shell code of RUN.
# shellcheck: true

# Findings that are not reported. "dockvet check --write-baseline FILE" writes the file.
# baseline: .dockvet-baseline

# Settings of single rules, by name or by another tool's code: off, a severity, or a mapping with options.
# "dockvet rules" lists the rules, "dockvet explain NAME" describes the options of one.
# rules:
#   latest-tag: error
#   DL3006: off

# Rules of your own; docs/house-rules.md of dockvet describes them.
# house-rules:
#   acme/foreign-registry:
#     from: { registry: { not: registry.acme.example } }
#     say: "{image} is not from our registry"

# Files with rules of your own.
# house-rule-files: [docker/house-rules.yaml]

# Settings for some Dockerfiles only.
# overrides:
#   - files: ["test/**"]
#     profile: minimal

# Files and directories that are not checked.
# exclude: ["third_party"]

# How Dockerfiles are built, where no file of the repository says so.
# builds:
#   - dockerfile: "services/*/Dockerfile"
#     context: .

# Configuration files that this one extends.
# extends: [../dockvet-base.yaml]
`

func (a *app) initConfig() error {
	names := config.Names()
	for _, name := range names {
		if _, err := os.Lstat(name); err == nil {
			return fmt.Errorf("%s already exists", name)
		}
	}
	dir, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("find the working directory: %w", err)
	}
	if err := disk.New(dir).Create(dir, names[0], fmt.Appendf(nil, newConfig, lint.Edition)); err != nil {
		return fmt.Errorf("cannot write %s: %w", names[0], disk.Reason(err))
	}
	a.note(fmt.Errorf("wrote %s", names[0]))
	return nil
}

func (a *app) showConfig() *cobra.Command {
	var file string
	var none bool
	cmd := &cobra.Command{
		Use:   "show [FILE]",
		Short: "Show the settings for a Dockerfile, and where each value comes from",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			name := "Dockerfile"
			if len(args) > 0 {
				name = args[0]
			}
			if info, err := os.Stat(name); err == nil && info.IsDir() {
				name += "/Dockerfile"
			}
			all := rules.All()
			ws, err := a.open(workspace.Config{Rules: all, ConfigFile: file, NoConfig: none}, workspace.Options{})
			if err != nil {
				return err
			}
			s, err := ws.Settings(workspace.Target{Name: name})
			if err != nil {
				return err
			}
			w := bufio.NewWriter(a.out)
			_, isTerminal := terminal(a.out)
			err = forPeople(w, isTerminal, func(w io.Writer) error { return printConfig(w, name, s.Effective, all, a.shown) })
			if err != nil {
				return err
			}
			return a.flush(w)
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "read `FILE` instead of the .dockvet.yaml nearest to the Dockerfile")
	cmd.Flags().BoolVar(&none, "no-config", false, "ignore all configuration files")
	return cmd
}

func printConfig(out io.Writer, name string, e *config.Effective, all []*lint.Rule, shown func(string) string) error {
	files := "none"
	if len(e.Files) > 0 {
		files = strings.Join(e.Files, ", then ")
	}
	var rows [][]string
	row := func(cells ...string) {
		for i := range cells {
			cells[i] = console.Clean(cells[i])
		}
		rows = append(rows, cells)
	}
	row("dockerfile", name)
	row("configuration", files)
	row()
	row("edition", e.Edition.V, e.Edition.From)
	row("profile", e.Profile.V.String(), e.Profile.From)
	row("fail-on", e.FailOn.V.String(), e.FailOn.From)
	row("fail-on-breaks", strconv.FormatBool(e.FailOnBreaks.V), e.FailOnBreaks.From)
	row("require-reason", fmt.Sprint(e.RequireReason.V), e.RequireReason.From)
	shell := "false"
	if e.ShellCheck.V != "" {
		shell = e.ShellCheck.V
	}
	row("shellcheck", shell, e.ShellCheck.From)
	if e.Baseline.V != "" || e.Baseline.From != "default" {
		file := "none"
		if e.Baseline.V != "" {
			file = shown(e.Baseline.V)
		}
		row("baseline", file, e.Baseline.From)
	}
	if e.Off.V {
		row("exclude", "true", e.Off.From)
	}
	if e.Unchecked.V {
		row("profile", "off", e.Unchecked.From)
	}
	for _, b := range e.Builds {
		row("build", cmp.Or(b.Context, "-")+" "+b.Target, fmt.Sprintf("%s:%d", b.File, b.Line))
	}
	if e.NoComments.V {
		row("ignore comments", "disabled", e.NoComments.From)
	}
	if len(e.House) > 0 {
		row()
		row("house rules")
		for _, r := range e.House {
			row("  "+r.Name, r.Severity.String(), e.HouseFrom[r.Name])
		}
	}
	if len(e.Rules) > 0 {
		row()
		row("rules")
	}
	index := lint.NewIndex(slices.Concat(all, e.House))
	for _, rule := range slices.Sorted(maps.Keys(e.Rules)) {
		r := e.Rules[rule]
		value := index[rule].Severity.String()
		switch {
		case r.Off:
			value = "off"
		case r.Severity != nil:
			value = r.Severity.String()
		case !r.On && index[rule].Profile > e.Profile.V:
			value = "off" // it has only options
		}
		if r.Options != nil {
			value += " " + config.WriteOptions(r.Options)
		}
		row("  "+rule, value, r.From)
	}
	for _, line := range console.Align(rows) {
		if _, err := io.WriteString(out, line+"\n"); err != nil {
			return err
		}
	}
	return nil
}
