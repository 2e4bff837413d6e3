// Package ci reads the builds that CI services run: GitHub workflows, GitLab pipelines, Google Cloud Build and Azure
// Pipelines. What only a run knows stays unknown.
package ci

import (
	"maps"
	"path"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/dockvet/dockvet/internal/described"
	"github.com/dockvet/dockvet/internal/invocation"
	"github.com/dockvet/dockvet/internal/yamltext"
	"github.com/dockvet/dockvet/plan"
)

// Of is the kind of file that the path of a file in a repository tells, "" if it is none that this package reads.
func Of(name string) described.Kind {
	dir, base := path.Split(name)
	stem, ok := strings.CutSuffix(base, ".yml")
	if !ok {
		if stem, ok = strings.CutSuffix(base, ".yaml"); !ok {
			return ""
		}
	}
	switch {
	case dir == ".github/workflows/":
		return described.GitHub
	case name == ".gitlab-ci.yml" || strings.HasPrefix(dir, ".gitlab/") || strings.HasSuffix(base, ".gitlab-ci.yml"):
		return described.GitLab
	case strings.HasPrefix(stem, "cloudbuild"):
		return described.CloudBuild
	case strings.HasPrefix(stem, "azure-pipeline") || dir == ".azure-pipelines/" || dir == ".azure/pipelines/" || dir == ".pipelines/":
		return described.Azure
	}
	return ""
}

// File returns the builds that the file called name starts, a path in the repository.
func File(name string, data []byte) []described.Build {
	if !mentions(data) {
		return nil
	}
	var root yaml.Node
	if yaml.Unmarshal(data, &root) != nil || len(root.Content) == 0 {
		return nil
	}
	f := file{source: described.Source{Kind: Of(name), File: name, Line: 1}}
	switch top := root.Content[0]; f.source.Kind { //nolint:exhaustive // those that this package reads
	case described.GitHub:
		f.github(top)
	case described.GitLab:
		f.gitlab(top)
	case described.CloudBuild:
		f.cloudBuild(top)
	case described.Azure:
		f.azure(top)
	}
	return f.builds
}

// mentions reports whether data may describe a build, before it is parsed.
func mentions(data []byte) bool {
	text := string(data)
	return invocation.Mentions(text) || strings.Contains(text, "kaniko") || strings.Contains(text, "Docker@") ||
		strings.Contains(text, "bake-action")
}

type file struct {
	source described.Source
	builds []described.Build
}

func (f *file) add(list ...described.Build) {
	for i := range list {
		if len(f.builds) < described.MaxBuilds {
			f.builds = append(f.builds, list[i])
		}
	}
}

// shell adds what text, which begins on that line, builds.
func (f *file) shell(text string, line int, dir plan.Value, by string, env map[string]plan.Value) {
	source := f.source
	source.Line = line
	f.add(invocation.Read(invocation.Code{
		Source: source, Bases: []string{"."}, Dir: dir, Text: text, Shell: by, Env: env,
	})...)
}

// value is the value of a scalar in which expand has replaced what is known by its value, and the rest by Unknown.
func value(text string) plan.Value {
	return plan.Value{Text: text, Known: !strings.Contains(text, invocation.Unknown)}
}

// text is the text of n, "" if it is not a scalar.
func text(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return ""
	}
	return n.Value
}

// fields calls yield for each key of a mapping.
func fields(n *yaml.Node, yield func(key string, value *yaml.Node)) {
	if n = yamltext.Follow(n); n == nil || n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "<<" {
			fields(n.Content[i+1], yield)
			continue
		}
		yield(n.Content[i].Value, yamltext.Follow(n.Content[i+1]))
	}
}

// variables are outer with those of n, whose values expand reads.
func variables(outer map[string]plan.Value, n *yaml.Node, expand func(string) string) map[string]plan.Value {
	out := map[string]plan.Value{}
	maps.Copy(out, outer)
	fields(n, func(name string, x *yaml.Node) {
		if x.Kind == yaml.MappingNode { // of GitLab, with a description
			x = yamltext.Get(x, "value")
		}
		if x == nil || x.Kind != yaml.ScalarNode {
			out[name] = plan.Value{}
			return
		}
		out[name] = value(expand(x.Value))
	})
	return out
}

// dollars replaces `$NAME` and `${NAME}` in text by what env has.
func dollars(text string, env map[string]plan.Value) plan.Value {
	if !strings.Contains(text, "$") {
		return described.Known(text)
	}
	return invocation.Value(text, env)
}

// split is the non-empty lines of the value of an input.
func split(s string) []string {
	var out []string
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

// assignments are the build arguments that lines set.
func assignments(list []string) map[string]plan.Value {
	out := map[string]plan.Value{}
	for _, x := range list {
		if name, v, ok := strings.Cut(x, "="); ok && !strings.Contains(name, "$") {
			out[name] = value(v)
		}
	}
	return out
}
