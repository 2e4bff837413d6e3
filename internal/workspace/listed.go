package workspace

import (
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/compose"
)

// list adds a path that somebody else has collected, such as a list of changed files: a file only if a search would find it.
func (f *finder) list(path string) {
	base := filepath.Base(path)
	f.config.Files.Trust(f.abs(path))
	info, err := f.Lstat(path)
	if err != nil {
		f.errs = append(f.errs, CannotRead(path, err))
		return
	}
	dockerfile := judgeName(strings.ToLower(base)) != no
	switch {
	case info.IsDir():
		f.path(path)
		return
	case !dockerfile && !compose.Named(base) && !belongs(base):
		return
	case f.foreign(path):
		return
	}
	if f.leftToGit(path) {
		if dockerfile && f.isDockerfile(path) {
			f.ignored++
		}
		return
	}
	switch {
	case !dockerfile:
		if target, err := f.Stat(path); err == nil && target.Mode().IsRegular() {
			f.path(path)
		}
	case info.Mode()&fs.ModeSymlink != 0:
		if f.isDockerfile(path) {
			f.links = append(f.links, path)
		}
	case info.Mode().IsRegular():
		f.add(path, !certainName(path))
	}
}

// foreign reports whether a search would not enter a directory that path is in, whatever git says.
func (f *finder) foreign(path string) bool {
	rel, err := filepath.Rel(f.config.Root, f.abs(path))
	if err != nil || !filepath.IsLocal(rel) {
		rel = path
	}
	return slices.ContainsFunc(strings.Split(filepath.ToSlash(filepath.Dir(rel)), "/"), func(dir string) bool {
		return dir == "node_modules" || dir == ".git"
	})
}

// leftToGit reports whether git ignores a file, and does not track it nonetheless.
func (f *finder) leftToGit(path string) bool {
	if policy, _ := f.Policy(); policy.NoGitignore { // an error in the file is told for each Dockerfile
		return false
	}
	return f.gitIgnores(f.config.Root, f.abs(path)) && !f.tracks(f.abs(path))
}

// tracks reports whether git tracks a file that it ignores.
func (f *finder) tracks(abs string) bool {
	if f.config.Tracked == nil {
		return false
	}
	dir := filepath.Dir(abs)
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := f.Lstat(filepath.Join(dir, ".git")); err == nil {
			break
		}
	}
	known, ok := f.added[dir]
	if !ok {
		known = map[string]bool{}
		names, err := f.config.Tracked(dir)
		if err != nil {
			f.untold(f.display(dir), err)
		}
		for _, name := range names {
			known[filepath.Join(dir, filepath.FromSlash(name))] = true
		}
		if f.added == nil {
			f.added = map[string]map[string]bool{}
		}
		f.added[dir] = known
	}
	return known[abs]
}
