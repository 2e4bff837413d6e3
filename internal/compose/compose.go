// Package compose reads compose files: the services that they describe, how each is built and what is said about its
// container. It reads only what a linter of Dockerfiles needs. A test in tools/ compares it with the loader of
// compose-go.
package compose

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// Project is what one or several compose files describe together.
type Project struct {
	Services []Service // of every profile, by name
	// Sources are the files that were read, by their names in the file system of Load.
	Sources map[string]*parser.Source
	Secrets *Secrets // of the files that it was read from
}

// Service is one service as its files say it: the files in its places and the sources of its bind mounts are paths in
// the file system of Load, which lead out of it where they begin with `../` or `/`. A list leaves out what is not
// known.
type Service struct {
	lint.Service
	Build    *Build // nil without one, or where its context is not known
	Profiles []string
}

// Build says how the image of a service is built. Directories are paths in the file system of Load, which lead out of
// it where they begin with `../` or `/`. A value that only the person who starts the project knows is not Known.
type Build struct {
	Declaration lint.Declaration // without what only the file system knows
	Context     string           // a directory, or an address
	Remote      bool             // Context is an address
	Dockerfile  string           // as the build finds it: Context is a part of it; "" with Inline
	Inline      string           // the Dockerfile itself
	Target      plan.Value
	Args        map[string]plan.Value
	// Contexts are the named build contexts: directories, images, services and addresses as they are written.
	Contexts map[string]string
}

// position is a place with its column, which counts from 1, in bytes.
type position struct {
	lint.Place
	Column int
}

// Error is what is wrong with a compose file, and where. Column is 0 where it is not known, and so is Line.
type Error struct {
	lint.Place
	Column  int
	Message string // lower-case, no full stop
}

func (e *Error) Error() string {
	switch {
	case e.Line == 0:
		return fmt.Sprintf("%s: %s", e.File, e.Message)
	case e.Column == 0:
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

func failed(p position, format string, args ...any) error {
	return &Error{p.Place, p.Column, fmt.Sprintf(format, args...)}
}

// The names of compose files that are read by default, and of those that override them.
var (
	names     = [...]string{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"}
	overrides = [...]string{
		"compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml",
	}
)

// Named reports whether Find may return name.
func Named(name string) bool {
	return slices.Contains(names[:], name) || slices.Contains(overrides[:], name)
}

// Like reports whether a file called name may be a compose file that somebody names with -f.
func Like(name string) bool {
	ext := path.Ext(name)
	return (ext == ".yml" || ext == ".yaml") && strings.Contains(strings.ToLower(name), "compose")
}

// Find returns the compose files that `docker compose` reads when it is started in a directory: the first of its names
// that is there, and the override beside it. has reports whether the directory has a file of that name.
// Source: https://docs.docker.com/compose/intro/compose-application-model/#the-compose-file
func Find(has func(name string) bool) []string {
	var found []string
	for _, list := range [...][]string{names[:], overrides[:]} {
		i := slices.IndexFunc(list, has)
		if i < 0 {
			break
		}
		found = append(found, list[i])
	}
	return found
}

// Load reads files, each of which overrides those before it. Their variables come from env and then from the `.env`
// beside the first file. Every error is an *Error.
func Load(fsys fs.FS, files []string, env map[string]string) (*Project, error) {
	l := loader{fsys: fsys, left: &budget{nodes: maxNodes, bytes: maxBytes}, secrets: &Secrets{}, sources: map[string]*parser.Source{}}
	p, err := l.load(files, env)
	if e, ok := errors.AsType[*Error](err); ok {
		e.Message = l.secrets.Mask(e.Message, func(string) bool { return false })
	}
	return p, err
}

func (l *loader) load(files []string, env map[string]string) (*Project, error) {
	s := resolver{dir: path.Dir(files[0]), env: map[string]plan.Value{}}
	for name, text := range env {
		s.env[name] = known(text)
	}
	if err := l.dotenv(&s, path.Join(s.dir, ".env")); err != nil {
		return nil, err
	}
	all, err := l.merged(files, s, nil)
	if err != nil {
		return nil, err
	}
	p := &Project{Secrets: l.secrets, Sources: l.sources}
	for _, name := range slices.Sorted(slices.Values(all.keys)) {
		service, err := l.service(name, all.fields[name], s)
		if err != nil {
			return nil, err
		}
		service.Alone = len(all.keys) == 1
		p.Services = append(p.Services, service)
	}
	return p, nil
}

// Bounds of what is read for one project. The largest compose files in use have some thousand lines.
const (
	maxFile   = 1 << 20 // bytes of one file
	maxFiles  = 1000    // that include and extends may read, with their env files
	maxNodes  = 200_000 // of YAML, with what aliases and merges repeat
	maxBytes  = 16 << 20
	maxDepth  = 100
	maxNested = 50 // variables in the defaults of variables
)

type budget struct{ nodes, bytes, files int }

// spend takes n nodes and so many bytes from the budget; an error if not enough is left.
func (b *budget) spend(nodes, bytes int, at position) error {
	b.nodes -= nodes
	b.bytes -= bytes
	if b.nodes < 0 || b.bytes < 0 {
		return failed(at, "the project is too large: more than %d values or %d bytes up to here", maxNodes, maxBytes)
	}
	return nil
}
