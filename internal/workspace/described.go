package workspace

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/bake"
	"github.com/dockvet/dockvet/internal/ci"
	"github.com/dockvet/dockvet/internal/compose"
	"github.com/dockvet/dockvet/internal/config"
	"github.com/dockvet/dockvet/internal/deploy"
	"github.com/dockvet/dockvet/internal/described"
	"github.com/dockvet/dockvet/internal/invocation"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// upper is how many levels of directories below the root of a repository are searched for descriptions of builds, and
// maxDirs how many directories. What is farther down only describes what is in or below its own directory, or beside it.
const (
	upper   = 2
	maxDirs = 2000
	// maxListed bounds the entries of a directory that are remembered between the search and the reading.
	maxListed = 500
)

// descriptions are the builds that files of a repository describe, by the path of the Dockerfile from the root.
type descriptions map[string][]placed

// placed is a build whose places are known: a directory, "" if it is not known, as a path from the root.
type placed struct {
	*described.Build
	context  string
	services []lint.Service
	secrets  []*compose.Secrets
}

// family is a package that reads descriptions of builds.
type family int

const (
	nothing family = iota
	byInvocation
	byCI
	byDeploy
)

// familyOf is what reads the file called name, a path in a repository.
func familyOf(name string) family {
	switch {
	case invocation.Of(path.Base(name)) != "":
		return byInvocation
	case ci.Of(name) != "":
		return byCI
	case deploy.Of(name) != "":
		return byDeploy
	}
	return nothing
}

// isDescription reports whether a file in the directory dir of a repository may describe builds.
func isDescription(dir, base string) bool {
	return familyOf(path.Join(dir, base)) != nothing || compose.Like(base) || bake.Like(base)
}

// maybeDescription reports whether what is called base may describe builds, or may be a directory.
func maybeDescription(base string) bool {
	return !strings.Contains(base, ".") && judgeName(strings.ToLower(base)) == no || isDescription(".", base)
}

// described returns the builds of the Dockerfile called name that files of its repository describe, those of compose
// files first; none if an option says how it is built. notes are what is wrong with compose files.
func (r reader) described(name string, f *parser.File) (builds []*Build, notes []error) {
	if name == "" || !r.options.described() {
		return nil, nil
	}
	builds, notes = r.composed(name, f)
	if list := r.builds(name); len(list) > 0 {
		return r.configuredBuilds(list, builds, name, f)
	}
	abs := r.abs(name)
	root := r.root(filepath.Dir(abs))
	rel, err := filepath.Rel(root, abs)
	if err != nil || !filepath.IsLocal(rel) || len(f.Instructions) == 0 {
		return builds, notes
	}
	rel = filepath.ToSlash(rel)
	declared := arguments(f)
	for _, all := range r.sources(root, filepath.Dir(abs)) {
		for _, p := range all[rel] {
			b, ok := r.place(p, root, filepath.IsAbs(name), f, declared)
			if !ok || onlyCache(p, b.Plan.Target, all[rel], f) {
				continue
			}
			if p.Source.Kind != described.Compose && p.Source.Kind != described.Bake && !all.shares(p.Source, rel) {
				b.Undeclared = r.undeclared(p, b, root, filepath.IsAbs(name), declared)
			}
			if i := slices.IndexFunc(builds, func(o *Build) bool { return sameBuild(o, b) }); i < 0 {
				builds = append(builds, b)
			} else if o := builds[i]; o.Source != b.Source {
				o.Services = append(slices.Clip(o.Services), b.Services...)
				o.Also = append(o.Also, b.Source.File)
				o.Arguments = append(o.Arguments, b.Arguments...)
				o.Undeclared = append(o.Undeclared, b.Undeclared...)
			}
		}
	}
	builds = r.settle(builds, name, f)
	if len(builds) > maxBuilds {
		notes = append(notes, fmt.Errorf("%s: files describe %d builds of it; only %d are checked", f.Name, len(builds), maxBuilds))
		builds = builds[:maxBuilds]
	}
	if len(builds) > 0 {
		builds = append(builds, rest(f, builds)...)
	}
	return builds, notes
}

// onlyCache reports whether p, which builds stage, only fills the cache of another build in all: that one needs the stage, and reuses the
// layers of each image that p makes.
func onlyCache(p placed, stage *plan.Stage, all []placed, f *parser.File) bool {
	return len(p.Tags) > 0 && p.Target.Text != "" && slices.ContainsFunc(all, func(o placed) bool {
		return o.Target.Known && !strings.EqualFold(o.Target.Text, p.Target.Text) &&
			!slices.ContainsFunc(p.Tags, func(tag string) bool { return !slices.Contains(o.CacheFrom, tag) }) &&
			plan.New(f, plan.Options{Target: o.Target.Text}).Stages[stage.Index].Reached
	})
}

// configuredBuilds are the builds of f that the configuration has. Services of compose files that build in the same
// directory run the image.
func (r reader) configuredBuilds(list []config.Described, composed []*Build, name string, f *parser.File) (builds []*Build, notes []error) {
	for _, c := range list {
		b := &Build{
			Source:   described.Source{Kind: described.Config, File: c.File, Line: c.Line},
			Contexts: c.Contexts, Platforms: c.Platforms, Builder: described.Builder(c.Builder),
			DockerFormat: c.Format == "docker",
			Options:      plan.Options{Target: c.Target, Args: c.Args, NamedContexts: slices.Sorted(maps.Keys(c.Contexts))},
		}
		if b.Plan = plan.New(f, b.Options); b.Plan.Target == nil && c.Target != "" {
			notes = append(notes, fmt.Errorf("%s: %w", b.Place(), missingTarget(b.Plan, c.Target)))
			continue
		}
		switch {
		case c.Context != "":
			b.Dir = r.fromRoot(filepath.Join(c.Dir, filepath.FromSlash(c.Context)), filepath.IsAbs(name))
		default:
			if b.Dir, b.Reason = r.likely(name, f); b.Dir != "" {
				b.Assumed = true
			}
		}
		for _, o := range composed {
			if o.Dir == b.Dir && strings.EqualFold(o.Options.Target, b.Options.Target) {
				b.Services = append(b.Services, o.Services...)
				b.secrets = o.secrets
			}
		}
		builds = append(builds, b)
	}
	return builds, notes
}

// settle drops builds whose context is not known, or that are older than the Dockerfile, if another build of the same stage
// says more, and assumes a context for those that are left.
func (r reader) settle(builds []*Build, name string, f *parser.File) []*Build {
	old := map[*Build]bool{}
	for _, b := range builds {
		if b.Dir != "" && !b.chosen() && r.lacks(b) {
			old[b] = true
		}
	}
	var out []*Build
	for _, b := range builds {
		if !old[b] && (b.Dir != "" || b.Reason != openContext) {
			out = append(out, b)
			continue
		}
		if slices.ContainsFunc(append(out, builds...), func(o *Build) bool {
			return o.Dir != "" && !old[o] && strings.EqualFold(o.Options.Target, b.Options.Target)
		}) {
			continue
		}
		if old[b] { // or something makes the files first
			if dir, reason := r.above(name, f); dir != "" {
				b.Dir, b.Reason, b.Assumed = dir, oldContext+", and "+reason, true
			}
			out = append(out, b)
			continue
		}
		if dir, reason := r.likely(name, f); dir != "" {
			b.Dir, b.Reason, b.Assumed = dir, openContext+", and "+reason, true
		} else if slices.ContainsFunc(out, func(o *Build) bool { return strings.EqualFold(o.Options.Target, b.Options.Target) }) {
			continue
		}
		out = append(out, b)
	}
	return out
}

// The reasons to assume a context although something describes the build.
const (
	openContext = "the description leaves the context open"
	oldContext  = "the described context does not have it"
)

// lacks reports whether b copies something by its plain name that its context does not have.
func (r reader) lacks(b *Build) bool {
	for _, s := range b.Plan.Stages {
		if !s.Reached {
			continue
		}
		for _, step := range s.Steps {
			in := step.Instruction
			if (in.Name == "COPY" || in.Name == "ADD") && slices.ContainsFunc(plainSources(in), func(rel string) bool {
				return telling(rel) && !r.exists(filepath.Join(b.Dir, rel))
			}) {
				return true
			}
		}
	}
	return false
}

// rest is the build of the last stage, if no other one is of that: whatever is not described here builds it.
func rest(f *parser.File, builds []*Build) []*Build {
	for _, b := range builds {
		if b.Options.Target == "" || b.Plan.Target == b.Plan.Stages[len(b.Plan.Stages)-1] {
			return nil
		}
	}
	first := builds[0]
	b := &Build{
		Options: first.Options, Dir: first.Dir, Source: first.Source, secrets: first.secrets, Assumed: true,
		Reason: "no description builds the last stage", Contexts: first.Contexts,
	}
	b.built(builds)
	b.build(f, "", nil)
	return []*Build{b}
}

// built makes the builder of all builds that of b, if they have the same.
func (b *Build) built(builds []*Build) {
	first := builds[0]
	if !slices.ContainsFunc(builds, func(o *Build) bool { return o.Builder != first.Builder || o.DockerFormat != first.DockerFormat }) {
		b.Builder, b.DockerFormat = first.Builder, first.DockerFormat
	}
}

// maxLeaves bounds the builds that only the Dockerfile suggests.
const maxLeaves = 8

// leaves are builds of the stages that no other one needs, that have a name and a command, and that no build is known of: whoever wrote
// them builds them with `--target`. There are none if somebody says which builds there are.
func leaves(f *parser.File, builds []*Build) []*Build {
	first := builds[0]
	if first.Source.Kind == described.Config || first.Plan.Target == nil || first.Options.Target != "" && first.Source.File == "" {
		return nil
	}
	used := map[int]bool{}
	for _, b := range builds {
		if b.Plan.Target != nil {
			used[b.Plan.Target.Index] = true
		}
	}
	for _, s := range first.Plan.Stages {
		for _, needed := range s.Needs {
			used[needed.Index] = true
		}
	}
	var out []*Build
	for _, s := range first.Plan.Stages {
		if used[s.Index] || s.Name == "" || len(out) == maxLeaves || !slices.ContainsFunc(s.Steps, func(step *plan.Step) bool {
			return step.Instruction.Name == "CMD" || step.Instruction.Name == "ENTRYPOINT"
		}) {
			continue
		}
		b := &Build{
			Options: first.Options, Dir: first.Dir, Source: first.Source, secrets: first.secrets, Assumed: true,
			Reason: "the stage has a command, and no other build is known that uses it", Contexts: first.Contexts,
		}
		b.built(builds)
		if b.Dir == "" {
			b.Reason = first.Reason // why the context is not known
		}
		if b.build(f, s.Name, nil); b.Plan.Target != nil && b.Plan.Target.Index == s.Index { // a later stage may have the same name
			out = append(out, b)
		}
	}
	return out
}

// place makes p a build of f.
func (r reader) place(p placed, root string, absolute bool, f *parser.File, declared map[string]bool) (*Build, bool) {
	b := &Build{
		Source: p.Source, Contexts: p.Contexts, Platforms: p.Platforms, Builder: p.Builder, TargetOpen: !p.Target.Known,
		DockerFormat: p.DockerFormat,
		Options:      plan.Options{Args: map[string]string{}, NamedContexts: slices.Sorted(maps.Keys(p.Contexts))},
	}
	b.Source.File = filepath.ToSlash(r.fromRoot(filepath.Join(root, filepath.FromSlash(p.Source.File)), absolute))
	for key, v := range p.Args {
		if declared[key] {
			b.Arguments = append(b.Arguments, key)
		}
		if v.Known && declared[key] && !strings.HasPrefix(v.Text, "localhost:") { // an image that only lives as long as a job
			b.Options.Args[key] = v.Text
		}
	}
	if p.Target.Known {
		b.Options.Target = p.Target.Text
	}
	if b.Plan = plan.New(f, b.Options); b.Options.Target != "" && b.Plan.Target == nil {
		return nil, false // the description is older than the Dockerfile
	}
	switch {
	case p.Elsewhere != "":
		b.Reason = p.Elsewhere
	case p.context == "":
		b.Reason = openContext
	default:
		b.Dir = r.fromRoot(filepath.Join(root, filepath.FromSlash(p.context)), absolute)
	}
	b.Services, b.secrets = p.services, p.secrets
	return b, true
}

// shares reports whether the place that describes a build of the Dockerfile called name also describes one of another, as with a
// matrix. What it passes is then meant for one of them.
func (d descriptions) shares(at described.Source, name string) bool {
	for other, list := range d {
		if other != name && slices.ContainsFunc(list, func(p placed) bool { return p.Source == at }) {
			return true
		}
	}
	return false
}

// undeclared are the arguments that p passes to b without an ARG in the Dockerfile, in order of their names.
func (r reader) undeclared(p placed, b *Build, root string, absolute bool, declared map[string]bool) (out []lint.Argument) {
	for _, key := range slices.Sorted(maps.Keys(p.Args)) {
		if declared[key] || strings.Contains(key, "$") || strings.Contains(key, " ") && !strings.HasPrefix(key, "--") {
			continue
		}
		a := lint.Argument{Name: key, Place: lint.Place{Line: p.Source.Line}}
		file := r.fromRoot(filepath.Join(root, filepath.FromSlash(p.Source.File)), absolute)
		if rel, err := filepath.Rel(b.Dir, file); err == nil && b.Dir != "" {
			a.File = filepath.ToSlash(rel)
		}
		out = append(out, a)
	}
	return out
}

// arguments are the names of the build arguments that f declares.
func arguments(f *parser.File) map[string]bool {
	out := map[string]bool{}
	for _, in := range f.Instructions {
		if in.Name != "ARG" {
			continue
		}
		for _, a := range in.Args {
			name, _, _ := strings.Cut(a.Value, "=")
			out[name] = true
		}
	}
	return out
}

func sameBuild(a, b *Build) bool {
	return a.Dir == b.Dir && a.Builder.Same(b.Builder) && a.DockerFormat == b.DockerFormat && strings.EqualFold(a.Options.Target, b.Options.Target) &&
		maps.Equal(a.Options.Args, b.Options.Args) && slices.Equal(a.Options.NamedContexts, b.Options.NamedContexts)
}

// sources are the descriptions that may build Dockerfiles in dir: those in the upper directories of the repository, and
// those in each directory from dir up to them, and directly below it.
func (r reader) sources(root, dir string) []descriptions {
	var out []descriptions
	for at := dir; at != root && at != filepath.Dir(at); at = filepath.Dir(at) {
		rel, err := filepath.Rel(root, at)
		if err != nil {
			break
		}
		depth := strings.Count(filepath.ToSlash(rel), "/") + 1
		if depth < upper {
			break
		}
		d := r.near.get(at, r, func(r reader) descriptions {
			g := newGatherer(r, root)
			g.dir(rel, 1, depth == upper)
			return g.read()
		})
		out = append(out, d)
	}
	return append(out, r.repositories.get(root, r, func(r reader) descriptions {
		g := newGatherer(r, root)
		g.dir(".", upper, false)
		return g.read()
	}))
}

// gatherer reads descriptions of builds.
type gatherer struct {
	reader
	root  string
	names []string // of descriptions, from the root
	dirs  int
	found descriptions
	asked map[string]bool // the commands that were read
	parts map[string]bool // compose and bake files that a command reads after others, by path from the root
}

func newGatherer(r reader, root string) *gatherer {
	return &gatherer{reader: r, root: root, found: descriptions{}, asked: map[string]bool{}, parts: map[string]bool{}}
}

// dir notes the descriptions in the directory called name and in so many levels below it; only in these with below.
func (g *gatherer) dir(name string, levels int, below bool) {
	if g.dirs++; g.dirs > maxDirs {
		return
	}
	what := descriptionFiles
	if strings.HasPrefix(name, ".") && name != "." {
		what = anyEntry // each workflow counts, whatever its name
	}
	var entries []fs.DirEntry
	if known, ok := g.listed.Load(filepath.Join(g.root, name)); ok {
		entries, _ = known.([]fs.DirEntry)
	} else {
		entries, _ = g.list(filepath.Join(g.root, name), what) // a directory that cannot be read says nothing
	}
	var inside []string
	for _, e := range entries {
		base := e.Name()
		switch {
		case e.IsDir():
			if levels > 0 && searched(base) {
				inside = append(inside, base)
			}
		case !below && e.Type()&fs.ModeType == 0 && isDescription(filepath.ToSlash(name), base):
			g.names = append(g.names, path.Join(filepath.ToSlash(name), base))
		}
	}
	for _, base := range inside {
		g.dir(filepath.Join(name, base), levels-1, false)
	}
}

// searched reports whether a directory with that name may hold descriptions of builds.
func searched(base string) bool {
	switch base {
	case "node_modules", "vendor", "third_party", "testdata":
		return false
	case ".github", ".gitlab", ".circleci", ".devcontainer", ".ci", ".azure", ".azure-pipelines", ".pipelines", ".docker", ".buildkite":
		return true
	}
	return base[0] != '.'
}

// read reads what was found.
func (g *gatherer) read() descriptions {
	var later []string // bake and compose files: what runs them says how they belong together
	type reading struct {
		name   string
		builds []described.Build
	}
	var all []reading
	repository := ci.Repository{Open: func(name string) []byte {
		if name = filepath.FromSlash(name); !filepath.IsLocal(name) {
			return nil
		}
		data, err := g.readFile(filepath.Join(g.root, name), described.MaxFile+1)
		if err != nil || len(data) > described.MaxFile {
			return nil
		}
		return data
	}}
	for i, name := range g.names {
		if i == described.MaxFiles {
			break
		}
		by := familyOf(name)
		if by == nothing {
			later = append(later, name)
			continue
		}
		data, err := g.readFile(filepath.Join(g.root, filepath.FromSlash(name)), described.MaxFile+1)
		if err != nil || len(data) > described.MaxFile {
			continue
		}
		x := reading{name: name}
		switch by { //nolint:exhaustive // that is above
		case byInvocation:
			x.builds = invocation.File(name, data)
		case byCI:
			x.builds = repository.File(name, data)
		case byDeploy:
			x.builds = deploy.File(name, data)
		}
		all = append(all, x)
	}
	for _, x := range all {
		if !repository.IsPart(x.name) { // which is only known after all of them
			g.describes(x.name, x.builds)
		}
	}
	for _, name := range later {
		switch {
		case g.parts[name]:
		case bake.Like(path.Base(name)):
			g.bake(name)
		default:
			data, err := g.readFile(filepath.Join(g.root, filepath.FromSlash(name)), described.MaxFile+1)
			if err == nil && len(data) <= described.MaxFile {
				g.compose(name, data)
			}
		}
	}
	return g.found
}

// describes adds the builds that the file called name starts.
func (g *gatherer) describes(name string, builds []described.Build) {
	if len(builds) == 0 || g.gitIgnores(g.root, filepath.Join(g.root, filepath.FromSlash(name))) {
		return
	}
	for i := range builds {
		if builds[i].From != nil {
			g.from(&builds[i])
		} else {
			g.add(placed{Build: &builds[i]})
		}
	}
}

// compose adds what the compose file called name describes. One with a default name is read with its override file. Any
// other one may stand for itself, or be read after those with default names beside it: what the two readings disagree
// about is not known.
func (g *gatherer) compose(name string, data []byte) {
	if !bytes.Contains(data, []byte("build")) {
		return
	}
	dir, base := path.Split(name)
	main := compose.Find(func(base string) bool { return g.isFile(dir + base) })
	if slices.Contains(main[min(1, len(main)):], base) || slices.Contains(main, base) != compose.Named(base) {
		return // it is read with the first one, or never
	}
	for i := range main {
		main[i] = dir + main[i]
	}
	files, other := []string{name}, map[string]compose.Usage{}
	if compose.Named(base) {
		files = main
	} else if len(main) > 0 {
		if both, err := compose.Load(g.Sub(g.root, nil), append(main, name), nil); err == nil {
			for _, u := range both.Usages() {
				for _, s := range u.Services {
					other[s.Name] = u
				}
			}
		}
	}
	all, err := compose.Load(g.Sub(g.root, nil), files, nil)
	if err != nil || g.gitIgnores(g.root, filepath.Join(g.root, filepath.FromSlash(name))) {
		return // a part of something else
	}
	for _, u := range all.Usages() {
		d := u.Declaration
		o, override := other[u.Services[0].Name]
		if override = override && d.Context.Line == 0; override {
			o.Services, u = u.Services, o // it has no context of its own
		}
		b := usageBuild(u)
		if _, both := other[u.Services[0].Name]; both && !override {
			if o.Plan.Target != u.Plan.Target {
				b.Target = plan.Value{}
			}
			maps.DeleteFunc(b.Args, func(key string, v plan.Value) bool { return o.Plan.Args[key] != v.Text })
		}
		b.Source = described.Source{Kind: described.Compose, File: d.File, Line: d.Line}
		g.add(placed{Build: b, services: u.Services, secrets: []*compose.Secrets{all.Secrets}})
	}
}

// add looks where b is. If it may begin in several directories, the one in which its files are decides, and there must be
// only one.
func (g *gatherer) add(b placed) {
	type place struct{ dockerfile, context string }
	var all []place
	for _, base := range b.Bases {
		var p place
		var ok bool
		if p.dockerfile, ok = described.Resolve(b.Dockerfile, base); !ok || !g.isFile(p.dockerfile) {
			continue
		}
		if p.context, ok = described.Resolve(b.Context, base); b.Context.Known && (!ok || !g.isDir(p.context)) {
			continue
		}
		if !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	if len(all) == 1 {
		b.context = all[0].context
		g.found[all[0].dockerfile] = append(g.found[all[0].dockerfile], b)
	}
}

func (g *gatherer) isFile(name string) bool {
	info, err := g.Stat(filepath.Join(g.root, filepath.FromSlash(name)))
	return err == nil && info.Mode().IsRegular()
}

func (g *gatherer) isDir(name string) bool {
	info, err := g.Stat(filepath.Join(g.root, filepath.FromSlash(name)))
	return err == nil && info.IsDir()
}
