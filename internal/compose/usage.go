package compose

import (
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/pragma"
	"github.com/dockvet/dockvet/internal/yamltext"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// Usage is one way in which services build a Dockerfile. Services that build it in the same way share one.
type Usage struct {
	Context    string // a directory of that file system
	Dockerfile string // a path in that file system
	Plan       plan.Options
	Contexts   map[string]string // as Build has them
	// Declaration is that of the first service. Its Place is in the file system of Load.
	Declaration lint.Declaration
	// Services are as rules see them: files and the sources of bind mounts are relative to Context, and a mount whose
	// source is outside of Context has none.
	Services []lint.Service
}

// Usages are the builds of Dockerfiles whose context is a directory in the file system of Load. An inline Dockerfile is
// not among them: it has no file whose bytes a finding could point at.
func (p *Project) Usages() []Usage {
	var out Joined
	for u := range p.each {
		out.Add(u)
	}
	return out.List
}

// each yields the build of each service, also if another service builds the same.
func (p *Project) each(yield func(Usage) bool) {
	for i := range p.Services {
		s := &p.Services[i]
		if b := s.Build; b != nil && !b.Remote && b.Inline == "" && readable(b.Context) && !yield(s.usage()) {
			return
		}
	}
}

// maxDescribed bounds the builds of a project that are described for rules: each is linted by itself.
const maxDescribed = 1000

// Describe is what the file called name, one of Sources, says about builds, for rules. load gives a build without its
// Declaration, and adds what only the file system knows to that. more is how many builds are left out since they are
// too many.
func (p *Project) Describe(name string, load func(Usage, *lint.Declaration) lint.Build) (d lint.Description, more int) {
	d = lint.Description{Source: p.Sources[name]}
	d.Comments = yamltext.Comments(d.Source, pragma.Dockvet)
	arguments := map[lint.Place]int{} // how many builds have them
	for u := range p.each {
		for _, a := range u.Declaration.Args {
			arguments[a.Place]++
		}
	}
	for u := range p.each {
		if len(d.Builds) == maxDescribed {
			more++
			continue
		}
		x := u.Declaration
		x.Dir = relative(path.Dir(name), u.Context)
		x.Args = slices.Clone(x.Args)
		for i := range x.Args {
			a := &x.Args[i]
			a.Shared = a.Shared || arguments[a.Place] > 1 // by extends
		}
		b := load(u, &x)
		b.Declaration = &x
		d.Builds = append(d.Builds, b)
	}
	return d, more
}

// relative is the path from dir to name.
func relative(dir, name string) string {
	rel, err := filepath.Rel(filepath.FromSlash(dir), filepath.FromSlash(name))
	if err != nil {
		return name
	}
	return filepath.ToSlash(rel)
}

// Joined are usages, one for each build.
type Joined struct {
	List []Usage
	at   map[string]int // in List, by what is built
}

// Add adds u, or its services to the usage that builds the same.
func (j *Joined) Add(u Usage) {
	key := built(u)
	if i, ok := j.at[key]; ok {
		j.List[i].Services = append(j.List[i].Services, u.Services...)
		return
	}
	if j.at == nil {
		j.at = map[string]int{}
	}
	j.at[key] = len(j.List)
	j.List = append(j.List, u)
}

// built is the same for usages that build the same.
func built(u Usage) string {
	key := []string{u.Context, u.Dockerfile, strings.ToLower(u.Plan.Target)}
	for _, name := range slices.Sorted(maps.Keys(u.Plan.Args)) {
		key = append(key, name, u.Plan.Args[name])
	}
	key = append(key, "") // no argument is called so
	return strings.Join(append(key, u.Plan.NamedContexts...), "\x00")
}

func (s *Service) usage() Usage {
	b := s.Build
	u := Usage{Declaration: b.Declaration, Context: b.Context, Dockerfile: b.Dockerfile, Contexts: b.Contexts}
	u.Services = []lint.Service{s.in(b.Context)}
	u.Plan = plan.Options{Args: map[string]string{}, NamedContexts: slices.Sorted(maps.Keys(b.Contexts))}
	if b.Target.Known {
		u.Plan.Target = b.Target.Text
	}
	for key, v := range b.Args {
		if v.Known {
			u.Plan.Args[key] = v.Text
		}
	}
	return u
}

// in is s as rules see it in the build context dir.
func (s *Service) in(dir string) lint.Service {
	relative := func(name string) string { return relative(dir, name) }
	out := s.Service
	out.File = relative(s.File)
	ports := func(list []lint.Port) []lint.Port {
		list = slices.Clone(list)
		for i := range list {
			list[i].File = relative(list[i].File)
		}
		return list
	}
	out.Ports, out.Expose = ports(s.Ports), ports(s.Expose)
	if out.Healthcheck.Line > 0 {
		out.Healthcheck.File = relative(s.Healthcheck.File)
	} else {
		out.Healthcheck = lint.Healthcheck{}
	}
	volumes := func(list []lint.Volume) []lint.Volume {
		list = slices.Clone(list)
		for i := range list {
			v := &list[i]
			v.File = relative(v.File)
			source := v.Source
			v.Source = ""
			if v.Bind && !path.IsAbs(source) && !strings.HasPrefix(source, "~") {
				if source = relative(source); filepath.IsLocal(source) {
					v.Source = source
				}
			}
		}
		return list
	}
	out.Volumes, out.Synced = volumes(s.Volumes), volumes(s.Synced)
	return out
}
