package workspace

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/bake"
	"github.com/dockvet/dockvet/internal/compose"
)

// belongs reports whether a file with that base name is part of what decides on builds without being a Dockerfile: an ignore file, a
// bake file, a compose file that Docker only reads if it is named, or a manifest.
func belongs(base string) bool {
	if is, _ := Named(base); is {
		return false
	}
	if compose.Like(base) && !compose.Named(base) {
		return true
	}
	return app.RootFile(base) || strings.HasSuffix(base, ".dockerignore") || bake.Like(base)
}

// relate adds the Dockerfiles below the root that one of the files in f.related describes, or whose build context has it. The user has named
// them.
func (f *finder) relate() {
	if len(f.related) == 0 {
		return
	}
	g := f.finder()
	g.find([]string{f.config.Root})
	g.prove(len(g.found))
	for _, t := range g.found {
		if t.Describes || f.known[t.Path] {
			continue
		}
		d, err := f.Load(t)
		if err != nil {
			continue // it is not about this file
		}
		if slices.ContainsFunc(d.Builds, f.concerns) {
			f.add(t.Name, false)
		}
	}
}

// concerns reports whether one of f.related describes b or is in its context.
func (f *finder) concerns(b *Build) bool {
	inside := func(string) bool { return false }
	if b.Dir != "" {
		inside = f.within(b.Dir)
	}
	return slices.ContainsFunc(f.related, func(name string) bool {
		shown := f.display(name)
		return b.Source.File != "" && shown == b.Source.File || slices.Contains(b.Also, shown) || !compose.Like(filepath.Base(name)) && inside(name)
	})
}

// within reports whether a file is in the directory dir.
func (f *finder) within(dir string) func(name string) bool {
	return func(name string) bool {
		rel, err := filepath.Rel(f.abs(dir), f.abs(name))
		return err == nil && filepath.IsLocal(rel)
	}
}
