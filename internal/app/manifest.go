package app

import (
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
)

// Manifest is a file that lists dependencies.
type Manifest struct {
	Ecosystem string // who reads it: the Name of an ecosystem.Project
	Path      string // in the build context
	Lock      bool   // its lock file is beside it
}

// Manifests are the manifests in the build context, those of the upper directories first.
func (a *App) Manifests() []Manifest {
	a.walk()
	return a.manifests
}

// manifest adds the file called name of a directory, if it is a manifest. names is all that the directory holds.
func (a *App) manifest(dir, name string, names []string) {
	m := Manifest{Path: path.Join(dir, name)}
	owner := a.owner(m.Path, func(locks []string) bool {
		return slices.ContainsFunc(locks, func(f string) bool { return slices.Contains(names, f) })
	}, &m.Lock)
	if owner == nil {
		return
	}
	solution := func(pattern string) bool { return matches(pattern, name) }
	if slices.ContainsFunc(owner.Project.Solution, solution) {
		return
	}
	m.Ecosystem = owner.Project.Name
	a.manifests = append(a.manifests, m)
}

// owner is the manager that the manifest called name belongs to, nil if it is not a manifest; lock is set if its lock
// file is beside it. Of several managers that read such a file it is the first whose lock file exists, then the first
// that the file claims, then the default or the last.
func (a *App) owner(name string, exists func([]string) bool, lock *bool) *ecosystem.Manager {
	base := path.Base(name)
	readers := ecosystem.Readers(base)
	for _, m := range readers {
		if exists(m.Locks()) {
			*lock = true
			return m
		}
	}
	i := slices.IndexFunc(ecosystem.All(), func(m *ecosystem.Manager) bool {
		p := m.Project
		return p != nil && (slices.Contains(p.Default, base) || p.Also != nil && p.Also(base, path.Base(path.Dir(name))))
	})
	if i >= 0 || len(readers) > 1 {
		text := a.text(name)
		for _, m := range readers {
			if m.Project.Claims != nil && m.Project.Claims(text) {
				return m
			}
		}
	}
	switch {
	case i >= 0:
		return ecosystem.All()[i]
	case len(readers) > 0:
		return readers[len(readers)-1]
	}
	return nil
}

// Independent reports whether the package.json called file, of a package with a name and version, lists no dependencies of any kind, nor
// workspaces, which have their own, nor scripts.
func (a *App) Independent(file string) bool {
	var m map[string]json.RawMessage
	if json.Unmarshal([]byte(a.text(file)), &m) != nil || m["name"] == nil || m["version"] == nil {
		return false
	}
	for _, key := range [...]string{"dependencies", "devDependencies", "optionalDependencies", "peerDependencies", "workspaces", "scripts"} {
		if text := string(m[key]); strings.Trim(text, "{}[] \t\r\n") != "" {
			return false
		}
	}
	return true
}

type packageJSON struct {
	Scripts      map[string]string `json:"scripts"`
	Dependencies map[string]any    `json:"dependencies"`
	Optional     map[string]any    `json:"optionalDependencies"`
	text         string
}

func (a *App) packageJSON(name string) packageJSON {
	var p packageJSON
	src, err := a.ctx.Read(name)
	if err != nil || json.Unmarshal(src, &p) != nil {
		return packageJSON{}
	}
	p.text = string(src)
	return p
}

// Script is an entry of `scripts` in a package.json.
type Script struct {
	Name, Command string
	File          string // the package.json
	Line          int    // from 1
}

// Script is the script called name of the package in directory dir. A missing `start` is `node server.js`, as npm has
// it.
func (a *App) Script(dir, name string) (Script, bool) {
	file := path.Join(dir, "package.json")
	p := a.packageJSON(file)
	s := Script{Name: name, File: file, Line: 1}
	var ok bool
	if s.Command, ok = p.Scripts[name]; !ok {
		if name == "start" && p.text != "" && a.ctx.Has(path.Join(dir, "server.js")) {
			s.Command = "node server.js"
			return s, true
		}
		return s, false
	}
	_, scripts, _ := strings.Cut(p.text, `"scripts"`)
	if i := strings.Index(scripts, `"`+name+`"`); i >= 0 {
		s.Line += strings.Count(p.text[:len(p.text)-len(scripts)+i], "\n")
	}
	return s, true
}

// ScriptNames are the names of the scripts in a package.json, sorted; ok is false if it cannot be read.
func (a *App) ScriptNames(file string) (names []string, ok bool) {
	p := a.packageJSON(file)
	return slices.Sorted(maps.Keys(p.Scripts)), p.text != ""
}

// NodeDependencies are the packages that a package.json lists for more than development.
func (a *App) NodeDependencies(file string) []string {
	p := a.packageJSON(file)
	return slices.AppendSeq(slices.Collect(maps.Keys(p.Dependencies)), maps.Keys(p.Optional))
}
