// Package described says what a file of a repository tells about one build of a Dockerfile. It is the contract between
// the readers of such files, a package for each family of them, and the workspace, which finds the files, looks whether
// what they name is there, and turns what is left into builds. A reader is a function of names and bytes: it opens
// nothing and guesses nothing.
package described

import (
	"path"
	"strings"

	"github.com/dockvet/dockvet/plan"
)

// Kind is which sort of file describes a build. The values are part of the output format.
type Kind string

// The kinds.
const (
	Flags        Kind = "flags" // of the command line
	Config       Kind = "config"
	Compose      Kind = "compose"
	Bake         Kind = "bake"
	GitHub       Kind = "github"
	GitLab       Kind = "gitlab"
	CloudBuild   Kind = "cloudbuild"
	Azure        Kind = "azure"
	Skaffold     Kind = "skaffold"
	DevContainer Kind = "devcontainer"
	Fly          Kind = "fly"
	Render       Kind = "render"
	Heroku       Kind = "heroku"
	GoReleaser   Kind = "goreleaser"
	Make         Kind = "make"
	Just         Kind = "just"
	Task         Kind = "task"
	Package      Kind = "package.json"
	Script       Kind = "script"
	Directory    Kind = "directory" // no description: what the directories around the Dockerfile suggest
)

// Builder is the program that builds.
type Builder string

// The builders. "" is not known, and judged like BuildKit.
const (
	BuildKit Builder = "buildkit"
	Buildah  Builder = "buildah" // also podman
	Kaniko   Builder = "kaniko"
)

// Same reports whether b and o build in the same way.
func (b Builder) Same(o Builder) bool { return b == o || b+o == BuildKit }

// Source is the place that says so. File is a path in the repository, slash-separated.
type Source struct {
	Kind Kind
	File string
	Line int // from 1; 0 if it is the file as a whole
}

// Build is one build as a file describes it. A value that only a run knows, such as a variable of a CI service, is not
// Known. Paths are slash-separated; see Resolve for where they begin.
type Build struct {
	Source Source
	// Bases are the directories of the repository in one of which relative paths begin. There are several if that depends
	// on where somebody starts a script; the files that are there have to decide.
	Bases []string
	// Context is a directory. Elsewhere says that it is something else, for the reason given: an address, or a directory
	// that is made for the build.
	Context   plan.Value
	Elsewhere string
	// Dockerfile is a path that begins where Context does; it is never a part of Context.
	Dockerfile plan.Value
	Target     plan.Value // known and "" for the last stage
	Args       map[string]plan.Value
	Contexts   map[string]string // the named contexts, as they are written
	Platforms  []string          // those that are known
	// Tags are the names of the image, and CacheFrom those of images whose layers the build reuses, both as they are written.
	Tags, CacheFrom []string
	Builder         Builder
	// DockerFormat says that buildah writes the image in Docker's format, or that this is not known. Its default is OCI.
	DockerFormat bool
	// From says that it is a command that builds what other files describe. Context is the directory that it runs in then,
	// and the rest is not used.
	From *From
}

// From are files that a command builds from. A path begins in the directory that the command runs in.
type From struct {
	Kind    Kind         // Compose or Bake
	Files   []plan.Value // in their order; none for the default ones
	Targets []plan.Value // of Bake: what it builds; none for the default
	Set     []plan.Value // of Bake: the values of --set
	// Vars are values of variables, of Bake, as in NAME=value. Later ones win; of one that is not known, the name is.
	Vars []plan.Value
}

// Root stands for the directory of the repository where a path must not begin in a base.
const Root = "/.repository"

// Resolve is the path in the repository that p means if relative paths begin in base. ok is false if that
// is not known or outside of the repository.
func Resolve(p plan.Value, base string) (name string, ok bool) {
	if !p.Known {
		return "", false
	}
	name = path.Clean(p.Text)
	switch {
	case name == Root || strings.HasPrefix(name, Root+"/"):
		name = path.Clean("./" + strings.TrimPrefix(name, Root))
	case path.IsAbs(name):
		return "", false
	default:
		name = path.Join(base, name)
	}
	return name, name != ".." && !strings.HasPrefix(name, "../") && !path.IsAbs(name)
}

// Cache is the image that the value of `--cache-from` names, as it is written; "" for a cache of another type.
// Source: https://docs.docker.com/build/cache/backends/
func Cache(text string) string {
	if !strings.Contains(text, "type=") {
		return text
	}
	_, ref, _ := strings.Cut(","+text, ",ref=")
	ref, _, _ = strings.Cut(ref, ",")
	return ref
}

// In is the value of p, a path that begins in dir.
func In(dir, p plan.Value) plan.Value {
	switch {
	case p.Known && path.IsAbs(p.Text):
		return Known(path.Clean(p.Text))
	case !p.Known || !dir.Known:
		return plan.Value{}
	}
	return Known(path.Join(dir.Text, p.Text))
}

// Known is a value that is known.
func Known(text string) plan.Value { return plan.Value{Text: text, Known: true} }

// Remote reports whether a build context is an address, not a directory.
// Source: https://docs.docker.com/build/concepts/context/#remote-context
func Remote(text string) bool {
	for _, prefix := range [...]string{"git@", "github.com/", "oci:", "oci-layout:"} {
		if strings.HasPrefix(text, prefix) {
			return true
		}
	}
	return strings.Contains(text, "://")
}

// MaxFile bounds what is read of one description, in bytes, MaxFiles how many of a repository are read, and MaxBuilds
// how many builds one of them describes.
const (
	MaxFile   = 256 << 10
	MaxFiles  = 2000
	MaxBuilds = 500
)
