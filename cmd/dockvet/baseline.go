package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/dockvet/dockvet/internal/baseline"
	"github.com/dockvet/dockvet/internal/config"
	"github.com/dockvet/dockvet/internal/disk"
	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/internal/workspace"
)

// baselines are the flags on baselines, and the baselines of a run.
type baselines struct {
	file, write string
	prune       bool
	named       bool                          // a configuration names one
	part        bool                          // not all files of the repository are looked at
	all         map[string]*baseline.Baseline // by absolute name
}

// flags checks the flags and adds what they say to f.
func (b *baselines) flags(f *config.Flags) error {
	f.Baseline = b.file
	switch {
	case b.write != "" && (b.file != "" || b.prune):
		return errors.New("--write-baseline cannot be used with --baseline or --prune-baseline")
	case f.Policy.NoBaseline && (b.file != "" || b.write != "" || b.prune):
		return errors.New("--no-baseline cannot be used with other flags on baselines")
	case b.write != "":
		f.Baseline = b.write
	}
	var err error
	if f.Baseline != "" {
		f.Baseline, err = filepath.Abs(f.Baseline)
	}
	return err
}

// of is the baseline of Dockerfiles with the settings s; nil without one.
func (b *baselines) of(w *workspace.Workspace, s workspace.Settings) (*baseline.Baseline, error) {
	name := s.Baseline.V
	if name == "" {
		if b.write != "" {
			return nil, fmt.Errorf("--write-baseline: %s forbids baselines", s.Baseline.From)
		}
		return nil, nil
	}
	loaded, err := w.Baseline(name, b.write != "")
	if err != nil {
		return nil, err
	}
	if b.part {
		loaded.Part()
	}
	if s.Baseline.From != "--baseline" {
		b.named = true
	}
	if b.all == nil {
		b.all = map[string]*baseline.Baseline{}
	}
	b.all[name] = loaded
	return loaded, nil
}

// removable is how many entries no finding needs.
func (b *baselines) removable() int {
	n := 0
	for _, x := range b.all {
		n += len(x.Removable())
	}
	return n
}

// save writes the baselines, if the flags say so.
func (c *checker) saveBaselines() error {
	b := &c.baselines
	if b.prune && len(b.all) == 0 {
		return errors.New("--prune-baseline needs a baseline: --baseline FILE, or `baseline` in the configuration")
	}
	var errs []error
	for name, x := range b.all {
		removable := len(x.Removable())
		if b.write == "" && (!b.prune || removable == 0) {
			continue
		}
		x.Prune()
		data, n := x.Bytes()
		shown := c.shown(name)
		if len(data) > baseline.MaxFile {
			errs = append(errs, fmt.Errorf("cannot write %s: %w", shown, baseline.ErrTooLarge))
			continue
		}
		err := c.files.WriteFile(name, func(w io.Writer) error {
			_, err := w.Write(data)
			return err
		})
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("cannot write %s: %w", shown, disk.Reason(err)))
		case b.write != "":
			c.note(fmt.Errorf("wrote %s with %s", shown, count(n, "finding")))
			if !b.named {
				c.note(fmt.Errorf("--baseline %s, or `baseline` in .dockvet.yaml, makes dockvet read it", shown))
			}
		default:
			c.note(fmt.Errorf("removed %s from %s", count(removable, "line"), shown))
		}
	}
	order.By(errs, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

// shown is an absolute path for the reader: relative to the working directory if it is below it.
func (a *app) shown(name string) string {
	if rel, err := filepath.Rel(a.files.Dir(), name); err == nil && filepath.IsLocal(rel) {
		name = rel
	}
	return filepath.ToSlash(name)
}

// abs is the absolute path of a name on the command line.
func (a *app) abs(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(a.files.Dir(), name)
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprint(n, " ", what)
}
