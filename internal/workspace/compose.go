package workspace

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"

	"github.com/dockvet/dockvet/internal/compose"
	"github.com/dockvet/dockvet/internal/described"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// project is what the compose files of one directory describe.
type project struct {
	root   string                     // the directory that paths begin at
	main   []string                   // the compose files of the directory
	files  []string                   // all that were read, or else main
	usages map[string][]compose.Usage // by the path of the Dockerfile
	// secrets are the values of the `.env` files of the project.
	secrets *compose.Secrets
	err     error
}

// maxBuilds bounds the builds of one Dockerfile that are checked.
const maxBuilds = 20

// composed returns the builds of the Dockerfile called name that the compose files in its directory, and above it in
// its repository, describe; none if an option says how it is built. notes are what is wrong with these files.
func (r reader) composed(name string, f *parser.File) (builds []*Build, notes []error) {
	if name == "" || !r.options.described() {
		return nil, nil
	}
	abs := r.abs(name)
	var joined compose.Joined // paths are absolute
	var secrets []*compose.Secrets
	for _, p := range r.projectsAbove(filepath.Dir(abs)) {
		if p.err != nil {
			notes = append(notes, fmt.Errorf("%w; Dockerfiles are checked without it", r.located(p)))
			continue
		}
		secrets = append(secrets, p.secrets)
		inside, err := filepath.Rel(p.root, abs)
		if err != nil {
			continue
		}
		for _, u := range p.usages[filepath.ToSlash(inside)] {
			u.Context = filepath.Join(p.root, filepath.FromSlash(u.Context))
			u.Dockerfile = abs
			at := &u.Declaration.Place
			at.File = filepath.Join(p.root, filepath.FromSlash(at.File))
			u.Services = slices.Clip(u.Services) // the project is shared
			joined.Add(u)
		}
	}
	usages := joined.List
	if len(usages) == 0 {
		return nil, notes
	}
	if len(usages) > maxBuilds {
		const format = "%s: compose files describe %d builds of it; only %d are checked"
		notes = append(notes, fmt.Errorf(format, f.Name, len(usages), maxBuilds))
		usages = usages[:maxBuilds]
	}
	for _, u := range usages {
		b := &Build{Options: u.Plan, Services: u.Services, Plan: plan.New(f, u.Plan), secrets: secrets}
		b.Dir = r.fromRoot(u.Context, filepath.IsAbs(name))
		b.Source = described.Source{
			Kind: described.Compose, File: filepath.ToSlash(r.fromRoot(u.Declaration.File, filepath.IsAbs(name))), Line: u.Declaration.Line,
		}
		b.Contexts = u.Contexts
		if err := missingTarget(b.Plan, b.Options.Target); err != nil {
			in := filepath.ToSlash(r.fromRoot(u.Declaration.File, filepath.IsAbs(name)))
			notes = append(notes, &Fault{in, b.hide(fmt.Errorf("%s: %w", b.Place(), err))})
			b.build(f, "", b.Services)
		}
		builds = append(builds, b)
	}
	return builds, notes
}

// Fault is what is wrong with a description of builds, and what is a finding where the description is checked as well.
type Fault struct {
	In  string // the description, as reports print it
	Err error
}

func (f *Fault) Error() string { return f.Err.Error() }

// build makes b a build of target.
func (b *Build) build(f *parser.File, target string, services []lint.Service) {
	b.Options.Target, b.Services = target, services
	b.Plan = plan.New(f, b.Options)
}

// projectsAbove are the projects in dir and the directories above it up to its root, the nearest first.
func (r reader) projectsAbove(dir string) []*project {
	root := r.root(dir)
	var found []*project
	for ; ; dir = filepath.Dir(dir) {
		p := r.projects.get(dir, r, func(r reader) *project { return r.project(dir) })
		if p != nil {
			found = append(found, p)
		}
		if dir == root || dir == filepath.Dir(dir) {
			return found
		}
	}
}

// root is the directory up to which compose files apply to dir: that of its repository, or else the root of the
// workspace.
func (r reader) root(dir string) string {
	return r.roots.get(dir, r, func(r reader) string {
		root := dir
		for at := dir; ; at = filepath.Dir(at) {
			if at == r.config.Root {
				root = at
			}
			if _, err := r.Lstat(filepath.Join(at, ".git")); err == nil {
				return at
			}
			if at == filepath.Dir(at) {
				return root
			}
		}
	})
}

// project reads the compose files in dir; nil without any.
func (r reader) project(dir string) *project {
	root := r.root(dir)
	files := compose.Find(func(name string) bool { return r.exists(filepath.Join(dir, name)) })
	rel, err := filepath.Rel(root, dir)
	if err != nil || len(files) == 0 {
		return nil
	}
	for i, name := range files {
		files[i] = path.Join(filepath.ToSlash(rel), name)
	}
	p := &project{root: root, main: files, files: files, usages: map[string][]compose.Usage{}}
	all, err := compose.Load(r.Sub(root, nil), files, nil)
	if err != nil {
		p.err = err
		return p
	}
	p.files, p.secrets = slices.Sorted(maps.Keys(all.Sources)), all.Secrets
	for _, u := range all.Usages() {
		p.usages[u.Dockerfile] = append(p.usages[u.Dockerfile], u)
	}
	return p
}

// located is what is wrong with the compose files of p, with the place as reports print it.
func (r reader) located(p *project) error {
	e, ok := errors.AsType[*compose.Error](p.err)
	if !ok {
		return p.err
	}
	told := *e
	told.File = filepath.ToSlash(r.fromRoot(filepath.Join(p.root, filepath.FromSlash(e.File)), false))
	return &told
}

// fromRoot is the absolute path name as reports print it: relative to the root, but not where that leads out of it and
// absolute is set.
func (w *Workspace) fromRoot(name string, absolute bool) string {
	rel, err := filepath.Rel(w.config.Root, name)
	if err != nil || absolute && !filepath.IsLocal(rel) {
		return name
	}
	return rel
}
