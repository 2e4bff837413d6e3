// Package deploy reads the builds that deployment and development tools run: Skaffold, dev containers, Fly.io, Render,
// Heroku and GoReleaser.
package deploy

import (
	"path"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/dockvet/dockvet/internal/described"
	"github.com/dockvet/dockvet/internal/yamltext"
	"github.com/dockvet/dockvet/plan"
)

// Of is the kind of file that the path of a file in a repository tells, "" if it is none that this package reads.
func Of(name string) described.Kind {
	dir, base := path.Split(name)
	stem, yml := strings.CutSuffix(base, ".yml")
	if !yml {
		stem, yml = strings.CutSuffix(base, ".yaml")
	}
	switch {
	case yml && (stem == "skaffold" || strings.HasPrefix(stem, "skaffold.") || strings.HasPrefix(stem, "skaffold-")):
		return described.Skaffold
	case base == ".devcontainer.json" || base == "devcontainer.json" && strings.HasPrefix(dir, ".devcontainer/"),
		base == "devcontainer.json" && strings.Contains(dir, "/.devcontainer/"):
		return described.DevContainer
	case base == "fly.toml" || strings.HasPrefix(base, "fly.") && strings.HasSuffix(base, ".toml"):
		return described.Fly
	case base == "render.yaml" || base == "render.yml":
		return described.Render
	case base == "heroku.yml":
		return described.Heroku
	case yml && (strings.HasPrefix(stem, ".goreleaser") || strings.HasPrefix(stem, "goreleaser")):
		return described.GoReleaser
	}
	return ""
}

// File returns the builds that the file called name describes, a path in the repository.
func File(name string, data []byte) []described.Build {
	f := file{source: described.Source{Kind: Of(name), File: name}, dir: path.Dir(name)}
	if f.source.Kind == described.Fly {
		f.fly(string(data))
		return f.builds
	}
	if f.source.Kind == described.DevContainer {
		data = withoutComments(data)
	}
	top := yamltext.Document(data)
	if top == nil {
		return nil
	}
	switch f.source.Kind { //nolint:exhaustive // those that this package reads
	case described.Skaffold:
		f.skaffold(top)
	case described.DevContainer:
		f.devContainer(top)
	case described.Render:
		f.render(top)
	case described.Heroku:
		f.heroku(top)
	case described.GoReleaser:
		f.goreleaser(top)
	}
	return f.builds
}

type file struct {
	source described.Source
	dir    string
	builds []described.Build
}

// add adds a build that the file describes at a line, with its paths in base.
func (f *file) add(line int, base string, context, dockerfile plan.Value, b described.Build) {
	if len(f.builds) == described.MaxBuilds {
		return
	}
	b.Source = f.source
	b.Source.Line = line
	b.Bases, b.Context, b.Dockerfile = []string{base}, context, dockerfile
	if b.Builder == "" {
		b.Builder = described.BuildKit
	}
	f.builds = append(f.builds, b)
}

// skaffold reads the artifacts that Docker or kaniko build. Other builders do not use a Dockerfile.
// Source: https://skaffold.dev/docs/references/yaml/
func (f *file) skaffold(root *yaml.Node) {
	builds := []*yaml.Node{yamltext.Get(root, "build")}
	for _, p := range yamltext.Items(yamltext.Get(root, "profiles")) {
		builds = append(builds, yamltext.Get(p, "build"))
	}
	for _, build := range builds {
		for _, a := range yamltext.Items(yamltext.Get(build, "artifacts")) {
			other := false
			for _, key := range []string{"jib", "ko", "buildpacks", "bazel", "custom"} {
				other = other || yamltext.Get(a, key) != nil
			}
			if other {
				continue
			}
			b := described.Build{Builder: described.BuildKit}
			how := yamltext.Get(a, "docker")
			if k := yamltext.Get(a, "kaniko"); k != nil {
				how, b.Builder = k, described.Kaniko
			}
			context := or(value(yamltext.Get(a, "context")), ".")
			b.Target = or(value(yamltext.Get(how, "target")), "")
			b.Args = arguments(yamltext.Get(how, "buildArgs"))
			f.add(a.Line, f.dir, context, described.In(context, or(value(yamltext.Get(how, "dockerfile")), "Dockerfile")), b)
		}
	}
}

// devContainer reads how a dev container is built. Its paths begin in the directory of the file.
// Source: https://containers.dev/implementors/json_reference/
func (f *file) devContainer(root *yaml.Node) {
	build := yamltext.Get(root, "build")
	name, context := yamltext.Get(build, "dockerfile"), yamltext.Get(build, "context")
	if name == nil {
		name, context = yamltext.Get(root, "dockerFile"), yamltext.Get(root, "context")
	}
	if name == nil {
		f.composed(yamltext.Get(root, "dockerComposeFile"))
		return
	}
	b := described.Build{Target: or(value(yamltext.Get(build, "target")), ""), Args: arguments(yamltext.Get(build, "args"))}
	f.add(name.Line, f.dir, or(value(context), "."), value(name), b)
}

// composed reads n, the compose files of a dev container: one, or a list.
func (f *file) composed(n *yaml.Node) {
	if n == nil {
		return
	}
	list := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		list = yamltext.Items(n)
	}
	from := &described.From{Kind: described.Compose}
	for _, x := range list {
		from.Files = append(from.Files, value(x))
	}
	f.add(n.Line, f.dir, described.Known("."), plan.Value{}, described.Build{From: from})
}

// render reads the services of a blueprint that run a Dockerfile. Paths begin at the root of the repository, or in the
// service's own root directory.
// Source: https://render.com/docs/blueprint-spec
func (f *file) render(root *yaml.Node) {
	list := yamltext.Items(yamltext.Get(root, "services"))
	for _, p := range yamltext.Items(yamltext.Get(root, "projects")) {
		for _, e := range yamltext.Items(yamltext.Get(p, "environments")) {
			list = append(list, yamltext.Items(yamltext.Get(e, "services"))...)
		}
	}
	for _, s := range list {
		runtime := value(yamltext.Get(s, "runtime")).Text
		if runtime == "" {
			runtime = value(yamltext.Get(s, "env")).Text
		}
		if runtime != "docker" || yamltext.Get(s, "repo") != nil {
			continue
		}
		base := or(value(yamltext.Get(s, "rootDir")), ".")
		context, name := or(value(yamltext.Get(s, "dockerContext")), "."), or(value(yamltext.Get(s, "dockerfilePath")), "Dockerfile")
		f.add(s.Line, ".", described.In(base, context), described.In(base, name), described.Build{Target: described.Known("")})
	}
}

// heroku reads a heroku.yml. The context is always the directory of the Dockerfile.
// Source: https://devcenter.heroku.com/articles/build-docker-images-heroku-yml
func (f *file) heroku(root *yaml.Node) {
	docker := yamltext.Get(root, "build", "docker")
	if docker == nil || docker.Kind != yaml.MappingNode {
		return
	}
	args := arguments(yamltext.Get(root, "build", "config"))
	for i := 0; i+1 < len(docker.Content); i += 2 {
		n := yamltext.Follow(docker.Content[i+1])
		b := described.Build{Target: described.Known(""), Args: args}
		name := value(n)
		if n.Kind == yaml.MappingNode {
			name, b.Target = value(yamltext.Get(n, "dockerfile")), or(value(yamltext.Get(n, "target")), "")
		}
		if name.Known && name.Text != "" {
			f.add(docker.Content[i].Line, ".", described.Known(path.Dir(name.Text)), name, b)
		}
	}
}

// goreleaser reads the images of a GoReleaser configuration. Each is built in a temporary directory, with the binaries
// and the extra files in it.
// Source: https://goreleaser.com/customization/docker/
func (f *file) goreleaser(root *yaml.Node) {
	for _, key := range []string{"dockers", "dockers_v2"} {
		for _, d := range yamltext.Items(yamltext.Get(root, key)) {
			b := described.Build{Target: described.Known(""), Elsewhere: "GoReleaser makes a directory with the binaries for the build"}
			if use := value(yamltext.Get(d, "use")).Text; use == "podman" {
				b.Builder = described.Buildah
			}
			for _, flag := range yamltext.Items(yamltext.Get(d, "build_flag_templates")) {
				if name, v, ok := strings.Cut(flag.Value, "="); ok && name == "--target" {
					b.Target = plan.Value{Text: v, Known: !strings.Contains(v, "{{")}
				}
			}
			f.add(d.Line, ".", plan.Value{}, or(value(yamltext.Get(d, "dockerfile")), "Dockerfile"), b)
		}
	}
}

// fly reads the section [build] of a fly.toml: three keys, for which a reader of all of TOML would be a dependency. The
// context is the directory in which the app is deployed, which has the file.
// Source: https://fly.io/docs/reference/configuration/#the-build-section
func (f *file) fly(text string) {
	b := described.Build{Target: described.Known(""), Args: map[string]plan.Value{}}
	name, line, section := described.Known("Dockerfile"), 0, ""
	other := false
	n := 0
	for row := range strings.Lines(text) {
		n++
		row = strings.TrimSpace(row)
		if strings.HasPrefix(row, "[") {
			section, _, _ = strings.Cut(row, "#")
			section = strings.TrimSpace(section)
			if section == "[build]" {
				line = n
			}
			continue
		}
		key, v, ok := strings.Cut(row, "=")
		if !ok || strings.HasPrefix(row, "#") {
			continue
		}
		key, v = strings.Trim(strings.TrimSpace(key), `"'`), strings.TrimSpace(v)
		known := plan.Value{}
		if v != "" && (v[0] == '"' || v[0] == '\'') {
			if end := strings.IndexByte(v[1:], v[0]); end >= 0 && !strings.Contains(v[:end+1], `\`) {
				known = described.Known(v[1 : end+1])
			}
		}
		switch section + key {
		case "[build]dockerfile":
			name, line = known, n
		case "[build]build-target", "[build]target":
			b.Target = known
		case "[build]image", "[build]builder", "[build]buildpacks", "[build]builtin":
			other = true
		default:
			if section == "[build.args]" {
				b.Args[key] = known
			}
		}
	}
	if !other {
		f.add(line, f.dir, described.Known("."), name, b)
	}
}

// arguments are the build arguments of a mapping.
func arguments(n *yaml.Node) map[string]plan.Value {
	out := map[string]plan.Value{}
	if n == nil || n.Kind != yaml.MappingNode {
		return out
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		out[n.Content[i].Value] = value(yamltext.Follow(n.Content[i+1]))
	}
	return out
}

// value is the value of a scalar. A template, a variable or something else is not known.
func value(n *yaml.Node) plan.Value {
	if n == nil {
		return described.Known("")
	}
	return plan.Value{Text: n.Value, Known: n.Kind == yaml.ScalarNode && !strings.Contains(n.Value, "{{") && !strings.Contains(n.Value, "${")}
}

// or is v, or text if that is empty.
func or(v plan.Value, text string) plan.Value {
	if v.Known && v.Text == "" {
		return described.Known(text)
	}
	return v
}

// withoutComments is JSON with comments as YAML, which has commas at the end of lists but neither these comments nor tabs.
// Lines keep their numbers.
func withoutComments(data []byte) []byte {
	out := make([]byte, 0, len(data))
	for i := 0; i < len(data); i++ {
		rest := data[i:]
		switch {
		case data[i] == '"':
			out = append(out, '"')
			for i++; i < len(data) && data[i] != '"' && data[i] != '\n'; i++ {
				out = append(out, data[i])
				if data[i] == '\\' && i+1 < len(data) {
					i++
					out = append(out, data[i])
				}
			}
			if i < len(data) {
				out = append(out, data[i])
			}
		case len(rest) > 1 && rest[0] == '/' && rest[1] == '/':
			for i < len(data) && data[i] != '\n' {
				i++
			}
			out = append(out, '\n')
		case len(rest) > 1 && rest[0] == '/' && rest[1] == '*':
			for i += 2; i < len(data) && (data[i] != '/' || data[i-1] != '*'); i++ {
				if data[i] == '\n' {
					out = append(out, '\n')
				}
			}
		case data[i] == '\t':
			out = append(out, ' ')
		default:
			out = append(out, data[i])
		}
	}
	return out
}
