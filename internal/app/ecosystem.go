package app

import (
	"path"
	"slices"
	"strings"
	"sync"
)

// Ecosystem is what one package manager reads in a folder to install the dependencies that the application lists there. Names may
// be patterns, as path.Match takes them.
type Ecosystem struct {
	Name      string   // as in Manifest.Ecosystem
	Manifests []string // the usual one first
	Locks     []string // any one of them holds the versions; the usual one first
	Beside    []string // settings that the installation reads if they are there; a folder ends in a slash
	Products  []string // the folders that the installation makes
}

// ecosystems is the table, by the names that package shell gives the managers. Sources: each manager's own manual, such as
// https://docs.npmjs.com/cli/configuring-npm/package-lock-json, https://pnpm.io/docker, https://yarnpkg.com/getting-started/qa,
// https://docs.astral.sh/uv/concepts/projects/layout/, https://go.dev/ref/mod, https://doc.rust-lang.org/cargo/reference/manifest.html,
// https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files.
var ecosystems = sync.OnceValue(func() map[string]*Ecosystem {
	dotnet := []string{
		"*.csproj", "*.fsproj", "*.vbproj", "*.sln", "*.slnx",
	}
	rows := map[string]*Ecosystem{
		"pip":    {Name: "pip", Manifests: []string{"requirements.txt"}},
		"uv":     {Name: "uv", Manifests: []string{"pyproject.toml"}, Locks: []string{"uv.lock"}, Beside: []string{"uv.toml", ".python-version"}, Products: []string{".venv"}},
		"poetry": {Name: "poetry", Manifests: []string{"pyproject.toml"}, Locks: []string{"poetry.lock"}, Beside: []string{"poetry.toml"}, Products: []string{".venv"}},
		"pdm":    {Name: "pdm", Manifests: []string{"pyproject.toml"}, Locks: []string{"pdm.lock"}, Beside: []string{"pdm.toml"}, Products: []string{".venv", "__pypackages__"}},
		"pipenv": {Name: "pipenv", Manifests: []string{"Pipfile"}, Locks: []string{"Pipfile.lock"}, Products: []string{".venv"}},
		"conda":  {Name: "conda", Manifests: []string{"environment.yml", "environment.yaml"}, Locks: []string{"conda-lock.yml"}},
		"npm": {
			Name: "npm", Manifests: []string{"package.json"}, Locks: []string{"package-lock.json", "npm-shrinkwrap.json"},
			Beside: []string{".npmrc", "patches/"}, Products: []string{"node_modules"},
		},
		"yarn": {
			Name: "yarn", Manifests: []string{"package.json"}, Locks: []string{"yarn.lock"},
			Beside:   []string{".yarnrc", ".yarnrc.yml", ".npmrc", ".yarn/releases/", ".yarn/plugins/", ".yarn/patches/", "patches/"},
			Products: []string{"node_modules", ".pnp.cjs", ".yarn/cache"},
		},
		"pnpm": {
			Name: "pnpm", Manifests: []string{"package.json"}, Locks: []string{"pnpm-lock.yaml"},
			Beside: []string{"pnpm-workspace.yaml", ".npmrc", ".pnpmfile.cjs", "patches/"}, Products: []string{"node_modules"},
		},
		"bun": {
			Name: "bun", Manifests: []string{"package.json"}, Locks: []string{"bun.lock", "bun.lockb"},
			Beside: []string{"bunfig.toml", ".npmrc", "patches/"}, Products: []string{"node_modules"},
		},
		"go":       {Name: "go", Manifests: []string{"go.mod"}, Locks: []string{"go.sum"}, Beside: []string{"go.work", "go.work.sum"}, Products: []string{"vendor"}},
		"cargo":    {Name: "cargo", Manifests: []string{"Cargo.toml"}, Locks: []string{"Cargo.lock"}, Beside: []string{"rust-toolchain", "rust-toolchain.toml", ".cargo/config.toml"}, Products: []string{"target"}},
		"bundle":   {Name: "bundler", Manifests: []string{"Gemfile"}, Locks: []string{"Gemfile.lock"}, Beside: []string{".ruby-version", ".tool-versions", "*.gemspec"}, Products: []string{"vendor/bundle", ".bundle"}},
		"composer": {Name: "composer", Manifests: []string{"composer.json"}, Locks: []string{"composer.lock"}, Beside: []string{"symfony.lock"}, Products: []string{"vendor"}},
		"mvn":      {Name: "maven", Manifests: []string{"pom.xml"}, Beside: []string{"mvnw", ".mvn/"}, Products: []string{"target"}},
		"gradle": {
			Name: "gradle", Manifests: []string{"build.gradle", "build.gradle.kts"}, Locks: []string{"gradle.lockfile"},
			Beside: []string{"settings.gradle", "settings.gradle.kts", "gradle.properties", "gradlew", "gradle/", "buildSrc/"}, Products: []string{"build"},
		},
		"dotnet": {
			Name: "dotnet", Manifests: dotnet, Locks: []string{"packages.lock.json"},
			Beside: []string{"Directory.Packages.props", "Directory.Build.props", "Directory.Build.targets", "global.json", "nuget.config", "NuGet.config", "NuGet.Config"}, Products: []string{"obj", "bin"},
		},
		"mix":   {Name: "mix", Manifests: []string{"mix.exs"}, Locks: []string{"mix.lock"}, Products: []string{"deps", "_build"}},
		"swift": {Name: "swift", Manifests: []string{"Package.swift"}, Locks: []string{"Package.resolved"}, Products: []string{".build"}},
	}
	for alias, name := range map[string]string{"uv pip": "pip", "go mod": "go", "swift package": "swift"} {
		rows[alias] = rows[name]
	}
	return rows
})

// EcosystemOf is what the manager of that name, as package shell has it, reads; nil for one that installs no application's
// dependencies.
func EcosystemOf(manager string) *Ecosystem { return ecosystems()[manager] }

// RootFile reports whether a file of that name stands where a build context begins: a manifest, a lock, or what lies beside them.
func RootFile(name string) bool {
	switch name {
	case ".dockerignore", "deno.json", "deno.jsonc", "setup.py", "setup.cfg", "pubspec.yaml", "rebar.config", "build.sbt", "stack.yaml",
		"project.clj", "deps.edn", "go.work", "settings.gradle", "settings.gradle.kts", "global.json", "Directory.Packages.props":
		return true
	}
	switch path.Ext(name) {
	case ".gemspec", ".cabal":
		return true
	}
	return ecosystemFor(name) != nil
}

// ecosystemFor is the only ecosystem with a manifest of that name; of those that share one, the first by name.
func ecosystemFor(name string) *Ecosystem {
	all := manifests()
	if e := all[name]; e != nil {
		return e
	}
	return all["*"+path.Ext(name)]
}

// manifests is who reads a manifest, by its name or `*` with its extension, which is all the patterns that there are.
var manifests = sync.OnceValue(func() map[string]*Ecosystem {
	out := map[string]*Ecosystem{}
	for _, e := range ecosystems() {
		for _, name := range e.Manifests {
			if first := out[name]; first == nil || e.Name < first.Name {
				out[name] = e
			}
		}
	}
	return out
})

// Inputs are the files of the build context that installing the dependencies of one folder reads, each where it exists.
type Inputs struct {
	*Ecosystem
	Dir       string   // in the build context
	Manifests []string // those of the folder itself
	Locks     []string
	Beside    []string // folders end in a slash
	Members   []string // the manifests of the parts that the folder's own manifest names: workspaces, modules, projects
	// Package says that the application is a package itself, which uv, Poetry and PDM install with its dependencies.
	Package bool
	// Sources says why the installation needs more than these files, "" if nothing tells so.
	Sources string
}

// Files are all of them, in the order in which a person would write them.
func (in *Inputs) Files() []string {
	return slices.Concat(in.Manifests, in.Locks, in.Beside, in.Members)
}

// Inputs looks at what the manager reads in folder dir, with named instead of the usual manifests if there are any; nil for an
// unknown manager.
func (a *App) Inputs(manager, dir string, named []string) *Inputs {
	row := EcosystemOf(manager)
	if row == nil {
		return nil
	}
	in := &Inputs{Ecosystem: row, Dir: dir}
	find := func(patterns []string) (out []string) {
		for _, pattern := range patterns {
			folder := strings.HasSuffix(pattern, "/")
			for _, name := range a.ctx.Glob(path.Join(escape(dir), pattern)) {
				if folder {
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
		in.Manifests = find(row.Manifests)
	}
	in.Locks, in.Beside = find(row.Locks), find(row.Beside)
	a.members(in)
	return in
}

// escape makes a folder's name a pattern that only it matches.
func escape(dir string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(dir)
}
