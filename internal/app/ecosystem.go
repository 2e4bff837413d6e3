package app

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
)

// RootFile reports whether a file of that name marks the root of a build context: a manifest, or a file
// that usually is next to one.
func RootFile(name string) bool {
	switch name { // of tools that internal/ecosystem does not know
	case ".dockerignore", ".containerignore", "pubspec.yaml", "rebar.config", "build.sbt", "stack.yaml", "project.clj", "deps.edn":
		return true
	}
	if path.Ext(name) == ".cabal" || len(ecosystem.Readers(name)) > 0 {
		return true
	}
	for _, m := range ecosystem.All() {
		if m.Project == nil {
			continue
		}
		for _, pattern := range m.Project.RootFiles {
			if matches(pattern, name) {
				return true
			}
		}
	}
	return false
}

// Workspace reports whether a file called name, whose text read gives, makes its directory the root of several packages
// that are installed together. Their Dockerfiles mostly have that root for their build context, wherever they are.
func Workspace(name string, read func() string) bool {
	for _, m := range ecosystem.All() {
		if m.Project == nil {
			continue
		}
		for _, mark := range m.Project.Roots {
			if matches(mark.File, name) && (mark.Text == "" || strings.Contains(read(), mark.Text)) {
				return true
			}
		}
	}
	return false
}

// Inputs are the files of the build context that installing the dependencies of one directory reads, each where it
// exists.
type Inputs struct {
	Manager   *ecosystem.Manager
	Dir       string   // in the build context
	Manifests []string // those of the directory itself
	Locks     []string
	Beside    []string // directories end in a slash
	Members   []string // the manifests of the parts that the directory's own manifest names: workspaces, modules, projects
	// Package says that the application is a package itself, which is installed with its dependencies.
	Package bool
	// Sources says why the installation needs more than these files, "" if nothing tells so.
	Sources string
}

// Files are all of them, in the order in which a person would write them.
func (in *Inputs) Files() []string {
	return slices.Concat(in.Manifests, in.Locks, in.Beside, in.Members)
}

// maxMembers bounds how many parts of an application are looked at.
const maxMembers = 200

// Inputs looks at what the manager called name, as in shell.Call.Manager, reads in directory dir, with named instead of
// the usual manifests if there are any; nil for an unknown manager.
func (a *App) Inputs(name, dir string, named []string) *Inputs {
	m := ecosystem.Of(name)
	if m == nil || m.Project == nil {
		return nil
	}
	in := &Inputs{Manager: m, Dir: dir}
	find := func(patterns []string) (out []string) {
		for _, pattern := range patterns {
			directory := strings.HasSuffix(pattern, "/")
			for _, name := range a.ctx.Glob(path.Join(escape(dir), pattern)) {
				if directory {
					name += "/"
				}
				if !slices.Contains(out, name) {
					out = append(out, name)
				}
			}
		}
		return out
	}
	if len(named) > 0 {
		for _, name := range named {
			if a.ctx.Has(name) && !slices.Contains(in.Manifests, name) {
				in.Manifests = append(in.Manifests, name)
			}
		}
	} else {
		in.Manifests = find(m.Project.Manifests)
	}
	in.Locks, in.Beside = find(m.Locks()), find(m.Project.Beside)
	if m.Project.Read != nil {
		files := a.files(in)
		m.Project.Read(files)
		in.Package, in.Sources = files.Package, files.Sources
	}
	return in
}

// files is what a manager reads of in; the members that it finds are added to in.
func (a *App) files(in *Inputs) *ecosystem.Files {
	add := func(name string) {
		if len(in.Members) < maxMembers && !slices.Contains(in.Manifests, name) && !slices.Contains(in.Members, name) {
			in.Members = append(in.Members, name)
		}
	}
	return &ecosystem.Files{
		Dir: in.Dir, Manifests: in.Manifests, Beside: in.Beside,
		Text:    func(name string) string { return a.text(path.Join(in.Dir, name)) },
		Content: a.text,
		Member:  func(pattern, name string) { a.member(in.Dir, pattern, name, add) },
		Below:   func(patterns []string, with ...string) { a.below(in.Dir, patterns, with, add) },
		Include: func(name string) bool {
			if !a.ctx.Has(name) {
				return false
			}
			add(name)
			return true
		},
		Exclude: func(pattern string) {
			in.Members = slices.DeleteFunc(in.Members, func(m string) bool {
				return matches(path.Join(in.Dir, pattern), path.Dir(m))
			})
		},
		Members: func() []string { return in.Members },
	}
}

// member calls add for the manifests called name in the directories that match pattern, below dir.
func (a *App) member(dir, pattern, name string, add func(string)) {
	pattern = strings.TrimSuffix(strings.TrimPrefix(pattern, "./"), "/")
	if before, _, deep := strings.Cut(pattern, "**"); deep {
		for _, m := range a.Manifests() {
			if path.Base(m.Path) == name && strings.HasPrefix(m.Path, path.Join(dir, before)) {
				add(m.Path)
			}
		}
		return
	}
	for _, found := range a.ctx.Glob(path.Join(escape(dir), pattern, name)) {
		if !strings.Contains(found, "node_modules/") {
			add(found)
		}
	}
}

// below calls add for the manifests below dir whose names match one of patterns, and for the files beside each called
// as one of with.
func (a *App) below(dir string, patterns, with []string, add func(string)) {
	for _, m := range a.Manifests() {
		if dir != "." && !strings.HasPrefix(m.Path, dir+"/") || path.Dir(m.Path) == dir {
			continue
		}
		if !slices.ContainsFunc(patterns, func(p string) bool { return matches(p, path.Base(m.Path)) }) {
			continue
		}
		add(m.Path)
		for _, name := range with {
			if beside := path.Join(path.Dir(m.Path), name); a.ctx.Has(beside) {
				add(beside)
			}
		}
	}
}

// Dependencies is how many packages a manifest of the given ecosystem, as in Manifest.Ecosystem, asks for itself; 0
// where that is not known, or where the application does not need a lock file.
func (a *App) Dependencies(name, manifest string) int {
	p := project(name)
	if p == nil || p.Direct == nil {
		return 0
	}
	return p.Direct(ecosystem.Manifest{
		Text: strings.ReplaceAll("\n"+a.text(manifest), "\r\n", "\n"),
		Has: func(pattern string) bool {
			return len(a.ctx.Glob(path.Join(escape(path.Dir(manifest)), pattern))) > 0
		},
	})
}

// Development lists the packages that a manifest of the given ecosystem, as in Manifest.Ecosystem, has only for work on
// the application and that its manager installs unless it is told not to; none where that is not known.
func (a *App) Development(name, manifest string) []string {
	p := project(name)
	if p == nil || p.Development == nil {
		return nil
	}
	return p.Development(a.text(manifest))
}

// project is the project called name.
func project(name string) *ecosystem.Project {
	for _, m := range ecosystem.All() {
		if m.Project != nil && m.Project.Name == name {
			return m.Project
		}
	}
	return nil
}

func (a *App) text(name string) string {
	src, err := a.ctx.Read(name)
	if err != nil {
		return ""
	}
	return string(src)
}

func matches(pattern, name string) bool {
	if !strings.ContainsAny(pattern, `*?[\`) {
		return pattern == name
	}
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

// escape makes a directory's name a pattern that only it matches.
func escape(dir string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(dir)
}
