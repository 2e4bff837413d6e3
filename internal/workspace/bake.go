package workspace

import (
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/bake"
	"github.com/dockvet/dockvet/internal/compose"
	"github.com/dockvet/dockvet/internal/described"
	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// baked adds the bake files in dir that git does not ignore. What is vendored has lost the files that its language does
// not need.
func (f *finder) baked(dir string) {
	abs := f.abs(dir)
	if slices.Contains(strings.Split(filepath.ToSlash(abs), "/"), "vendor") {
		return
	}
	for _, base := range bake.Find(func(base string) bool {
		info, err := f.Stat(filepath.Join(dir, base))
		return err == nil && info.Mode().IsRegular()
	}) {
		if f.all || !f.gitIgnores(f.root(abs), filepath.Join(abs, base)) {
			f.describes(filepath.Join(dir, base), abs)
		}
	}
}

// describeBake reads t, a bake file, and the Dockerfiles that it builds.
func (r reader) describeBake(t Target) *Description {
	abs := r.abs(t.Name)
	d := &Description{Dir: filepath.Dir(t.Name), read: r}
	root := r.root(filepath.Dir(abs))
	rel, err := filepath.Rel(root, filepath.Dir(abs))
	if err != nil || !filepath.IsLocal(rel) {
		return d
	}
	dir := filepath.ToSlash(rel)
	g := newGatherer(r, root)
	var files []string
	for _, base := range bake.Find(func(base string) bool { return g.isFile(path.Join(dir, base)) }) {
		files = append(files, path.Join(dir, base))
	}
	own := path.Join(dir, filepath.Base(abs))
	c := g.bakeFiles(files, bake.Options{})
	if c == nil || c.Sources[own] == nil {
		return d
	}
	d.secrets = c.secrets
	for name, src := range c.Sources {
		// Names of sources tell them apart in findings.
		if src.Name = filepath.ToSlash(filepath.Join(root, filepath.FromSlash(name))); name == own {
			src.Name = t.Path
		}
	}
	d.Source = c.Sources[own]
	d.Comments = bake.Comments(d.Source)
	built := c.Built()
	places := map[lint.Place]int{} // how many targets have the argument that is written there
	for _, x := range built {
		for _, v := range x.Args {
			places[v.Place]++
		}
	}
	b := builder{r, root, map[string]*parser.File{}, map[string]*buildcontext.Context{}}
	for _, x := range built {
		u, ok := bakeUsage(x, dir)
		if !ok {
			continue
		}
		for name, v := range x.Args {
			if v.Place.Source != nil {
				u.Declaration.Args = append(u.Declaration.Args, lint.Argument{Name: name, Shared: places[v.Place] > 1, Place: v.Place})
			}
		}
		order.By(u.Declaration.Args, func(a, b lint.Argument) int { return a.Span.Start - b.Span.Start })
		declaration := u.Declaration
		out := b.load(u, &declaration)
		// What a variable hides may be another path tomorrow.
		hidden := func(v bake.Value) bool { return v.Place.Source != nil && !v.Literal }
		declaration.NoContext = declaration.NoContext && x.Context.Literal
		declaration.NoDockerfile = declaration.NoDockerfile && !hidden(x.Context) && !hidden(x.Dockerfile)
		out.Declaration = &declaration
		d.Builds = append(d.Builds, out)
	}
	return d
}

// bakeUsage is t, run in dir, as compose files have builds. ok is false if where it is is not known.
func bakeUsage(t *bake.Target, dir string) (u compose.Usage, ok bool) {
	b, ok := t.Build([]string{dir})
	if !ok {
		return u, false
	}
	declared := func(v bake.Value) lint.Declared {
		if !v.Literal {
			return lint.Declared{}
		}
		return lint.Declared{Text: v.Text, Place: v.Place}
	}
	u.Declaration = lint.Declaration{
		Name: t.Name, Place: t.Place, Context: declared(t.Context), Dockerfile: declared(t.Dockerfile), Target: declared(t.Stage),
	}
	var inside bool
	if u.Context, ok = described.Resolve(b.Context, dir); !ok {
		return u, false
	}
	if u.Dockerfile, inside = described.Resolve(b.Dockerfile, dir); !inside || b.Elsewhere != "" {
		return u, false
	}
	u.Declaration.Dir = relativeTo(dir, u.Context, false)
	u.Contexts = b.Contexts
	u.Plan = plan.Options{Args: map[string]string{}, NamedContexts: slices.Sorted(maps.Keys(b.Contexts))}
	if b.Target.Known {
		u.Plan.Target = b.Target.Text
	}
	for name, v := range b.Args {
		if v.Known {
			u.Plan.Args[name] = v.Text
		}
	}
	return u, true
}
