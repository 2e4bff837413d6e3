package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/console"
	"github.com/dockvet/dockvet/internal/pipeline"
	"github.com/dockvet/dockvet/internal/pragma"
	"github.com/dockvet/dockvet/internal/workspace"
)

// checkIgnores checks --reason, and the flags that cannot be used with --add-ignores.
func (c *checker) checkIgnores(args []string) error {
	switch {
	case !c.addIgnores && c.reason != "":
		return errors.New("--reason needs --add-ignores")
	case !c.addIgnores:
		return nil
	case c.fix || c.unsafeFixes || len(c.fixOnly) > 0:
		return errors.New("--add-ignores cannot be used with --fix, --unsafe-fixes or --fix-only; fix first, then ignore what is left")
	case c.baselines.write != "" || c.baselines.prune:
		return errors.New("--add-ignores cannot be used with --write-baseline or --prune-baseline")
	case c.changedSince != "" || c.changedIn != "":
		return errors.New("--add-ignores cannot be used with --changed-since or --changed-in: comments change the files")
	case slices.Contains(args, "-"):
		return errors.New("--add-ignores cannot write to standard input")
	case c.diff && (c.output != "" || len(c.formats) > 0):
		return errors.New("--diff cannot be used with --output or --format: a diff is not a report")
	case c.policy.NoIgnoreComments:
		return errors.New("--add-ignores cannot be used with --no-ignore-comments")
	}
	c.reason = strings.TrimSpace(c.reason)
	read, ok := pragma.ParseIgnore(pragma.Dockvet + " ignore=x " + c.reason)
	if !ok || len(read.Names) != 1 || read.Reason != c.reason || console.CleanLine(c.reason) != c.reason {
		return errors.New("--reason needs words on one line")
	}
	return nil
}

// ignorable is an error if comments are to be added and the settings s do not accept them.
func (c *checker) ignorable(s workspace.Settings) error {
	switch {
	case !c.addIgnores:
	case s.NoComments.V:
		return fmt.Errorf("--add-ignores: ignore comments have no effect because of %s", s.NoComments.From)
	case s.RequireReason.V && c.reason == "":
		return fmt.Errorf("--add-ignores needs --reason, since %s requires one", s.RequireReason.From)
	}
	return nil
}

// addComments ignores the findings in results and says what was done.
func (c *checker) addComments(w *workspace.Workspace, jobs []pipeline.Job, results []pipeline.Result) {
	pipeline.AddIgnores(context.Background(), w, jobs, results, pipeline.Ignoring{Reason: c.reason, Disk: c.files, Write: !c.diff})
	left := 0
	for i, r := range results {
		left += len(r.Findings)
		if r.Comments > 0 && !c.quiet && !c.diff {
			c.note(fmt.Errorf("%s: %s added, build unchanged", jobs[i].Path, count(r.Comments, "ignore comment")))
		}
	}
	if left > 0 && !c.quiet {
		c.note(fmt.Errorf("no comment can ignore %s", count(left, "finding")))
	}
}
