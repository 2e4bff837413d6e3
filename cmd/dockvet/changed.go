package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dockvet/dockvet/internal/change"
	"github.com/dockvet/dockvet/internal/outside"
	"github.com/dockvet/dockvet/internal/pipeline"
	"github.com/dockvet/dockvet/internal/workspace"
)

// checkChanged checks the flags that cannot be used with --changed-since.
func (c *checker) checkChanged(args []string) error {
	switch {
	case c.changedSince == "":
		return nil
	case c.fix || c.diff:
		return errors.New("--changed-since cannot be used with --fix or --diff: a fix moves the lines that changed")
	case c.baselines.write != "" || c.baselines.prune:
		return errors.New("--changed-since cannot be used with --write-baseline or --prune-baseline")
	case slices.Contains(args, "-"):
		return errors.New("--changed-since cannot be used with standard input")
	}
	return nil
}

// change is what --changed-since names, with what was found before it in what paths mean.
func (c *checker) change(w *workspace.Workspace) (*change.Change, error) {
	files, closer, err := outside.ChangedSince(c.files.Dir(), c.changedSince)
	if err != nil {
		return nil, fmt.Errorf("--changed-since: %w", err)
	}
	c.closers = append(c.closers, closer)
	out := change.New(files)
	before := w.Before(out)
	old := func(paths []string) []string {
		paths = slices.Clone(paths)
		for i, name := range paths {
			if now := w.Abs(name); out.OldName(now) != now {
				paths[i] = out.OldName(now)
			}
		}
		return paths
	}
	targets, _ := before.Candidates(old(c.paths), old(c.listed)) // what was not there had no findings
	var jobs []pipeline.Job
	for _, t := range targets {
		// Without valid settings, all findings of now are new.
		if s, err := before.Settings(t); err == nil {
			jobs = append(jobs, pipeline.Job{Target: t, Linter: s.Linter, Sources: c.sources(s)})
		}
	}
	progress := c.progress("checking what was before", len(jobs), c.quiet)
	for i, r := range pipeline.Run(context.Background(), before, jobs, pipeline.Options{Progress: progress.step}) {
		out.Before(before.Abs(jobs[i].Name), r.Findings)
	}
	progress.end()
	return out, nil
}
