package main

import (
	"bufio"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dockvet/dockvet/internal/console"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/report"
	"github.com/dockvet/dockvet/rules"
)

func (a *app) explain() *cobra.Command {
	var house houseFlags
	cmd := &cobra.Command{
		Use:   "explain NAME",
		Short: "Explain a rule, by its name or by the code of another tool, or search for words",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("explain needs the name of a rule, or words to search for; `dockvet rules` lists all rules")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			index := lint.NewIndex(rules.All())
			name := strings.Join(args, " ")
			r := index.Find(name)
			if r == nil {
				r = index[strings.ToUpper(name)]
			}
			if retired, ok := lint.FindRetired(rules.Retired(), name); ok && r == nil {
				_, err := fmt.Fprintln(a.out, retired)
				return err
			}
			w := bufio.NewWriter(a.out)
			width, ok := terminal(a.out)
			if r == nil && strings.Contains(name, "/") {
				list, err := a.house(house, ".")
				if err != nil {
					return err
				}
				index = index.With(list)
				r = index[name]
			}
			if r == nil {
				found := searchRules(strings.Fields(strings.ToLower(name)))
				switch len(found) {
				case 0:
					return unknownRule(index, name)
				case 1:
					r = found[0]
				default:
					listFound(w, found, width)
					return a.flush(w)
				}
			}
			page := rules.Page(r) + settingsOf(r)
			if ok {
				report.WriteRulePage(w, page, report.Options{Width: width, Color: useColor("auto", ok)})
			} else {
				console.Put(w, page)
			}
			return a.flush(w)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return ruleNames(), cobra.ShellCompDirectiveNoFileComp
		},
	}
	house.add(cmd)
	return cmd
}

// searchRules are the rules that have all words in their name, summary or codes, or else those that have them in their page.
func searchRules(words []string) []*lint.Rule {
	has := func(text string) bool {
		text = strings.ToLower(text)
		return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) })
	}
	var near, far []*lint.Rule
	for _, r := range rules.All() {
		switch {
		case len(words) == 0:
		case has(r.Name + " " + r.Summary + " " + strings.Join(r.Aliases, " ")):
			near = append(near, r)
		case has(rules.Page(r)):
			far = append(far, r)
		}
	}
	if near != nil {
		return near
	}
	return far
}

// listFound prints a line for each rule.
func listFound(w *bufio.Writer, found []*lint.Rule, width int) {
	if width <= 0 {
		width = math.MaxInt
	}
	name := 0
	for _, r := range found {
		name = max(name, len(r.Name))
	}
	for _, r := range found {
		row := fmt.Sprintf("%-*s  ", name, r.Name)
		console.Put(w, row)
		console.Fill(w, r.Summary, len(row), strings.Repeat(" ", len(row)), width)
	}
}

// settingsOf is what a page does not say, because it follows from the rule: when it runs, and how to turn it off.
func settingsOf(r *lint.Rule) string {
	runs := "It runs in the profile `" + r.Profile.String() + "`"
	switch {
	case r.Optional:
		runs = "It only runs if the configuration or `--select` names it"
	case r.Profile == lint.Recommended:
		runs += ", which is the default, and in `strict`"
	case r.Profile == lint.Minimal:
		runs = "It runs in every profile"
	}
	fix := map[lint.Safety]string{
		lint.Safe: "`--fix` can fix some or all of it.", lint.Unsafe: "`--fix --unsafe-fixes` can fix some or all of it.",
		lint.Display: "It shows a fix to complete by hand.", lint.NoFix: "It has no fix.",
	}[r.Fix]
	return "\n## Settings\n\nIts severity is `" + r.Severity.String() + "`. " + runs + ". " + fix + "\n\n" +
		"- To turn it off in `.dockvet.yaml`: `rules: { " + r.Name + ": off }`\n" +
		"- For one instruction, above it: `# dockvet ignore=" + r.Name + " the reason`\n" +
		"- For one run: `dockvet check --ignore " + r.Name + "`\n"
}

func ruleNames() []string {
	var names []string
	for _, r := range rules.All() {
		names = append(names, r.Name+"\t"+r.Summary)
	}
	return names
}
