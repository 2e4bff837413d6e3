package driver

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/dockvet/dockvet/internal/compose"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// described is one build of a Dockerfile.
type described struct {
	dir      string // its build context, "" without one
	options  plan.Options
	plan     *plan.Plan
	services []lint.Service
	at       string // where a compose file describes it, "" otherwise
}

// composer finds the builds that compose files describe. It looks into each folder once, and reads each file once.
type composer struct {
	cwd      string // absolute
	mu       sync.Mutex
	roots    map[string]string // of a folder, the folder up to which compose files count
	projects map[string]*project
}

// project is what the compose files of one folder describe.
type project struct {
	once  sync.Once
	root  string // the folder that paths begin at
	files []string
	uses  map[string][]*compose.Service // by the path of the Dockerfile
	err   error
}

// maxBuilds bounds the builds of one Dockerfile that are checked.
const maxBuilds = 20

func newComposer() *composer {
	cwd, err := os.Getwd()
	if err != nil {
		cwd = ""
	}
	return &composer{cwd: cwd, roots: map[string]string{}, projects: map[string]*project{}}
}

// builds are those that compose files in the folder of the Dockerfile called name, and above it in its repository, describe; none
// if a flag says how it is built. notes are what is wrong with these files.
func (c *composer) builds(name string, f *parser.File, o *Options) (found []described, notes []error) {
	if name == "" || o.NoContext || o.Context != "" || o.Plan.Target != "" || len(o.Plan.Args)+len(o.Plan.NamedContexts) > 0 {
		return nil, nil
	}
	abs := name
	if !filepath.IsAbs(abs) {
		abs = filepath.Join(c.cwd, abs) // filepath.Abs asks the system each time
	}
	for _, p := range c.above(filepath.Dir(abs)) {
		p.once.Do(p.read)
		if p.err != nil {
			notes = append(notes, c.note(p))
			continue
		}
		inside, err := filepath.Rel(p.root, abs)
		if err != nil {
			continue
		}
		for _, s := range p.uses[filepath.ToSlash(inside)] {
			found = c.add(found, p, s, filepath.IsAbs(name))
		}
	}
	if len(found) > maxBuilds {
		notes = append(notes, fmt.Errorf("%s: compose files describe %d builds of it, of which %d are checked", f.Name, len(found), maxBuilds))
		found = found[:maxBuilds]
	}
	last := false
	for i := range found {
		b := &found[i]
		b.plan = plan.New(f, b.options)
		if b.plan.Target == nil {
			notes = append(notes, fmt.Errorf("%s: %w", b.at, missingTarget(b.plan, b.options.Target)))
			b.options.Target = ""
			b.plan = plan.New(f, b.options)
		}
		last = last || b.options.Target == "" || b.plan.Target == b.plan.Stages[len(b.plan.Stages)-1]
	}
	if !last && len(found) > 0 {
		// The last stage is what everything but compose builds.
		b := found[0]
		b.options.Target, b.services = "", nil
		b.plan = plan.New(f, b.options)
		found = append(found, b)
	}
	return found, notes
}

// above are the projects in dir and the folders above it that count, the nearest first.
func (c *composer) above(dir string) []*project {
	c.mu.Lock()
	defer c.mu.Unlock()
	root := c.root(dir)
	var found []*project
	for ; ; dir = filepath.Dir(dir) {
		p, known := c.projects[dir]
		if !known {
			files := compose.Find(func(name string) bool { return exists(filepath.Join(dir, name)) })
			if rel, err := filepath.Rel(root, dir); err == nil && len(files) > 0 {
				p = &project{root: root}
				for _, name := range files {
					p.files = append(p.files, path.Join(filepath.ToSlash(rel), name))
				}
			}
			c.projects[dir] = p
		}
		if p != nil {
			found = append(found, p)
		}
		if dir == root || dir == filepath.Dir(dir) {
			return found
		}
	}
}

// root is the folder up to which compose files count for dir: that of the repository, or else the working directory.
func (c *composer) root(dir string) string {
	if root, ok := c.roots[dir]; ok {
		return root
	}
	root := dir
	for at := dir; ; at = filepath.Dir(at) {
		if at == c.cwd {
			root = at
		}
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			root = at
			break
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	c.roots[dir] = root
	return root
}

func (p *project) read() {
	loaded, err := compose.Load(os.DirFS(p.root), p.files, nil)
	if err != nil {
		p.err = err
		return
	}
	p.uses = map[string][]*compose.Service{}
	for i := range loaded.Services {
		s := &loaded.Services[i]
		// A context elsewhere is not ours to look at, and a Dockerfile in a compose file has no bytes of its own to point at.
		if b := s.Build; b != nil && !b.Remote && b.Inline == "" && filepath.IsLocal(b.Context) {
			p.uses[b.Dockerfile] = append(p.uses[b.Dockerfile], s)
		}
	}
}

// note says what is wrong with the compose files of p.
func (c *composer) note(p *project) error {
	err := p.err
	if e, ok := errors.AsType[*compose.Error](err); ok {
		told := *e
		told.File = filepath.ToSlash(c.display(filepath.Join(p.root, filepath.FromSlash(e.File)), false))
		err = &told
	}
	return fmt.Errorf("%w; Dockerfiles are checked without it", err)
}

// display is the absolute path name as reports print it.
func (c *composer) display(name string, absolute bool) string {
	rel, err := filepath.Rel(c.cwd, name)
	if err != nil || absolute && !filepath.IsLocal(rel) {
		return name
	}
	return rel
}

// add adds what s says to found, which has one entry for each build.
func (c *composer) add(found []described, p *project, s *compose.Service, absolute bool) []described {
	dir := filepath.Join(p.root, filepath.FromSlash(s.Build.Context))
	b := described{dir: c.display(dir, absolute)}
	file := filepath.Join(p.root, filepath.FromSlash(s.Build.Place.File))
	b.at = fmt.Sprintf("%s:%d", filepath.ToSlash(c.display(file, absolute)), s.Build.Place.Line)
	b.options = plan.Options{Args: map[string]string{}, NamedContexts: slices.Sorted(maps.Keys(s.Build.Contexts))}
	if s.Build.Target.Known {
		b.options.Target = s.Build.Target.Text
	}
	for key, v := range s.Build.Args {
		if v.Known {
			b.options.Args[key] = v.Text
		}
	}
	i := slices.IndexFunc(found, func(o described) bool {
		return o.dir == b.dir && strings.EqualFold(o.options.Target, b.options.Target) && maps.Equal(o.options.Args, b.options.Args) &&
			slices.Equal(o.options.NamedContexts, b.options.NamedContexts)
	})
	if i < 0 {
		i = len(found)
		found = append(found, b)
	}
	found[i].services = append(found[i].services, service(s, p.root, dir))
	return found
}

// service is s as rules see it. dir is the build context.
func service(s *compose.Service, root, dir string) lint.Service {
	inContext := func(name string) string {
		rel, err := filepath.Rel(dir, filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			return name
		}
		return filepath.ToSlash(rel)
	}
	at := func(p compose.Place) lint.Place { return lint.Place{File: inContext(p.File), Line: p.Line} }
	ports := func(list []compose.Port) (out []lint.Port) {
		for _, p := range list {
			out = append(out, lint.Port{Container: p.Container, Published: p.Published, Protocol: p.Protocol, Place: at(p.Place)})
		}
		return out
	}
	out := lint.Service{
		Name: s.Name, Place: at(s.Place), Environment: map[string]plan.Value{}, EnvironmentOpen: s.EnvironmentOpen,
		Command: s.Command, Entrypoint: s.Entrypoint, User: s.User, HostNetwork: s.HostNetwork,
		Ports: ports(s.Ports), Expose: ports(s.Expose),
	}
	if h := s.Healthcheck; h.Place.Line > 0 {
		out.Healthcheck = lint.Healthcheck{Test: h.Test, Disabled: h.Disabled, Place: at(h.Place)}
	}
	for key, v := range s.Environment {
		out.Environment[key] = plan.Value{Text: v.Text, Known: v.Known}
	}
	for _, v := range s.Volumes {
		mount := lint.Volume{Bind: v.Bind, Target: v.Target, Place: at(v.Place)}
		if v.Bind && !path.IsAbs(v.Source) && !strings.HasPrefix(v.Source, "~") {
			if source := inContext(v.Source); filepath.IsLocal(source) {
				mount.Source = source
			}
		}
		out.Volumes = append(out.Volumes, mount)
	}
	return out
}
