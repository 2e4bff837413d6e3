// Package ci reads the builds that CI services run: GitHub workflows, GitLab pipelines, Google Cloud Build and Azure
// Pipelines. What only a run knows stays unknown.
package ci

import (
	"maps"
	"path"
	"slices"
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
	case dir == workflows || stem == "action":
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

// Repository reads the files of one repository. It is for one goroutine.
type Repository struct {
	// Open is what is in a file, called by its path in the repository; nil if there is none. Without it a file that calls or
	// includes others is read without them.
	Open func(name string) []byte

	parsed map[string]*yaml.Node
	parts  map[string]bool
}

// IsPart reports whether a file that was read calls or includes the one called name, which does nothing by itself.
func (r *Repository) IsPart(name string) bool { return r.parts[name] }

// part is the content of the file called name, which another one calls or includes; nil if it is not there.
func (r *Repository) part(name string) *yaml.Node {
	if n, ok := r.parsed[name]; ok {
		return n
	}
	var root *yaml.Node
	if r.Open != nil && len(r.parsed) < maxParts {
		root = yamltext.Document(r.Open(name))
	}
	if r.parsed == nil {
		r.parsed = map[string]*yaml.Node{}
	}
	r.parsed[name] = root
	return root
}

// uses notes that the file called name is a part of another one.
func (r *Repository) uses(name string) {
	if r.parts == nil {
		r.parts = map[string]bool{}
	}
	r.parts[name] = true
}

// File returns the builds that the file called name starts, a path in the repository. Those of a file that it calls are at
// the line of the call.
func (r *Repository) File(name string, data []byte) []described.Build {
	f := file{Repository: r, source: described.Source{Kind: Of(name), File: name, Line: 1}, within: path.Dir(name), stack: []string{name}}
	if !mentions(f.source.Kind, data) {
		return nil
	}
	top := yamltext.Document(data)
	if top == nil {
		return nil
	}
	switch f.source.Kind { //nolint:exhaustive // those that this package reads
	case described.GitHub:
		if strings.HasPrefix(name, workflows) {
			f.workflow(top, nil)
		} else {
			f.containerAction(top)
		}
	case described.GitLab:
		f.gitlab(top, nil)
	case described.CloudBuild:
		f.cloudBuild(top)
	case described.Azure:
		f.azure(top, nil)
	}
	return f.builds
}

// workflows is the directory of those of GitHub.
const workflows = ".github/workflows/"

// What a file calls or includes is bounded: how deep, how many files of a repository are such parts, and what reading them
// costs.
const (
	maxDepth = 10
	maxParts = 1000
	maxWork  = 4 << 20  // see spend
	aStep    = 400      // what a step costs besides its code
	aCall    = 16 << 10 // what a call or an include costs
)

// mentions reports whether data may describe a build, before it is parsed: by itself, or in a file that it calls.
func mentions(kind described.Kind, data []byte) bool {
	text := string(data)
	has := func(word string) bool { return strings.Contains(text, word) }
	switch {
	case invocation.Mentions(text) || has("kaniko"):
		return true
	case kind == described.GitHub:
		return has("bake-action") || has("github-builder") || callsLocal(text) || has("using:") && has("image:")
	case kind == described.GitLab:
		return has("include:")
	case kind == described.Azure:
		return has("Docker@") || has("template:")
	}
	return false
}

// callsLocal reports whether a line of text is `uses: ./…`.
func callsLocal(text string) bool {
	for {
		_, rest, ok := strings.Cut(text, "uses:")
		if !ok {
			return false
		}
		if strings.HasPrefix(strings.TrimLeft(rest, " '\""), "./") {
			return true
		}
		text = rest
	}
}

type file struct {
	*Repository
	source described.Source // of what is read at the moment; its line is used if called is set
	called bool             // source is where a file calls this one
	within string           // the directory where paths of templates begin
	stack  []string         // the files that call each other, from the first
	work   int
	builds []described.Build
}

// spend reports whether so much more work may be done for one file, in bytes that are read.
func (f *file) spend(n int) bool {
	f.work += n
	return f.work <= maxWork && len(f.builds) < described.MaxBuilds
}

// at is the source of what is on that line.
func (f *file) at(line int) described.Source {
	out := f.source
	if !f.called {
		out.Line = line
	}
	return out
}

// call runs read for the file called name, which this one calls on that line. It does not if that calls too much, or itself.
func (f *file) call(name string, line int, read func()) {
	if len(f.stack) == maxDepth || slices.Contains(f.stack, name) || !f.spend(aCall) {
		return
	}
	source, called := f.source, f.called
	f.source, f.called = f.at(line), true
	f.stack = append(f.stack, name)
	read()
	f.stack = f.stack[:len(f.stack)-1]
	f.source, f.called = source, called
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
	f.code(invocation.Code{Source: f.at(line), Bases: []string{"."}, Dir: dir, Text: text, Shell: by, Env: env})
}

// code adds what c builds.
func (f *file) code(c invocation.Code) {
	if !f.spend(len(c.Text)) {
		return
	}
	builds := invocation.Read(c)
	for i := range builds {
		if f.called {
			builds[i].Source.Line = f.source.Line
		}
	}
	f.add(builds...)
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

// variables are outer with those of n, whose values expand reads.
func variables(outer map[string]plan.Value, n *yaml.Node, expand func(string) string) map[string]plan.Value {
	out := map[string]plan.Value{}
	maps.Copy(out, outer)
	yamltext.Fields(n, func(name string, x *yaml.Node) {
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
