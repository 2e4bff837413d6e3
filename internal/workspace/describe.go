package workspace

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/bake"
	"github.com/dockvet/dockvet/internal/compose"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// described reports whether what describes builds is read: no option says how Dockerfiles are built.
func (o *Options) described() bool {
	return !o.NoContext && o.Context == "" && o.Target == "" && len(o.Args)+len(o.NamedContexts) == 0
}

// descriptions adds the files below f.top that the compose files in dir make a project of, except for those that git
// ignores.
func (f *finder) descriptions(dir string) {
	p := f.projects.get(f.abs(dir), f.reader, func(r reader) *project { return r.project(f.abs(dir)) })
	if p == nil {
		return
	}
	for _, name := range p.files {
		abs := filepath.Join(p.root, filepath.FromSlash(name))
		if inside, err := filepath.Rel(f.abs(f.top), abs); err != nil || !filepath.IsLocal(inside) ||
			!f.all && f.gitIgnores(p.root, abs) {
			continue
		}
		if rel, err := filepath.Rel(f.abs(dir), abs); err == nil {
			f.describes(filepath.Join(dir, rel), f.abs(dir))
		}
	}
}

// describes adds the file called name, which the project in dir reads.
func (f *finder) describes(name, dir string) {
	shown := f.display(name)
	i := slices.IndexFunc(f.found, func(t Target) bool { return t.Path == shown })
	if i < 0 {
		f.known[shown] = true
		i = len(f.found)
		f.found = append(f.found, Target{Path: shown, Name: name, Describes: true, projects: new([]string)})
	}
	if t := f.found[i]; t.Describes && !slices.Contains(*t.projects, dir) {
		*t.projects = append(*t.projects, dir)
	}
}

// Description is a file that describes builds, with what is known of them.
type Description struct {
	lint.Description
	Dir   string // its own directory, as reports print it: what the findings call files begins there
	Notes []error
	read  reader

	secrets []*compose.Secrets
}

// Mask is a text about d without the values of `.env` files, except those that d has too.
func (d *Description) Mask(text string) string {
	shown := func(value string) bool { return bytes.Contains(d.Source.Bytes, []byte(value)) }
	for _, s := range d.secrets {
		text = s.Mask(text, shown)
	}
	return text
}

// ReadFile reads a file by its name in Dir.
func (d *Description) ReadFile(name string) ([]byte, error) {
	return d.read.readFile(filepath.Join(d.Dir, filepath.FromSlash(name)), buildcontext.MaxRead)
}

// Describe reads t, a Target that describes builds, and the Dockerfiles that it builds.
func (w *Workspace) Describe(t Target) *Description {
	r := reader{w, nil}
	abs := r.abs(t.Name)
	if bake.Named(filepath.Base(abs)) {
		return r.describeBake(t)
	}
	d := &Description{Dir: filepath.Dir(t.Name), read: r}
	for _, dir := range *t.projects {
		p := r.projects.get(dir, r, func(r reader) *project { return r.project(dir) })
		if p == nil || dir == filepath.Dir(abs) && len(*t.projects) > 1 {
			continue // a part of other projects need not work as one
		}
		all, err := compose.Load(r.Sub(p.root, nil), p.main, nil)
		if err != nil {
			d.Notes = append(d.Notes, fmt.Errorf("%w; Dockerfiles are checked without it", r.located(p)))
			continue
		}
		// Names of sources tell them apart in findings.
		own := ""
		for name, src := range all.Sources {
			if full := filepath.Join(p.root, filepath.FromSlash(name)); full == abs {
				own, src.Name = name, t.Path
			} else {
				src.Name = filepath.ToSlash(full)
			}
		}
		if own == "" {
			continue
		}
		b := builder{r, p.root, map[string]*parser.File{}, map[string]*buildcontext.Context{}}
		one, more := all.Describe(own, b.load)
		if more > 0 {
			const format = "%s: the project has %d builds; only %d are checked here"
			d.Notes = append(d.Notes, fmt.Errorf(format, t.Path, len(one.Builds)+more, len(one.Builds)))
		}
		one.Builds = slices.Concat(d.Builds, one.Builds)
		d.secrets = append(d.secrets, all.Secrets)
		d.Description = one
	}
	return d
}

// builder loads the builds of a project.
type builder struct {
	reader
	root     string
	files    map[string]*parser.File // by absolute name; nil for one that is not there
	contexts map[string]*buildcontext.Context
}

func (b *builder) load(u compose.Usage, x *lint.Declaration) lint.Build {
	out := lint.Build{Services: u.Services}
	dir := filepath.Join(b.root, filepath.FromSlash(u.Context))
	if _, err := b.Stat(dir); err != nil {
		x.NoContext = errors.Is(err, fs.ErrNotExist) && b.certain(x.Context, dir) && !b.elsewhere(u, u.Context)
		return out
	}
	name := filepath.Join(b.root, filepath.FromSlash(u.Dockerfile))
	if !b.exists(name) && x.Dockerfile.Text == "" && b.exists(filepath.Join(dir, "dockerfile")) {
		name = filepath.Join(dir, "dockerfile") // as BuildKit does
	}
	f, known := b.files[name]
	if !known {
		src, err := b.readFile(name, parser.MaxFile+1)
		if err == nil {
			f = parser.Parse(b.finder().display(name), src)
		}
		b.files[name] = f
		x.NoDockerfile = errors.Is(err, fs.ErrNotExist)
	} else {
		x.NoDockerfile = f == nil && !b.exists(name)
	}
	if f == nil {
		entries, err := b.ReadDir(dir)
		// An empty directory may be a submodule that is not there yet.
		x.NoDockerfile = x.NoDockerfile && err == nil && len(entries) > 0 && b.certain(x.Context, name) &&
			b.certain(x.Dockerfile, name) && !b.elsewhere(u, u.Dockerfile)
		return out
	}
	out.Plan = plan.New(f, u.Plan)
	if c, known := b.contexts[dir+"\x00"+name]; known {
		out.Context = c
		return out
	}
	build := &Build{Dir: dir, dockerfile: name}
	if b.open(build, nil) == nil { // whoever lints the Dockerfile says why it cannot be opened
		out.Context = build.Context
	}
	b.contexts[dir+"\x00"+name] = out.Context
	return out
}

// elsewhere reports whether what u calls name is there if its paths begin in a directory above, as they do with
// --project-directory, or if the compose file is one of several that are given with -f.
func (b *builder) elsewhere(u compose.Usage, name string) bool {
	dir := path.Dir(u.Declaration.File)
	rel, err := filepath.Rel(filepath.FromSlash(dir), filepath.FromSlash(name))
	for err == nil && dir != "." {
		dir = path.Dir(dir)
		if b.exists(filepath.Join(b.root, filepath.FromSlash(dir), rel)) {
			return true
		}
	}
	return false
}

// certain reports whether what is not at the absolute path name, a part of which x is, will not come: git does not
// ignore it, and no submodule brings it.
func (b *builder) certain(x lint.Declared, name string) bool {
	if strings.HasPrefix(x.Text, "~") || strings.Contains(x.Text, ":") {
		return false // the home directory, a drive or an address
	}
	if _, err := b.Lstat(name); err == nil {
		return false // a link
	}
	return !b.gitIgnores(b.root, name) && !slices.ContainsFunc(b.submodules(b.root), func(dir string) bool {
		rel, err := filepath.Rel(dir, name)
		return err == nil && filepath.IsLocal(rel)
	})
}

// gitIgnores reports whether git ignores the absolute path name, which need not exist, or a directory above it up to root.
func (r reader) gitIgnores(root, name string) bool {
	for at := name; at != root && at != filepath.Dir(at); at = filepath.Dir(at) {
		if r.ignoredAbove(at).match(at, true) {
			return true
		}
	}
	return false
}

// submodules are the absolute directories of those in the repository at root.
func (r reader) submodules(root string) []string {
	data, err := r.readFile(filepath.Join(root, ".gitmodules"), maxIgnore)
	if err != nil {
		return nil
	}
	var out []string
	for _, m := range regexp.MustCompile(`(?m)^\s*path\s*=\s*"?(.*?)"?\s*$`).FindAllStringSubmatch(string(data), -1) {
		out = append(out, filepath.Join(root, filepath.FromSlash(m[1])))
	}
	return out
}
