package buildcontext

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// LitterKind says what a piece of litter is, and so what may need it all the same.
type LitterKind int

// The kinds of litter.
const (
	History      LitterKind = iota // of version control: needed where a tool asks for the version
	Dependencies                   // that a package manager installs: needed where nothing in the build does
	Output                         // of a build: needed where the build does not make it again
	Leftovers                      // caches, reports, settings of editors: needed by nothing but the machine that wrote them
	Dump                           // a large database dump or archive: needed where an instruction names it
)

// Litter is what lies in a build context under one name, in one or many folders, and hardly any image needs.
type Litter struct {
	Name  string // the base name, or `*.EXT` of dumps
	Kind  LitterKind
	Tool  string   // of Output: what makes it: cargo, maven, gradle, dotnet, npm
	Roots []string // its folders or files in the context, in the order of files
	Files []File
}

// Pattern is the line of an ignore file that keeps it out.
func (l Litter) Pattern() string {
	if len(l.Roots) == 1 && l.Kind != Dump {
		return l.Roots[0]
	}
	return "**/" + l.Name
}

// minDump is how large a dump or archive is before it counts: smaller ones are often fixtures.
const minDump = 5_000_000

// Litter is the litter among files, in their order. Only dumps are looked at for their sizes. What lies in the folder base (`.` for all) is judged, not base
// itself or the folders above it.
func (c *Context) Litter(files []File, base string) []Litter {
	type heap struct {
		name, tool string
		kind       LitterKind
	}
	known := map[string]*heap{} // by folder; nil for one that is no litter
	all := map[heap]*Litter{}
	var order []heap
	add := func(h heap, root string, f File) {
		l := all[h]
		if l == nil {
			l = &Litter{Name: h.name, Kind: h.kind, Tool: h.tool}
			all[h] = l
			order = append(order, h)
		}
		if n := len(l.Roots); n == 0 || l.Roots[n-1] != root {
			l.Roots = append(l.Roots, root)
		}
		l.Files = append(l.Files, f)
	}
files:
	for _, f := range files {
		rel, prefix := f.Name, ""
		if base != "." {
			var ok bool
			if rel, ok = strings.CutPrefix(f.Name, base+"/"); !ok {
				continue
			}
			prefix = base + "/"
		}
		for i := range len(rel) {
			if rel[i] != '/' {
				continue
			}
			dir := prefix + rel[:i]
			h, ok := known[dir]
			if !ok {
				if kind, tool, is := c.litter(dir); is {
					h = &heap{path.Base(dir), tool, kind}
				}
				known[dir] = h
			}
			if h != nil {
				add(*h, dir, f)
				continue files
			}
		}
		name := path.Base(f.Name)
		if name == ".DS_Store" || name == "Thumbs.db" {
			add(heap{name, "", Leftovers}, f.Name, f)
		} else if ext := dump(name); ext != "" && f.Type().IsRegular() && f.Size() >= minDump {
			add(heap{"*" + ext, "", Dump}, f.Name, f)
		}
	}
	out := make([]Litter, 0, len(order))
	for _, h := range order {
		out = append(out, *all[h])
	}
	return out
}

// dump is the extension of a database dump or an archive, "" for another file.
func dump(name string) string {
	for _, ext := range [...]string{".sql", ".sql.gz", ".dump", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".zip", ".7z", ".rar", ".iso", ".bak"} {
		if strings.HasSuffix(name, ext) && len(name) > len(ext) {
			return ext
		}
	}
	return ""
}

// litter judges a folder by its name and by what lies in it or beside it, ignored or not: many projects have sources in folders that
// are called as others' products.
func (c *Context) litter(dir string) (kind LitterKind, tool string, ok bool) {
	has := func(name string) bool { return c.find(name) != nil }
	parent := path.Dir(dir)
	beside := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return has(path.Join(parent, name)) })
	}
	switch path.Base(dir) {
	case ".git":
		return History, "", has(dir + "/HEAD")
	case ".hg", ".svn":
		return History, "", true
	case "node_modules", "bower_components":
		return Dependencies, "", beside("package.json", "bower.json")
	case ".venv", "venv", "env", ".env", "virtualenv":
		return Dependencies, "", has(dir + "/pyvenv.cfg")
	case "target":
		switch {
		case beside("Cargo.toml"):
			return Output, "cargo", true
		case beside("pom.xml"):
			return Output, "maven", true
		}
	case "build":
		return Output, "gradle", beside("build.gradle", "build.gradle.kts")
	case "bin", "obj":
		return Output, "dotnet", c.dotnet(parent)
	case ".next", ".nuxt", ".output", ".svelte-kit", ".angular", ".docusaurus", ".turbo", ".parcel-cache":
		return Output, "npm", beside("package.json")
	case "dist":
		return Output, "npm", beside("vite.config.js", "vite.config.ts", "vite.config.mjs", "vite.config.mts", "angular.json", "vue.config.js", "nest-cli.json")
	case "coverage":
		return Leftovers, "", has(dir+"/lcov.info") || has(dir+"/lcov-report") || has(dir+"/clover.xml")
	case ".terraform":
		return Leftovers, "", has(dir+"/providers") || has(dir+"/modules") || has(dir+"/terraform.tfstate")
	case "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".tox", ".nox", ".hypothesis", "htmlcov", ".ipynb_checkpoints", ".eggs",
		".gradle", ".nyc_output", ".sass-cache", ".serverless", ".vagrant", ".phpunit.cache", ".idea", ".vscode", ".vs", ".fleet", ".zed":
		return Leftovers, "", true
	}
	return 0, "", false
}

// dotnet reports whether a .NET project lies in dir.
func (c *Context) dotnet(dir string) bool {
	n := c.find(dir)
	if n == nil || !n.dir() {
		return false
	}
	return slices.ContainsFunc(c.list(n), func(x *node) bool {
		switch path.Ext(x.entry.Name()) {
		case ".csproj", ".fsproj", ".vbproj":
			return x.entry.Type()&fs.ModeDir == 0
		}
		return false
	})
}
