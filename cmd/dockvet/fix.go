package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/dockvet/dockvet/internal/console"
	"github.com/dockvet/dockvet/internal/pipeline"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/report"
)

// fixes checks the flags that say what to fix; nil if nothing is to be fixed.
func (c *checker) fixes(args []string) (*pipeline.FixOptions, error) {
	if c.addIgnores { // --diff is about comments then
		return nil, nil
	}
	o := &pipeline.FixOptions{Unsafe: c.unsafeFixes, Only: map[string]bool{}, Disk: c.files, Write: !c.diff}
	switch {
	case !c.fix && !c.diff && c.unsafeFixes:
		return nil, errors.New("--unsafe-fixes needs --fix or --diff")
	case !c.fix && !c.diff && len(c.fixOnly) > 0:
		return nil, errors.New("--fix-only needs --fix or --diff")
	case c.diff && c.output != "":
		return nil, errors.New("--diff cannot be used with --output: a diff is not a report")
	case c.diff && len(c.formats) > 0 && !slices.Equal(c.formats, []string{report.Formats()[0].Name}):
		return nil, errors.New("--diff cannot be used with --format: a diff is not a report")
	case c.fix && !c.diff && slices.Contains(args, "-"):
		return nil, errors.New("--fix cannot write to standard input; --diff prints what it would change")
	case !c.fix && !c.diff:
		return nil, nil
	}
	only, house, err := c.lookup(c.fixOnly)
	for _, name := range house { // they have no fixes
		err = errors.Join(err, unknownRule(c.index(), name))
	}
	if err != nil {
		return nil, fmt.Errorf("--fix-only: %w", err)
	}
	if len(c.fixOnly) > 0 && len(only) == 0 {
		return nil, errors.New("--fix-only does not name a rule")
	}
	for _, r := range only {
		o.Only[r.Name] = true
	}
	return o, nil
}

// sayFixed says on standard error what was fixed in each Dockerfile.
func (c *checker) sayFixed(jobs []pipeline.Job, results []pipeline.Result) {
	for i, r := range results {
		if r.Fixed != nil && len(r.Fixed.Applied) > 0 && !c.quiet {
			// There is nowhere left to complain.
			w := console.NewDefused(c.err)
			_ = report.WriteFixed(w, jobs[i].Path, len(r.Fixed.Applied), r.Fixed.Changes)
		}
	}
}

// sayLeft says on standard error what --fix leaves to a person, if it has fixed something.
func (c *checker) sayLeft(results []pipeline.Result) {
	if !c.fix || c.diff || c.quiet {
		return
	}
	left, unsafe, display := 0, 0, 0
	fixed := false
	for _, r := range results {
		fixed = fixed || r.Fixed != nil && len(r.Fixed.Applied) > 0
		left += len(r.Findings)
		for _, f := range r.Findings {
			best := lint.NoFix
			for _, x := range f.Fixes {
				best = max(best, x.Safety)
			}
			switch best {
			case lint.Unsafe:
				unsafe++
			case lint.Display:
				display++
			case lint.NoFix, lint.Safe:
			}
		}
	}
	if left == 0 || !fixed {
		return
	}
	text := count(left, "finding") + " left"
	if unsafe > 0 && !c.unsafeFixes {
		text += fmt.Sprintf(", %d of them fixable with --unsafe-fixes", unsafe)
	}
	if display > 0 {
		text += fmt.Sprintf(", %d with a fix to complete by hand", display)
	}
	c.note(errors.New(text))
}

// printDiff prints what fixes would change, and sets the exit code.
func (c *checker) printDiff(jobs []pipeline.Job, results []pipeline.Result) error {
	changes := pipeline.Changes(jobs, results)
	failed := len(changes) > 0
	for i, r := range results {
		if r.Fixed == nil {
			continue
		}
		for _, x := range r.Fixed.Failures {
			failed = true
			c.note(fmt.Errorf("%s: bug in the fix `%s` of rule %s: %s", jobs[i].Path, x.Title, x.Rule.Name, x.Reason))
		}
	}
	if failed && c.code == exitClean {
		c.code = exitFindings
	}
	if slices.ContainsFunc(changes, unclean) {
		c.note(errors.New("the diff shows control characters as signs, so it cannot be applied; --fix can"))
	}
	width, isTerminal := terminal(c.out)
	err := forPeople(c.out, isTerminal, func(w io.Writer) error {
		return report.WriteDiff(w, changes, report.Options{Color: useColor(c.color, isTerminal), Width: width})
	})
	if err != nil && !closedPipe(err) {
		return fmt.Errorf("print the difference: %w", err)
	}
	return nil
}

// unclean reports whether a diff of c cannot show a line as it is.
func unclean(c report.Change) bool {
	for _, text := range [][]byte{c.Before, c.After} {
		for line := range bytes.Lines(text) {
			if shown := console.CleanLine(string(line)); shown != string(line) || console.Defuse(" "+shown) != " "+shown {
				return true
			}
		}
	}
	return false
}
