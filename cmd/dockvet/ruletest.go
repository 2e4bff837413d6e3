package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dockvet/dockvet/internal/console"
	"github.com/dockvet/dockvet/internal/disk"
	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/lint/lintcase"
	"github.com/dockvet/dockvet/rules"
)

// The bounds of a test run.
const (
	maxCase  = 1 << 20 // bytes
	maxCases = 2000
)

func (a *app) testRules() *cobra.Command {
	var house houseFlags
	var update bool
	cmd := &cobra.Command{
		Use:   "test DIR",
		Short: "Test house rules with the cases in a directory",
		Long: `Test the house rules of the configuration for DIR. DIR/acme/foreign-registry/NAME.txtar is a case of the rule
acme/foreign-registry: a text archive with a Dockerfile, and with the findings and fixes that the rule must give. The exit
code is 1 if a case does not.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("rules test needs one directory, with cases such as DIR/acme/foreign-registry/NAME.txtar")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			list, err := a.house(house, args[0])
			if err != nil {
				return err
			}
			if len(list) == 0 {
				return fmt.Errorf("the configuration for %s has no house rules", args[0])
			}
			w := bufio.NewWriter(a.out)
			_, isTerminal := terminal(a.out)
			t := &ruleTest{app: a, w: w, dir: a.abs(args[0]), bug: lint.NewIndex(rules.All())[lint.RuleBug], update: update, color: useColor("auto", isTerminal)}
			if err := t.all(list); err != nil {
				return err
			}
			a.tellRefused()
			return a.flush(w)
		},
	}
	house.add(cmd)
	cmd.Flags().BoolVar(&update, "update", false, "write into the cases what the rules find, instead of comparing it")
	return cmd
}

// ruleTest is a run of the cases in a directory.
type ruleTest struct {
	*app
	w      *bufio.Writer
	dir    string     // absolute
	bug    *lint.Rule // what stops a house rule is a finding of it
	update bool
	color  bool

	cases, failed int
}

// all runs the cases of the house rules list, and says which have none.
func (t *ruleTest) all(list []*lint.Rule) error {
	index := lint.NewIndex(list)
	owners, err := t.subdirectories(t.dir)
	if err != nil {
		return workspace.CannotRead(t.shown(t.dir), err)
	}
	tested := map[*lint.Rule]bool{}
	for _, owner := range owners {
		names, err := t.subdirectories(filepath.Join(t.dir, owner))
		if err != nil {
			t.warn(workspace.CannotRead(t.shown(filepath.Join(t.dir, owner)), err))
		}
		for _, base := range names {
			name := path.Join(owner, base)
			files, err := t.archives(filepath.Join(t.dir, owner, base))
			switch rule := index[name]; {
			case err != nil:
				t.warn(workspace.CannotRead(t.shown(filepath.Join(t.dir, owner, base)), err))
			case len(files) == 0:
			case rule == nil:
				t.warn(fmt.Errorf("%s: %w", t.shown(filepath.Join(t.dir, owner, base)), unknownRule(index, name)))
			case t.cases+len(files) > maxCases:
				return fmt.Errorf("%s has more than %d cases", t.shown(t.dir), maxCases)
			default:
				tested[rule] = true
				t.rule(rule, files)
			}
		}
	}
	if t.cases == 0 {
		return fmt.Errorf("%s has no cases; one is %s", t.shown(t.dir), t.shown(filepath.Join(t.dir, list[0].Name, "bad.txtar")))
	}
	console.Put(t.w, fmt.Sprintf("%s, %s", count(len(tested), "rule"), count(t.cases, "case")))
	if t.failed > 0 {
		console.Put(t.w, fmt.Sprintf(": %d failed", t.failed))
		t.code = max(t.code, exitFindings)
	}
	console.Put(t.w, "\n")
	var untested []string
	for _, r := range list {
		if !tested[r] {
			untested = append(untested, r.Name)
		}
	}
	if len(untested) > 0 {
		console.Put(t.w, "without cases: "+strings.Join(untested, ", ")+"\n")
	}
	return nil
}

// rule runs the cases of one rule.
func (t *ruleTest) rule(rule *lint.Rule, files []string) {
	failures := map[string]string{} // by case, what is wrong
	for _, name := range files {
		t.cases++
		if wrong := t.run(rule, name); wrong != "" {
			failures[name] = wrong
		}
	}
	t.failed += len(failures)
	if len(failures) == 0 {
		console.Put(t.w, fmt.Sprintf("ok    %s  %s\n", rule.Name, count(len(files), "case")))
		return
	}
	console.Put(t.w, console.Style(t.color, "1;31", "FAIL"), fmt.Sprintf("  %s  %d of %s\n", rule.Name, len(failures), count(len(files), "case")))
	for _, name := range files {
		if failures[name] == "" {
			continue
		}
		console.Put(t.w, "\n  ", console.Clean(t.shown(name)), "\n")
		for line := range strings.Lines(failures[name]) {
			console.Put(t.w, "  ", console.CleanLine(strings.TrimSuffix(line, "\n")), "\n")
		}
	}
	console.Put(t.w, "\n")
}

// run runs one case and returns what is wrong with its outcome, "" if nothing is. With update it writes the outcome.
func (t *ruleTest) run(rule *lint.Rule, name string) (wrong string) {
	dir, base := filepath.Split(name)
	src, err := t.files.ReadIn(filepath.Clean(dir), base, maxCase+1)
	if err == nil && len(src) > maxCase {
		err = errors.New("it is larger than 1 MiB")
	}
	if err != nil {
		t.warn(workspace.CannotRead(t.shown(name), err))
		return ""
	}
	c, err := lintcase.Parse(filepath.ToSlash(name), src)
	if err != nil {
		return err.Error()
	}
	suite := lintcase.Suite{Rules: []*lint.Rule{rule, t.bug}, Retired: rules.Retired()}
	got, err := suite.Run(rule, c)
	switch {
	case err != nil:
		return err.Error()
	case t.update && string(got.Text) != string(src):
		if _, err := t.files.ReplaceIn(filepath.Clean(dir), base, src, got.Text); err != nil {
			t.warn(fmt.Errorf("cannot write %s: %w", t.shown(name), disk.Reason(err)))
		} else {
			t.note(fmt.Errorf("wrote %s", t.shown(name)))
		}
	case !got.Wanted:
		return "the want section is missing; --update writes it"
	}
	if t.update {
		return ""
	}
	return got.Diff
}

// subdirectories are the names of the directories in dir that are not hidden.
func (t *ruleTest) subdirectories(dir string) ([]string, error) {
	return t.list(dir, func(e fs.DirEntry) bool { return e.IsDir() && !strings.HasPrefix(e.Name(), ".") })
}

// archives are the paths of the cases in dir.
func (t *ruleTest) archives(dir string) ([]string, error) {
	names, err := t.list(dir, func(e fs.DirEntry) bool { return path.Ext(e.Name()) == ".txtar" })
	for i := range names {
		names[i] = filepath.Join(dir, names[i])
	}
	return names, err
}

func (t *ruleTest) list(dir string, is func(fs.DirEntry) bool) ([]string, error) {
	entries, err := t.files.ReadDir(dir)
	var out []string
	for _, e := range entries {
		if is(e) {
			out = append(out, e.Name())
		}
	}
	return out, err
}
