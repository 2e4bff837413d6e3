package buildcontext

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/lazy"
)

// LitterKind says what a piece of litter is, and so what may need it all the same.
type LitterKind int

// The kinds of litter.
const (
	History      LitterKind = iota // of version control: needed where a tool asks for the version
	Dependencies                   // that a package manager installs: needed where nothing in the build does
	Output                         // of a build: needed where the build does not make it again
	Leftovers                      // caches, reports, editor settings: only needed on the machine that wrote them
	Dump                           // a large database dump or archive: needed where an instruction names it
)

// Litter is what a build context holds under one name, in one or many directories, and hardly any image needs.
type Litter struct {
	Name  string // the base name, or `*.EXT` of dumps
	Kind  LitterKind
	Tool  string   // of Dependencies and Output: the ecosystem.Family of what makes it
	Roots []string // its directories or files in the context, in the order of files
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

// Litter is the litter among files, in their order. Only dumps are looked at for their sizes. What is in the directory
// base (`.` for all) is judged, not base itself or the directories above it.
func (c *Context) Litter(files []File, base string) []Litter {
	return slices.Clone(among(c, factKey{of: litterFact{}, about: base}, files, func() []Litter { return c.findLitter(files, base) }))
}

// litterFact is the key of Litter.
type litterFact struct{}

func (c *Context) findLitter(files []File, base string) []Litter {
	type heap struct {
		name, tool string
		kind       LitterKind
	}
	known := map[string]*heap{} // by directory; nil for one that is not litter
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
	clean := "" // a directory that is not in litter, nor litter
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
		if i := strings.LastIndexByte(f.Name, '/'); i >= 0 && f.Name[:i] == clean {
			rel = ""
		} else if i >= 0 {
			clean = f.Name[:i]
		}
		for i := range len(rel) {
			if rel[i] != '/' {
				continue
			}
			dir := prefix + rel[:i]
			h, ok := known[dir]
			if !ok {
				if kind, tool, is := c.judge(dir); is {
					h = &heap{path.Base(dir), tool, kind}
				}
				known[dir] = h
			}
			if h != nil {
				clean = ""
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
	switch path.Ext(name) {
	case ".sql", ".gz", ".dump", ".tar", ".tgz", ".xz", ".bz2", ".zip", ".7z", ".rar", ".iso", ".bak":
	default:
		return ""
	}
	for _, ext := range [...]string{
		".sql", ".sql.gz", ".dump", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".zip",
		".7z", ".rar", ".iso", ".bak",
	} {
		if strings.HasSuffix(name, ext) && len(name) > len(ext) {
			return ext
		}
	}
	return ""
}

// judge judges a directory by its name and by what is in it or beside it, ignored or not: many projects have sources
// in directories that are called as others' output.
func (c *Context) judge(dir string) (kind LitterKind, tool string, ok bool) {
	has := func(name string) bool { return c.find(name) != nil }
	base := path.Base(dir)
	for _, o := range outputs.Get()[base] {
		if (o.Beside == nil || c.holds(path.Dir(dir), o.Beside)) && (o.Inside == nil || c.holds(dir, o.Inside)) {
			if o.Dependencies {
				return Dependencies, o.tool, true
			}
			return Output, o.tool, true
		}
	}
	switch base {
	case ".git":
		return History, "", has(dir + "/HEAD")
	case ".hg", ".svn":
		return History, "", true
	case "coverage":
		return Leftovers, "", has(dir+"/lcov.info") || has(dir+"/lcov-report") || has(dir+"/clover.xml")
	case ".terraform":
		return Leftovers, "", has(dir+"/providers") || has(dir+"/modules") || has(dir+"/terraform.tfstate")
	case "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".tox", ".nox", ".hypothesis", "htmlcov",
		".ipynb_checkpoints", ".eggs",
		".gradle", ".nyc_output", ".sass-cache", ".serverless", ".vagrant", ".phpunit.cache", ".idea", ".vscode", ".vs",
		".fleet", ".zed":
		return Leftovers, "", true
	}
	return 0, "", false
}

// output is what the package managers of one family leave.
type output struct {
	ecosystem.Output
	tool string
}

// outputs are the directories that package managers leave, by name.
var outputs = lazy.Value[map[string][]output]{Make: func() map[string][]output {
	out := map[string][]output{}
	for _, m := range ecosystem.All() {
		for _, o := range m.Outputs {
			if o.Litter {
				out[o.Name] = append(out[o.Name], output{o, string(m.Family)})
			}
		}
	}
	return out
}}

// holds reports whether a file in dir matches one of patterns, of which one without `*` may be a directory too.
func (c *Context) holds(dir string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		if !strings.Contains(pattern, "*") {
			return c.find(path.Join(dir, pattern)) != nil
		}
		n := c.find(dir)
		return n != nil && n.dir() && slices.ContainsFunc(c.list(n), func(x node) bool {
			ok, err := path.Match(pattern, x.Name())
			return ok && err == nil && x.Type()&fs.ModeDir == 0
		})
	})
}
