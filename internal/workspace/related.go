package workspace

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/bake"
)

// belongs reports whether a file with that base name is part of what decides on builds without being a Dockerfile: an ignore file, a
// bake file or a manifest.
func belongs(base string) bool {
	if is, _ := Named(base); is {
		return false
	}
	return app.RootFile(base) || strings.HasSuffix(base, ".dockerignore") || bake.Named(base)
}

// relate adds the Dockerfiles below the root whose build context has one of the files in f.related, which the user has named.
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
		if slices.ContainsFunc(d.Builds, func(b *Build) bool { return b.Dir != "" && slices.ContainsFunc(f.related, f.within(b.Dir)) }) {
			f.add(t.Name, false)
		}
	}
}

// within reports whether a file is in the directory dir.
func (f *finder) within(dir string) func(name string) bool {
	return func(name string) bool {
		rel, err := filepath.Rel(f.abs(dir), f.abs(name))
		return err == nil && filepath.IsLocal(rel)
	}
}
