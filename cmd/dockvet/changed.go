package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/dockvet/dockvet/internal/change"
	"github.com/dockvet/dockvet/internal/disk"
	"github.com/dockvet/dockvet/internal/outside"
	"github.com/dockvet/dockvet/internal/pipeline"
	"github.com/dockvet/dockvet/internal/workspace"
)

// checkChanged checks the flags that cannot be used with --changed-since and --changed-in.
func (c *checker) checkChanged(args []string) error {
	name := "--changed-since"
	if c.changedIn != "" {
		name = "--changed-in"
	}
	switch {
	case c.changedSince == "" && c.changedIn == "":
		return nil
	case c.changedSince != "" && c.changedIn != "":
		return errors.New("--changed-since and --changed-in cannot be used together")
	case c.fix || c.diff:
		return fmt.Errorf("%s cannot be used with --fix or --diff: a fix moves the lines that changed", name)
	case c.baselines.write != "" || c.baselines.prune:
		return fmt.Errorf("%s cannot be used with --write-baseline or --prune-baseline", name)
	case slices.Contains(args, "-"):
		return fmt.Errorf("%s cannot be used with a Dockerfile on standard input", name)
	case c.changedIn == "-" && c.fileList == "-":
		return errors.New("--changed-in and --files-from cannot both read standard input")
	}
	return nil
}

// changedFiles are those that --changed-since or --changed-in names.
func (c *checker) changedFiles(w *workspace.Workspace) ([]change.File, error) {
	if c.changedSince != "" {
		files, closer, err := outside.ChangedSince(c.files.Dir(), c.changedSince)
		if err != nil {
			return nil, fmt.Errorf("--changed-since: %w", err)
		}
		c.closers = append(c.closers, closer)
		return files, nil
	}
	var text []byte
	var err error
	if c.changedIn == "-" {
		text, err = io.ReadAll(io.LimitReader(c.in, change.MaxDiff+1))
	} else {
		text, err = disk.ReadNamedUpTo(c.changedIn, change.MaxDiff)
	}
	if err != nil {
		return nil, fmt.Errorf("--changed-in: %w", workspace.CannotRead(c.changedIn, err))
	}
	exists := func(name string) bool {
		_, err := c.files.Lstat(name)
		return err == nil
	}
	read := func(name string) ([]byte, error) {
		f, err := c.files.Open(name)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }() // nothing was written
		return io.ReadAll(f)
	}
	c.changes, err = change.ReadDiff(text, slices.Compact([]string{w.Top(), c.files.Dir()}), exists, read)
	if err != nil {
		return nil, fmt.Errorf("--changed-in: %s: %w", filepath.ToSlash(c.changedIn), err)
	}
	return c.changes.Files, nil
}

// tellUnfit says which files the diff of --changed-in does not fit.
func (c *checker) tellUnfit() {
	if c.changes == nil {
		return
	}
	for _, err := range c.changes.Faults() {
		c.warn(fmt.Errorf("--changed-in: %w", err))
	}
}

// change is what --changed-since or --changed-in names, with what was found before it in what paths mean.
func (c *checker) change(w *workspace.Workspace) (*change.Change, error) {
	files, err := c.changedFiles(w)
	if err != nil {
		return nil, err
	}
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
			jobs = append(jobs, pipeline.Job{Target: t, Setup: &pipeline.Setup{Linter: s.Linter, Sources: c.sources(s)}})
		}
	}
	progress := c.progress("checking what was before", len(jobs), c.quiet)
	for i, r := range pipeline.Run(context.Background(), before, jobs, pipeline.Options{Progress: progress.step}) {
		out.Before(before.Abs(jobs[i].Name), r.Findings)
	}
	progress.end()
	return out, nil
}
