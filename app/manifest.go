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
	// dotnet or mix.
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
	switch name {
	case "package.json":
		m.Ecosystem, m.Lock = a.node(full, has)
	case "pyproject.toml":
		m.Ecosystem, m.Lock = a.pyproject(full, has)
	case "setup.py", "setup.cfg":
		m.Ecosystem = "pip"
	case "Pipfile":
		m.Ecosystem, m.Lock = "pipenv", has("Pipfile.lock")
	case "go.mod":
		m.Ecosystem, m.Lock = "go", has("go.sum")
	case "Cargo.toml":
		m.Ecosystem, m.Lock = "cargo", has("Cargo.lock")
	case "Gemfile":
		m.Ecosystem, m.Lock = "bundler", has("Gemfile.lock")
	case "composer.json":
		m.Ecosystem, m.Lock = "composer", has("composer.lock")
	case "pom.xml":
		m.Ecosystem = "maven"
	case "build.gradle", "build.gradle.kts":
		m.Ecosystem, m.Lock = "gradle", has("gradle.lockfile")
	case "mix.exs":
		m.Ecosystem, m.Lock = "mix", has("mix.lock")
	default:
		switch ext := path.Ext(name); {
		case ext == ".csproj" || ext == ".fsproj" || ext == ".vbproj":
			m.Ecosystem, m.Lock = "dotnet", has("packages.lock.json")
		case ext == ".txt" && (strings.HasPrefix(name, "requirements") || path.Base(dir) == "requirements"):
			m.Ecosystem = "pip"
		default:
			return
		}
	}
	a.manifests = append(a.manifests, m)
}

func (a *App) node(name string, has func(...string) bool) (ecosystem string, lock bool) {
	switch {
	case has("pnpm-lock.yaml"):
		return "pnpm", true
	case has("yarn.lock"):
		return "yarn", true
	case has("bun.lock", "bun.lockb"):
		return "bun", true
	case has("package-lock.json", "npm-shrinkwrap.json"):
		return "npm", true
	}
	manager, _, _ := strings.Cut(a.packageJSON(name).PackageManager, "@")
	switch manager {
	case "yarn", "pnpm", "bun":
		return manager, false
	}
	return "npm", false
}

func (a *App) pyproject(name string, has func(...string) bool) (ecosystem string, lock bool) {
	switch {
	case has("uv.lock"):
		return "uv", true
	case has("poetry.lock"):
		return "poetry", true
	case has("pdm.lock"):
		return "pdm", true
	}
	src, err := a.ctx.Read(name)
	if err != nil {
		return "pip", false
	}
	for _, tool := range []string{"uv", "poetry", "pdm"} {
		if strings.Contains(string(src), "\n[tool."+tool) || strings.HasPrefix(string(src), "[tool."+tool) {
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
