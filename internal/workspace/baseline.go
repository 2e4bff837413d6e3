package workspace

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/dockvet/dockvet/internal/baseline"
)

// Baseline reads the baseline in the file called name, an absolute path. It is read once, and what is done to it stays. If create is
// set, a file that does not exist is a baseline without entries.
func (w *Workspace) Baseline(name string, create bool) (*baseline.Baseline, error) {
	if b, ok := w.baselines[name]; ok {
		return b, nil
	}
	top := w.Top()
	b := baseline.New(w.loader.Index(), func(file string) bool {
		_, err := reader{w, nil}.Lstat(filepath.Join(top, filepath.FromSlash(file)))
		return !errors.Is(err, fs.ErrNotExist)
	})
	shown := name
	if rel, err := filepath.Rel(w.config.Root, name); err == nil && filepath.IsLocal(rel) {
		shown = rel
	}
	shown = filepath.ToSlash(shown)
	data, err := reader{w, nil}.readFile(name, baseline.MaxFile+1)
	switch {
	case create && errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, CannotRead(shown, err)
	case len(data) > baseline.MaxFile:
		return nil, CannotRead(shown, baseline.ErrTooLarge)
	}
	if err := b.Read(shown, data); err != nil {
		return nil, fmt.Errorf("invalid baseline: %w", err)
	}
	if w.baselines == nil {
		w.baselines = map[string]*baseline.Baseline{}
	}
	w.baselines[name] = b
	return b, nil
}

// Top is the top of the repository that holds the root, or else the root. The names in a baseline begin there.
func (w *Workspace) Top() string { return reader{w, nil}.root(w.config.Root) }

// BaselineName is how a baseline names t.
func (w *Workspace) BaselineName(t Target) string {
	name := w.abs(cmp.Or(t.Name, t.Path))
	if rel, err := filepath.Rel(w.Top(), name); err == nil {
		name = rel
	}
	return filepath.ToSlash(name)
}
