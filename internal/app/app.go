// Package app reads what an application's own files say about it: the manifests of its dependencies, the versions of
// the language it needs, and the ports its sources listen on. What a package manager reads is in internal/ecosystem.
package app

import (
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/dockvet/dockvet/buildcontext"
)

// App is the application in a build context. Its facts are read on first use, from files that the build sees. Several
// goroutines may ask at once.
type App struct {
	ctx *buildcontext.Context

	walked    sync.Once // for what follows
	cut       bool      // the walk left something out
	sources   []string
	others    []string // code that does not listen, but may write
	settings  []string // schemas and settings that may name a database file
	unread    bool     // there is code that is not read at all
	manifests []Manifest
	dotenv    []string // files of environment variables

	listened sync.Once // for what follows
	listens  []Listen
	partly   bool // a source was not read to its end
	programs []string
	mains    []string // the directories of Rust programs
	aspnet   aspnet
	health   Endpoint

	writes func() ([]Write, bool)
	probed func() string

	mu     sync.Mutex
	loaded map[string][]string
}

// New reads the application in ctx.
func New(ctx *buildcontext.Context) *App {
	a := &App{ctx: ctx}
	a.writes = sync.OnceValues(a.findWrites)
	a.probed = sync.OnceValue(a.findProbed)
	return a
}

// Listen is a port that a source file clearly listens on.
type Listen struct {
	Port      int
	File      string // in the build context
	Line      int    // from 1
	Framework string // Flask, Express, …
	Host      string // "" if the source names none, and the framework then listens on all addresses
	Debug     bool   // the same call switches a debug mode on
	Env       string // the environment variable that replaces Port if it is set, or ""
	HostEnv   string // the environment variable that replaces Host if it is set, or ""
	Guarded   bool   // only where File itself is run, as under `if __name__ == "__main__"`
	Library   bool   // in a Go file outside package main
}

// Loopback reports whether the port can only be reached from inside the container.
func (l Listen) Loopback() bool {
	return l.Host == "localhost" || l.Host == "::1" || l.Host == "[::1]" || strings.HasPrefix(l.Host, "127.")
}

// How much of a build context is read. Questions about all sources of an application with more have no answer.
const (
	maxSources = 200
	maxFolders = 400
	maxDepth   = 6
	maxDotenv  = 20
)

// Complete reports whether all sources were read.
func (a *App) Complete() bool {
	a.Listens()
	return !a.cut && !a.partly
}

// walk finds sources and manifests, directory by directory, from the root down.
func (a *App) walk() { a.walked.Do(a.find) }

func (a *App) find() {
	todo := []string{"."}
	for n := 0; n < len(todo); n++ {
		if n == maxFolders {
			a.cut = true
			return
		}
		dir := todo[n]
		names := a.ctx.Dir(dir)
		prefix := ""
		if dir != "." {
			prefix = dir + "/"
		}
		for _, name := range names {
			full := prefix + strings.TrimSuffix(name, "/")
			switch folder, ok := strings.CutSuffix(name, "/"); {
			case ok && skipped(folder):
			case ok && strings.Count(full, "/") >= maxDepth:
				a.cut = true
			case ok:
				todo = append(todo, full)
			case strings.HasPrefix(name, ".env") && len(a.dotenv) < maxDotenv:
				a.dotenv = append(a.dotenv, full)
			case source(full):
				if len(a.sources) == maxSources {
					a.cut = true
					break
				}
				a.sources = append(a.sources, full)
			case other(full):
				if len(a.others) == maxSources {
					a.unread = true
					break
				}
				a.others = append(a.others, full)
			default:
				a.unread = a.unread || foreign(name)
				if name == "schema.prisma" {
					a.settings = append(a.settings, full)
				}
				a.manifest(dir, name, names)
			}
		}
	}
}

// skipped reports whether a directory of that name has no sources of the application, but dependencies, build output,
// tests or browser code.
func skipped(name string) bool {
	switch name {
	case "node_modules", "bower_components", "vendor", "third_party", "venv", "env", "site-packages", "__pycache__",
		"dist", "build",
		"target", "obj", "out", "coverage", "test", "tests", "__tests__", "spec", "e2e", "testdata", "fixtures", "mocks",
		"__mocks__",
		"example", "examples", "sample", "samples", "demo", "demos", "docs", "doc", "public", "static", "assets":
		return true
	}
	return strings.HasPrefix(name, ".")
}

// source reports whether a file may hold the code, or the settings, of a server.
func source(name string) bool {
	base := path.Base(name)
	stem := strings.TrimSuffix(base, path.Ext(base))
	switch path.Ext(base) {
	case ".py":
		return !strings.HasPrefix(base, "test_") && !strings.HasSuffix(stem, "_test") && stem != "conftest" && stem != "setup"
	case ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts":
		for _, part := range []string{".test", ".spec", ".d", ".config", ".min", ".stories"} {
			if strings.HasSuffix(stem, part) {
				return false
			}
		}
		return true
	case ".go":
		return !strings.HasSuffix(stem, "_test")
	case ".rs":
		return base != "build.rs"
	case ".cs":
		return base == "Program.cs" || base == "Startup.cs"
	case ".json":
		return base == "appsettings.json" || base == "appsettings.Production.json"
	case ".rb":
		return !strings.HasSuffix(stem, "_spec") && !strings.HasSuffix(stem, "_test")
	case ".properties", ".yml", ".yaml":
		return stem == "application" && strings.Contains(name, "src/main/resources/")
	}
	return base == "www" && strings.HasSuffix(name, "bin/www")
}

// Listens are the ports that sources clearly listen on, by file: literals, constants of the same file, and environment
// variables with a default. Any other port is left out.
func (a *App) Listens() []Listen {
	a.listened.Do(a.listen)
	return a.listens
}

func (a *App) listen() {
	a.walk()
	flask := false
	for _, name := range a.sources {
		src, err := a.ctx.Read(name)
		if err != nil || len(src) == buildcontext.MaxRead {
			a.partly = true // the port may be in the part that was not read
			continue
		}
		s := &file{name: name, raw: string(src)}
		s.read()
		flask = flask || s.flask
		if dir := path.Dir(name); path.Ext(name) == ".go" && s.main() && !slices.Contains(a.programs, dir) {
			a.programs = append(a.programs, dir)
		}
		a.aspnet.read(s)
		if a.health.Path == "" {
			a.health = s.endpoint()
		}
		if path.Ext(name) == ".rs" && patterns.Get().rsMain.MatchString(s.raw) {
			a.mains = append(a.mains, path.Dir(name))
		}
		a.listens = append(a.listens, s.listens...)
	}
	// An application imported from another file is only Flask's if some file creates one.
	a.listens = slices.DeleteFunc(a.listens, func(l Listen) bool { return l.Framework == maybeFlask && !flask })
	if settings, err := a.ctx.Read("Rocket.toml"); err == nil && (strings.Contains(string(settings), "address") || strings.Contains(string(settings), "port")) {
		a.listens = slices.DeleteFunc(a.listens, func(l Listen) bool { return l.Framework == rocket })
	}
	for i := range a.listens {
		if a.listens[i].Framework == maybeFlask {
			a.listens[i].Framework = "Flask"
		}
	}
}

// Programs are the directories with a Go package main.
func (a *App) Programs() []string {
	a.Listens()
	return a.programs
}

// maybeFlask marks `app.run()` of an application imported from another file.
const maybeFlask = "Flask?"

// ListensOf are the ports that the file called name listens on when it is run: its own, or else those of the
// application's files that it loads.
func (a *App) ListensOf(name string) []Listen {
	seen := map[string]bool{}
	todo := []string{path.Clean(name)}
	for len(todo) > 0 && len(seen) < maxSources {
		at := todo[0]
		todo = todo[1:]
		if seen[at] {
			continue
		}
		seen[at] = true
		var out []Listen
		for _, l := range a.Listens() {
			if l.File == at && (at == path.Clean(name) || !l.Guarded) {
				out = append(out, l)
			}
		}
		if out != nil {
			return out
		}
		todo = append(todo, a.loads(at)...)
	}
	return nil
}

// loads are the files of the application that a source loads by name.
func (a *App) loads(name string) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	out, ok := a.loaded[name]
	if !ok {
		out = a.load(name)
		if a.loaded == nil {
			a.loaded = map[string][]string{}
		}
		a.loaded[name] = out
	}
	return out
}

func (a *App) load(name string) []string {
	src, err := a.ctx.Read(name)
	if err != nil {
		return nil
	}
	s := &file{name: name, raw: string(src)}
	s.mask()
	dir := path.Dir(name)
	var out []string
	add := func(names ...string) {
		for _, n := range names {
			if a.ctx.Has(n) && slices.Contains(a.sources, n) {
				out = append(out, n)
				return
			}
		}
	}
	switch path.Ext(name) {
	case ".py":
		for _, m := range patterns.Get().pyImport.FindAllStringSubmatch(s.code, maxSources) {
			module := strings.ReplaceAll(strings.TrimLeft(m[1]+m[2], "."), ".", "/")
			add(path.Join(dir, module+".py"), path.Join(dir, module, "__init__.py"), module+".py", module+"/__init__.py")
		}
	case ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", "":
		for _, m := range patterns.Get().jsImport.FindAllStringSubmatch(s.text, maxSources) {
			at := path.Join(dir, m[1])
			add(at, at+".js", at+".ts", at+".mjs", at+"/index.js", at+"/index.ts", strings.TrimSuffix(at, ".js")+".ts")
		}
	}
	return out
}
