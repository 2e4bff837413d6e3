package app

import (
	"encoding/json"
	"path"
	"slices"
	"strings"
)

// Manifest is a file that lists dependencies.
type Manifest struct {
	// Ecosystem is who reads it: pip, uv, poetry, pdm, pipenv, npm, yarn, pnpm, bun, go, cargo, bundler, composer, maven, gradle,
	// dotnet, mix, conda or swift.
	Ecosystem string
	Path      string // in the build context
	Lock      bool   // its lock file lies beside it
}

// Manifests are the manifests in the build context, those of the upper folders first.
func (a *App) Manifests() []Manifest {
	a.walk()
	return a.manifests
}

// manifest adds the file called name of a folder, if it is a manifest. names is all that lies in the folder.
func (a *App) manifest(dir, name string, names []string) {
	full := path.Join(dir, name)
	has := func(files ...string) bool {
		return slices.ContainsFunc(files, func(f string) bool { return slices.Contains(names, f) })
	}
	m := Manifest{Path: full}
	switch {
	case name == "package.json":
		m.Ecosystem, m.Lock = a.node(full, has)
	case name == "pyproject.toml":
		m.Ecosystem, m.Lock = a.pyproject(full, has)
	case name == "setup.py", name == "setup.cfg",
		path.Ext(name) == ".txt" && (strings.HasPrefix(name, "requirements") || path.Base(dir) == "requirements"):
		m.Ecosystem = "pip"
	case path.Ext(name) == ".sln", path.Ext(name) == ".slnx":
		return // it lists projects, not dependencies
	default:
		row := ecosystemFor(name)
		if row == nil {
			return
		}
		m.Ecosystem, m.Lock = row.Name, has(row.Locks...)
	}
	a.manifests = append(a.manifests, m)
}

func (a *App) node(name string, has func(...string) bool) (ecosystem string, lock bool) {
	for _, manager := range [...]string{"pnpm", "yarn", "bun", "npm"} {
		if has(EcosystemOf(manager).Locks...) {
			return manager, true
		}
	}
	manager, _, _ := strings.Cut(a.packageJSON(name).PackageManager, "@")
	switch manager {
	case "yarn", "pnpm", "bun":
		return manager, false
	}
	return "npm", false
}

func (a *App) pyproject(name string, has func(...string) bool) (ecosystem string, lock bool) {
	tools := [...]string{"uv", "poetry", "pdm"}
	for _, tool := range tools {
		if has(EcosystemOf(tool).Locks...) {
			return tool, true
		}
	}
	text := a.text(name)
	for _, tool := range tools {
		if strings.Contains(text, "\n[tool."+tool) || strings.HasPrefix(text, "[tool."+tool) {
			return tool, false
		}
	}
	return "pip", false
}

type packageJSON struct {
	PackageManager string            `json:"packageManager"`
	Scripts        map[string]string `json:"scripts"`
	Main           string            `json:"main"`
	text           string
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

// Script is the script called name of the package in folder dir. A missing `start` is `node server.js`, as npm has it.
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
