package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"gopkg.in/yaml.v3"

	"github.com/dockvet/dockvet/cmd/dockvet/internal/config"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules"
)

func (a *app) config() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config COMMAND",
		Short: "Write, show or describe the configuration",
		Long: `The configuration of a Dockerfile is the nearest .dockvet.yaml, from its folder up to the root of the repository. It may build on others (extends), and say what holds for some Dockerfiles only (overrides). The command line wins.

Where there is no .dockvet.yaml, a .hadolint.yaml is read: ignored, override, failure-threshold, no-fail and disable-ignore-pragma hold, with the severity style as info; trustedRegistries, label-schema and strict-labels reach the rules that have options of these names. What dockvet has flags for, such as format, is of no effect.`,
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
# Configuration of dockvet, for all Dockerfiles in this folder and below it that have none nearer.

# The rule set that fails a build. Newer rules only show what they would say, until you raise this.
edition: %q

# minimal: what breaks the build; recommended: findings worth an edit; strict: everything.
profile: recommended

# The least severity that fails a run: error, warning, info or never.
fail-on: warning

# Whether each ignore comment must say why.
# require-reason: true

# Single rules, by name or by the code of another tool: off, a severity, or a mapping with options.
# "dockvet rules" lists them, "dockvet explain NAME" shows what they can be told.
# rules:
#   latest-tag: error
#   DL3006: off

# What holds for some Dockerfiles only.
# overrides:
#   - files: ["test/**"]
#     profile: minimal

# Files that this one builds on.
# extends: [../dockvet-base.yaml]
`

func (a *app) initConfig() error {
	names := config.Names()
	for _, name := range names {
		if _, err := os.Lstat(name); err == nil {
			return fmt.Errorf("%s is there already", name)
		}
	}
	f, err := os.OpenFile(names[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, newConfig, lint.Edition)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	a.note(fmt.Errorf("wrote %s", names[0]))
	return nil
}

func (a *app) showConfig() *cobra.Command {
	var file string
	var none bool
	cmd := &cobra.Command{
		Use:   "show [FILE]",
		Short: "Show what holds for a Dockerfile, and where each value comes from",
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
			l := config.Loader{Rules: all, Index: lint.NewIndex(all), Retired: rules.Retired(), File: file, None: none, Warn: a.note}
			e, err := l.For(name)
			if err != nil {
				return err
			}
			w := bufio.NewWriter(a.out)
			if err := printConfig(w, name, e, all); err != nil {
				return err
			}
			return a.flush(w)
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "read `FILE` instead of the .dockvet.yaml nearest to the Dockerfile")
	cmd.Flags().BoolVar(&none, "no-config", false, "read no configuration")
	return cmd
}

func printConfig(out io.Writer, name string, e *config.Effective, all []*lint.Rule) error {
	files := "none"
	if len(e.Files) > 0 {
		files = strings.Join(e.Files, ", then ")
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := func(cells ...string) { _, _ = fmt.Fprintln(w, strings.Join(cells, "\t")) } // Flush says it
	row("dockerfile", name)
	row("configuration", files)
	row()
	row("edition", e.Edition.V, e.Edition.From)
	row("profile", e.Profile.V.String(), e.Profile.From)
	row("fail-on", e.FailOn.V.String(), e.FailOn.From)
	row("require-reason", fmt.Sprint(e.RequireReason.V), e.RequireReason.From)
	if e.NoComments.V {
		row("ignore comments", "without effect", e.NoComments.From)
	}
	if len(e.Rules) > 0 {
		row()
		row("rules")
	}
	index := lint.NewIndex(all)
	for _, rule := range slices.Sorted(maps.Keys(e.Rules)) {
		r := e.Rules[rule]
		value := index[rule].Severity.String()
		switch {
		case r.Off:
			value = "off"
		case r.Severity != nil:
			value = r.Severity.String()
		case !r.On && index[rule].Profile > e.Profile.V:
			value = "off" // only its options are set
		}
		if r.Options != nil {
			options, err := flow(r.Options)
			if err != nil {
				return err
			}
			value += " " + options
		}
		row("  "+rule, value, r.From)
	}
	return w.Flush()
}

// flow is options as YAML on one line.
func flow(options any) (string, error) {
	var n yaml.Node
	if err := n.Encode(options); err != nil {
		return "", err
	}
	n.Style = yaml.FlowStyle
	text, err := yaml.Marshal(&n)
	return strings.TrimSpace(string(text)), err
}
