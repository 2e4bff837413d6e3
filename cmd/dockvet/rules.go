package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dockvet/dockvet/internal/config"
	"github.com/dockvet/dockvet/internal/console"
	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules"
)

func (a *app) rules() *cobra.Command {
	var format string
	var house houseFlags
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List all rules",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknown("command", "rules "+args[0], []string{"rules test"})
			}
			return nil
		},
		RunE: func(*cobra.Command, []string) error {
			if err := checkName("format", format, textOrJSON()); err != nil {
				return err
			}
			all := rules.All()
			list, err := a.house(house, ".")
			if err != nil {
				a.warn(err) // the rest is listed
			}
			if all = append(all, list...); format == "json" {
				return a.json(describeRules(all))
			}
			w := bufio.NewWriter(a.out)
			width, isTerminal := terminal(a.out)
			listRules(w, all, width, useColor("auto", isTerminal))
			return a.flush(w)
		},
	}
	cmd.Flags().StringVarP(&format, "format", "f", "text", "print in `FORMAT`: text, json")
	house.add(cmd)
	cmd.AddCommand(a.testRules())
	return cmd
}

// houseFlags say where to look for house rules.
type houseFlags struct {
	config       string
	noConfig     bool
	noRepoConfig bool
}

func (h *houseFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&h.config, "config", "", "take house rules from `FILE` instead of the nearest .dockvet.yaml")
	f.BoolVar(&h.noConfig, "no-config", false, "ignore all configuration files")
	f.BoolVar(&h.noRepoConfig, "no-repo-config", false, "ignore the configuration files of the repository; --config is still read")
}

// house are the house rules for Dockerfiles in dir.
func (a *app) house(h houseFlags, dir string) ([]*lint.Rule, error) {
	c := workspace.Config{Rules: rules.All(), ConfigFile: h.config, NoConfig: h.noConfig}
	c.Flags.Policy.NoRepoConfig = h.noRepoConfig
	w, err := a.open(c, workspace.Options{})
	if err != nil {
		return nil, err
	}
	a.files.Trust(a.abs(dir))
	s, err := w.Settings(workspace.Target{Name: filepath.Join(dir, "Dockerfile")})
	if err != nil {
		return nil, err
	}
	return s.House, nil
}

// flush ends a command's output. A closed pipe is not an error: its reader has seen enough.
func (a *app) flush(w *bufio.Writer) error {
	if err := w.Flush(); err != nil && !closedPipe(err) {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

func (a *app) json(v any) error {
	w := bufio.NewWriter(a.out)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil && !closedPipe(err) {
		return fmt.Errorf("print: %w", err)
	}
	return a.flush(w)
}

// listRules prints a table, grouped by category. On a terminal, where width is known, the last column is wrapped.
func listRules(w *bufio.Writer, all []*lint.Rule, width int, color bool) {
	if width <= 0 {
		width = math.MaxInt
	}
	name, severity, profile := 0, 0, 0
	for _, r := range all {
		name = max(name, len(r.Name))
		severity = max(severity, len(r.Severity.String()))
		profile = max(profile, len(r.Profile.String()))
	}
	var category lint.Category
	for _, r := range all {
		if r.Category != category {
			if category != "" {
				console.Put(w, "\n")
			}
			category = r.Category
			console.Put(w, console.Style(color, "1", string(category)), "\n")
		}
		summary := r.Summary
		if len(r.Aliases) > 0 {
			summary += " (" + strings.Join(r.Aliases, ", ") + ")"
		}
		row := fmt.Sprintf("  %-*s  %-*s  %-*s  ", name, r.Name, severity, r.Severity, profile, r.Profile)
		console.Put(w, row)
		console.Fill(w, summary, len(row), strings.Repeat(" ", len(row)), width)
	}
}

// ruleInfo is a rule as programs see it.
type ruleInfo struct {
	Name     string         `json:"name"`
	Summary  string         `json:"summary"`
	Category lint.Category  `json:"category"`
	Aliases  []string       `json:"aliases"`
	Severity string         `json:"severity"`
	Profile  string         `json:"profile"`
	Scope    string         `json:"scope"`
	Since    string         `json:"since"`
	Fix      string         `json:"fix"`
	URL      string         `json:"url"`
	Options  map[string]any `json:"options"` // the JSON Schema of each, with its default
}

func describeRules(all []*lint.Rule) []ruleInfo {
	infos := make([]ruleInfo, 0, len(all))
	for _, r := range all {
		infos = append(infos, ruleInfo{
			Name: r.Name, Summary: r.Summary, Category: r.Category, Aliases: append([]string{}, r.Aliases...),
			Severity: r.Severity.String(), Profile: r.Profile.String(), Scope: r.Scope.String(), Since: r.Since,
			Fix: r.Fix.String(), URL: rules.URL(r), Options: config.OptionsSchema(r),
		})
	}
	return infos
}
