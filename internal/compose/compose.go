// Package compose reads compose files: the services that they describe, how each is built and what is said of its container.
// It reads what a linter of Dockerfiles asks for and leaves the rest of a file alone. A test in tools/ holds it against the
// loader of compose-go.
package compose

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
)

// Project is what one or several compose files describe together.
type Project struct {
	Services []Service // of every profile, by name
}

// Place is where something stands; Line and Column count from 1, Column in bytes.
type Place struct {
	File         string // in the file system of Load
	Line, Column int
}

// Value is text, or what only the one who starts the project knows: a variable without value and default has a part in it.
type Value struct {
	Text  string
	Known bool
}

// Service is one service. A list leaves out what is not known.
type Service struct {
	Name          string
	Place         Place
	Build         *Build // nil without one, or where its context is not known
	Ports, Expose []Port
	Environment   map[string]Value
	// EnvironmentOpen says that an `env_file` which is not there may set more.
	EnvironmentOpen bool
	// Command and Entrypoint are nil where the service does not say.
	Command, Entrypoint []string
	User                string
	Volumes             []Volume
	Healthcheck         Healthcheck
	Profiles            []string
	HostNetwork         bool // its ports are those of the host, whatever Ports says
}

// Build says how the image of a service is built. Folders are paths in the file system of Load, which lead out of it where they
// begin with `../` or `/`.
type Build struct {
	Place      Place
	Context    string // a folder, or an address
	Remote     bool   // Context is an address
	Dockerfile string // as the build finds it: Context is a part of it; "" with Inline
	Inline     string // the Dockerfile itself
	Target     Value
	Args       map[string]Value
	// Contexts are the named build contexts: folders, images, services and addresses as they are written.
	Contexts map[string]string
}

// Port is one port of the container. A range is so many of them.
type Port struct {
	Container int
	Published string // the port or range of the host, "" where Docker chooses
	Protocol  string // tcp, udp or sctp
	Place     Place
}

// Volume is something mounted into the container.
type Volume struct {
	Bind   bool   // Source is a folder or file of the host; relative ones are paths in the file system of Load
	Source string // "" of an anonymous volume
	Target string
	Place  Place
}

// Healthcheck is how a service checks that it works.
type Healthcheck struct {
	Test     []string // nil where the service does not say
	Disabled bool
	Place    Place // zero without one
}

// Error is what is wrong with a compose file, and where.
type Error struct {
	Place
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

func failed(p Place, format string, args ...any) error {
	return &Error{p, fmt.Sprintf(format, args...)}
}

// Find is the compose files that `docker compose` takes when it is started in a folder: the first of its names that the folder has
// and the override beside it; none where there is no compose file.
// Source: https://docs.docker.com/compose/intro/compose-application-model/#the-compose-file
func Find(has func(name string) bool) []string {
	var found []string
	for _, list := range [][]string{
		{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"},
		{"compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"},
	} {
		i := slices.IndexFunc(list, has)
		if i < 0 {
			break
		}
		found = append(found, list[i])
	}
	return found
}

// Load reads files, each of which overrides those before it. Their variables come from env and, behind it, from the `.env`
// beside the first. Every error is an *Error.
func Load(fsys fs.FS, files []string, env map[string]string) (*Project, error) {
	l := loader{fsys: fsys, left: &budget{nodes: maxNodes, bytes: maxBytes}}
	s := scope{dir: path.Dir(files[0]), env: map[string]Value{}}
	for name, text := range env {
		s.env[name] = Value{text, true}
	}
	if err := l.dotenv(&s, path.Join(s.dir, ".env")); err != nil {
		return nil, err
	}
	all, err := l.merged(files, s, nil)
	if err != nil {
		return nil, err
	}
	p := &Project{}
	for _, name := range slices.Sorted(slices.Values(all.keys)) {
		service, err := l.service(name, all.fields[name], s)
		if err != nil {
			return nil, err
		}
		p.Services = append(p.Services, service)
	}
	return p, nil
}

// Bounds of what is read for one project. The largest compose files in use have some thousand lines.
const (
	maxFile   = 1 << 20 // bytes of one file
	maxFiles  = 200     // that include and extends may read
	maxNodes  = 200_000 // of YAML, with what aliases and merges repeat
	maxBytes  = 16 << 20
	maxDepth  = 100
	maxNested = 50 // variables in the defaults of variables
)

type budget struct{ nodes, bytes, files int }

// spend is an error where there is nothing left for n nodes and so many bytes.
func (b *budget) spend(nodes, bytes int, at Place) error {
	b.nodes -= nodes
	b.bytes -= bytes
	if b.nodes < 0 || b.bytes < 0 {
		return failed(at, "it grows too large here: more than %d values or %d bytes", maxNodes, maxBytes)
	}
	return nil
}
