package workspace

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/bake"
	"github.com/dockvet/dockvet/internal/compose"
	"github.com/dockvet/dockvet/internal/described"
	"github.com/dockvet/dockvet/plan"
)

// maxFrom bounds the different commands that build what other files describe.
const maxFrom = 200

// from reads what the command b builds from. It must run in the only one of its directories that has all files.
func (g *gatherer) from(b *described.Build) {
	var dir string
	var files []string
	found := 0
	for _, base := range b.Bases {
		at, ok := described.Resolve(b.Context, base)
		if !ok {
			continue
		}
		if list := g.fromFiles(b.From, at); list != nil && (found == 0 || at != dir) {
			dir, files = at, list
			found++
		}
	}
	if found != 1 {
		return
	}
	parts := append([]string{string(b.From.Kind), dir}, files...)
	for _, v := range slices.Concat(b.From.Targets, b.From.Set, b.From.Vars) {
		parts = append(parts, v.Text)
	}
	key := strings.Join(parts, "\x00")
	if g.asked[key] || len(g.asked) == maxFrom {
		return
	}
	g.asked[key] = true
	if b.From.Kind == described.Compose {
		for _, name := range files[1:] {
			g.parts[name] = true
		}
		g.composed(files)
		return
	}
	for _, name := range files[min(1, len(files)):] {
		g.parts[name] = !bake.Named(path.Base(name))
	}
	c := g.bakeFiles(files, bake.Options{Set: b.From.Set, Vars: b.From.Vars})
	if c == nil {
		return
	}
	targets := c.Built()
	if !slices.ContainsFunc(b.From.Targets, func(v plan.Value) bool { return !v.Known }) {
		var names []string
		for _, v := range b.From.Targets {
			names = append(names, v.Text)
		}
		targets = c.Named(names...)
	}
	g.targets(c, targets, []string{dir})
}

// fromFiles are the files of f for a command that runs in dir, as paths from the root; nil if one of them is not there. What
// only a run makes, such as a bake file with the tags of a release, is left out.
func (g *gatherer) fromFiles(f *described.From, dir string) []string {
	var out []string
	for _, v := range f.Files {
		v.Text = strings.TrimPrefix(v.Text, "cwd://")
		if !v.Known {
			if f.Kind == described.Bake {
				continue
			}
			return nil
		}
		name, ok := described.Resolve(v, dir)
		if !ok || !g.isFile(name) {
			return nil
		}
		out = append(out, name)
	}
	if len(f.Files) == 0 && f.Kind == described.Bake {
		for _, base := range bake.Find(func(base string) bool { return g.isFile(path.Join(dir, base)) }) {
			out = append(out, path.Join(dir, base))
		}
	}
	return out
}

// composed adds what compose files, each of which overrides those before it, describe together.
func (g *gatherer) composed(files []string) {
	all, err := compose.Load(g.Sub(g.root, nil), files, nil)
	if err != nil {
		return
	}
	for _, u := range all.Usages() {
		g.add(placed{Build: usageBuild(u), services: u.Services, secrets: []*compose.Secrets{all.Secrets}})
	}
}

// usageBuild is u as a build.
func usageBuild(u compose.Usage) *described.Build {
	b := &described.Build{Bases: []string{"."}, Contexts: u.Contexts, Args: map[string]plan.Value{}}
	b.Target = described.Known(u.Plan.Target)
	for key, v := range u.Plan.Args {
		b.Args[key] = described.Known(v)
	}
	b.Source = described.Source{Kind: described.Compose, File: u.Declaration.File, Line: u.Declaration.Line}
	b.Context, b.Dockerfile = described.Known(u.Context), described.Known(u.Dockerfile)
	return b
}

// bake adds what the bake file called name describes. One with a default name is read with the others beside it. Any other
// one may stand for itself or extend those, in which case it does not make sense without them.
func (g *gatherer) bake(name string) {
	dir, base := path.Split(name)
	main := bake.Find(func(base string) bool { return g.isFile(dir + base) })
	for i := range main {
		main[i] = dir + main[i]
	}
	files := []string{name}
	if bake.Named(base) {
		if main[0] != name {
			return // it is read with the first one
		}
		files = main
	}
	c := g.bakeFiles(files, bake.Options{})
	if c != nil && len(c.Errs) > 0 && !bake.Named(base) && len(main) > 0 {
		if both := g.bakeFiles(append(main, name), bake.Options{}); both != nil && len(both.Errs) == 0 {
			c = both
		}
	}
	if c == nil || g.gitIgnores(g.root, filepath.Join(g.root, filepath.FromSlash(name))) {
		return
	}
	g.targets(c, c.Built(), bases(name))
}

// bases are where somebody may start bake with the file called name.
func bases(name string) []string {
	out := []string{"."}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		out = append(out, dir)
	}
	return out
}

// bakeFiles reads bake files with what is given to bake, and compose files among them; nil if one cannot be read.
func (g *gatherer) bakeFiles(files []string, o bake.Options) *baking {
	var list []bake.File
	var composed []string
	for _, name := range files {
		if ext := path.Ext(name); ext == ".yml" || ext == ".yaml" {
			composed = append(composed, name)
			continue
		}
		data, err := g.readFile(filepath.Join(g.root, filepath.FromSlash(name)), described.MaxFile+1)
		if err != nil || len(data) > described.MaxFile {
			return nil
		}
		list = append(list, bake.File{Name: name, Data: data})
	}
	if len(list) == 0 {
		return nil
	}
	if dir, base := path.Split(files[0]); bake.Named(base) {
		for _, base := range compose.Find(func(base string) bool { return g.isFile(dir + base) }) {
			composed = append(composed, dir+base)
			break // bake does not read overrides
		}
	}
	var out baking
	if len(composed) > 0 {
		if all, err := compose.Load(g.Sub(g.root, nil), composed, nil); err == nil {
			o.Given = given(all, path.Dir(composed[0]))
			out.secrets = []*compose.Secrets{all.Secrets}
		}
	}
	out.Config = bake.Read(list, o)
	return &out
}

// baking is what bake files say, with the secrets of the compose files that are read with them.
type baking struct {
	*bake.Config
	secrets []*compose.Secrets
}

// given are the services of compose files as bake sees them when it runs in dir.
func given(all *compose.Project, dir string) []*bake.Target {
	var out []*bake.Target
	for i := range all.Services {
		s := &all.Services[i]
		b := s.Build
		if b == nil {
			continue
		}
		value := func(v plan.Value) bake.Value { return bake.Value{Text: v.Text, Set: true, Unknown: !v.Known} }
		t := &bake.Target{Name: strings.ReplaceAll(s.Name, ".", "_"), Args: map[string]bake.Value{}, Contexts: map[string]bake.Value{}}
		text := func(s string) bake.Value { return bake.Value{Text: s, Set: s != ""} }
		t.Context, t.Inline = text(relativeTo(dir, b.Context, b.Remote)), text(b.Inline)
		t.Dockerfile = text(relativeTo(b.Context, b.Dockerfile, b.Dockerfile == ""))
		if t.Stage = value(b.Target); b.Target.Known && b.Target.Text == "" {
			t.Stage = bake.Value{}
		}
		for name, v := range b.Args {
			t.Args[name] = value(v)
		}
		for name, v := range b.Contexts {
			t.Contexts[name] = bake.Value{Text: v, Set: true}
		}
		out = append(out, t)
	}
	return out
}

// relativeTo is the path from dir to name, or name itself.
func relativeTo(dir, name string, itself bool) string {
	rel, err := filepath.Rel(filepath.FromSlash(dir), filepath.FromSlash(name))
	if err != nil || itself {
		return name
	}
	return filepath.ToSlash(rel)
}

// targets adds the builds of list.
func (g *gatherer) targets(c *baking, list []*bake.Target, bases []string) {
	for _, t := range list {
		if b, ok := t.Build(bases); ok {
			g.add(placed{Build: &b, secrets: c.secrets})
		}
	}
}
