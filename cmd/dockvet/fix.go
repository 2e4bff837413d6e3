package main

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"

	"github.com/dockvet/dockvet/cmd/dockvet/internal/driver"
	"github.com/dockvet/dockvet/report"
)

// fixes checks the flags that say what to fix.
func (c *checker) fixes(args []string) (driver.FixOptions, error) {
	how := driver.FixOptions{Unsafe: c.unsafeFixes, Only: map[string]bool{}, Write: !c.diff}
	switch {
	case !c.fix && !c.diff && c.unsafeFixes:
		return how, errors.New("--unsafe-fixes needs --fix or --diff")
	case !c.fix && !c.diff && len(c.fixOnly) > 0:
		return how, errors.New("--fix-only needs --fix or --diff")
	case c.diff && c.output != "":
		return how, errors.New("--diff and --output exclude each other: a difference is no report")
	case c.diff && c.format != report.Formats()[0].Name:
		return how, errors.New("--diff and --format exclude each other: a difference is no report")
	case c.fix && !c.diff && slices.Contains(args, "-"):
		return how, errors.New("--fix cannot write standard input; --diff prints what it would change")
	}
	only, err := c.lookup(c.loader.Index, c.fixOnly)
	if err != nil {
		return how, fmt.Errorf("--fix-only: %w", err)
	}
	if len(c.fixOnly) > 0 && len(only) == 0 {
		return how, errors.New("--fix-only names no rule")
	}
	for _, r := range only {
		how.Only[r.Name] = true
	}
	return how, nil
}

// fixed says on standard error what became of each Dockerfile.
func (c *checker) fixed(jobs []driver.Job, results []driver.Result) {
	for i, r := range results {
		if r.Fixed != nil && len(r.Fixed.Applied) > 0 && !c.quiet {
			_ = report.WriteFixed(c.err, jobs[i].Path, len(r.Fixed.Applied), r.Fixed.Changes) // there is nowhere left to complain
		}
	}
}

// printDiff prints what fixes would change.
func (c *checker) printDiff(jobs []driver.Job, results []driver.Result) error {
	var changes []report.Change
	code := exitClean
	c.tell(results)
	for i, r := range results {
		if r.Fixed == nil {
			continue
		}
		for _, x := range r.Fixed.Failures {
			code = exitFindings
			c.note(fmt.Errorf("%s: bug in the fix `%s` of rule %s: %s", jobs[i].Path, x.Title, x.Rule.Name, x.Reason))
		}
		for _, name := range slices.Sorted(maps.Keys(r.Fixed.Files)) {
			f := r.Fixed.Files[name]
			file := path.Join(filepath.ToSlash(r.Dir), name)
			changes = append(changes, report.Change{Name: file, Create: f.Create, Before: []byte(f.Before), After: []byte(f.After)})
		}
		if len(r.Fixed.Applied) > 0 {
			changes = append(changes, report.Change{Name: jobs[i].Path, Before: r.Source, After: r.Fixed.Source})
		}
	}
	if len(changes) > 0 {
		code = exitFindings
	}
	if c.code == exitClean {
		c.code = code
	}
	_, isTerminal := terminal(c.out)
	err := report.WriteDiff(c.out, changes, report.Options{Color: useColor(c.color, isTerminal)})
	if err != nil && !closedPipe(err) {
		return fmt.Errorf("print the difference: %w", err)
	}
	return nil
}
