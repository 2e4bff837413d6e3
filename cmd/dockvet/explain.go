package main

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dockvet/dockvet/internal/console"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/report"
	"github.com/dockvet/dockvet/rules"
)

func (a *app) explain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain NAME",
		Short: "Explain a rule, by its name or by the code of another tool",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("explain needs the name of one rule; `dockvet rules` lists them")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			index := lint.NewIndex(rules.All())
			r := index.Find(args[0])
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
}

func ruleNames() []string {
	var names []string
	for _, r := range rules.All() {
		names = append(names, r.Name+"\t"+r.Summary)
	}
	return names
}
