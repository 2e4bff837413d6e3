package ci

import (
	"cmp"
	"encoding/json"
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

// maxMatrix bounds the jobs of one matrix.
const maxMatrix = 100

// github reads a workflow.
func (f *file) github(root *yaml.Node) {
	w := scope{inputs: map[string]plan.Value{}}
	for _, on := range []string{"workflow_dispatch", "workflow_call"} {
		fields(yamltext.Get(root, "on", on, "inputs"), func(name string, _ *yaml.Node) {
			w.inputs[name] = plan.Value{} // whoever starts it decides
		})
	}
	w.env = w.variables(yamltext.Get(root, "env"))
	w.dir = yamltext.Get(root, "defaults", "run", "working-directory")
	w.shell = yamltext.Get(root, "defaults", "run", "shell")
	fields(yamltext.Get(root, "jobs"), func(_ string, job *yaml.Node) {
		if yamltext.Get(job, "steps") == nil {
			return
		}
		for _, row := range matrix(yamltext.Get(job, "strategy", "matrix")) {
			w := w
			w.matrix = row
			w.env = w.variables(yamltext.Get(job, "env"))
			if d := yamltext.Get(job, "defaults", "run", "working-directory"); d != nil {
				w.dir = d
			}
			if s := yamltext.Get(job, "defaults", "run", "shell"); s != nil {
				w.shell = s
			}
			f.githubJob(w, job)
		}
	})
}

// scope is what expressions of a step can name.
type scope struct {
	env, inputs map[string]plan.Value
	matrix      map[string]any // nil without one
	dir, shell  *yaml.Node     // working-directory and shell of the run steps
}

// githubJob reads the steps of a job.
func (f *file) githubJob(w scope, job *yaml.Node) {
	root := described.Known("") // where the repository is checked out; not known before that
	found := false
	for _, step := range yamltext.Items(yamltext.Get(job, "steps")) {
		s := w
		s.env = s.variables(yamltext.Get(step, "env"))
		uses, _, _ := strings.Cut(text(yamltext.Get(step, "uses")), "@")
		with := func(name string) string { return s.expand(text(yamltext.Get(step, "with", name))) }
		line := step.Line
		if u := yamltext.Get(step, "uses"); u != nil {
			line = u.Line
		}
		switch uses {
		case "actions/checkout":
			repository := text(yamltext.Get(step, "with", "repository"))
			foreign := repository != "" && !strings.Contains(repository, "github.repository")
			at := value(with("path"))
			switch {
			case !foreign && !found:
				root, found = at, true
			case foreign && at.Text == "":
				return // another repository is in the place of this one
			}
		case "docker/build-push-action", "docker/build-push-action/", "depot/build-push-action", "useblacksmith/build-push-action":
			f.add(s.buildPush(described.Source{Kind: f.source.Kind, File: f.source.File, Line: line}, with, root)...)
		case "docker/bake-action", "depot/bake-action", "useblacksmith/bake-action":
			f.add(s.bake(described.Source{Kind: f.source.Kind, File: f.source.File, Line: line}, with, root))
		case "redhat-actions/buildah-build":
			f.add(s.buildahBuild(described.Source{Kind: f.source.Kind, File: f.source.File, Line: line}, with, root)...)
		}
		run := yamltext.Get(step, "run")
		if run == nil {
			continue
		}
		at := text(yamltext.Get(step, "working-directory"))
		if at == "" {
			at = text(s.dir)
		}
		dir := s.in(root, value(s.expand(cmp.Or(at, "."))))
		by := s.expand(text(s.shell))
		if x := text(yamltext.Get(step, "shell")); x != "" {
			by = x
		}
		by, _, _ = strings.Cut(by, " ")
		switch by {
		case "":
			by = "bash"
		case "bash", "sh":
		default:
			continue
		}
		env := maps.Clone(s.env)
		env["GITHUB_WORKSPACE"] = described.Known(path.Join(described.Root, up(root)))
		f.shell(s.expand(run.Value), yamltext.FirstLine(run), dir, by, env)
	}
}

// up leads from the checked-out repository at root to the workspace.
func up(root plan.Value) string {
	if root.Text == "" || root.Text == "." {
		return "."
	}
	return strings.Repeat("../", strings.Count(path.Clean(root.Text), "/")+1)
}

// in is a directory of the workspace as a path in the repository, which is checked out at root.
func (s *scope) in(root, dir plan.Value) plan.Value {
	switch {
	case !dir.Known || !root.Known:
		return plan.Value{}
	case path.IsAbs(dir.Text):
		return dir
	}
	at := path.Clean(path.Join("/", root.Text))
	name := path.Join("/", dir.Text)
	if at == "/" {
		return described.Known(path.Clean(dir.Text))
	}
	switch rest, ok := strings.CutPrefix(name, at); {
	case ok && rest == "":
		return described.Known(".")
	case ok && rest[0] == '/':
		return described.Known(rest[1:])
	}
	return described.Known(path.Join("..", strings.Repeat("../", strings.Count(at, "/")-1), dir.Text))
}

// buildPush is the build of docker/build-push-action. Without a context it is the repository itself, from its root.
// Source: https://github.com/docker/build-push-action#git-context
func (s *scope) buildPush(source described.Source, with func(string) string, root plan.Value) []described.Build {
	b := described.Build{
		Source: source, Bases: []string{"."}, Target: value(with("target")), Builder: described.BuildKit,
		Args: assignments(split(with("build-args"))),
	}
	for _, line := range split(with("build-contexts")) {
		if name, v, ok := strings.Cut(line, "="); ok {
			if b.Contexts == nil {
				b.Contexts = map[string]string{}
			}
			b.Contexts[name] = v
		}
	}
	b.Platforms = platforms(with("platforms"))
	context, file := with("context"), with("file")
	git := context == ""
	if rest, ok := strings.CutPrefix(context, defaultContext); ok {
		git = true
		context = strings.TrimPrefix(rest, ":")
	}
	switch {
	case git && !strings.Contains(context, "$"):
		b.Context = described.Known(path.Join(".", context))
		if file == "" {
			file = "Dockerfile"
		}
		b.Dockerfile = described.In(b.Context, value(file))
		return []described.Build{b}
	case described.Remote(context):
		return nil
	}
	b.Context = s.in(root, value(context))
	if file == "" {
		b.Dockerfile = described.In(b.Context, described.Known("Dockerfile"))
	} else {
		b.Dockerfile = s.in(root, value(file))
	}
	return []described.Build{b}
}

// bake is the command of docker/bake-action. It runs at the root of the repository, or in `workdir`.
// Source: https://github.com/docker/bake-action#inputs
func (s *scope) bake(source described.Source, with func(string) string, root plan.Value) described.Build {
	b := described.Build{Source: source, Bases: []string{"."}, From: &described.From{Kind: described.Bake}}
	switch dir, source := with("workdir"), with("source"); {
	case source == "" || strings.HasPrefix(source, defaultContext):
		_, sub, _ := strings.Cut(source, defaultContext+":")
		b.Context = value(path.Join(".", sub, dir))
	case described.Remote(source):
		b.Context = plan.Value{}
	default:
		b.Context = s.in(root, value(path.Join(source, dir)))
	}
	for _, name := range []string{"files", "targets", "set"} {
		var list []plan.Value
		for _, line := range split(with(name)) {
			if name == "set" {
				list = append(list, value(line))
				continue
			}
			for x := range strings.SplitSeq(line, ",") {
				if x = strings.TrimSpace(x); x != "" {
					list = append(list, value(x))
				}
			}
		}
		switch name {
		case "files":
			b.From.Files = list
		case "targets":
			b.From.Targets = list
		default:
			b.From.Set = list
		}
	}
	return b
}

// defaultContext is what expand makes of `{{defaultContext}}`.
const defaultContext = "{{defaultContext}}"

// buildahBuild is the build of redhat-actions/buildah-build.
func (s *scope) buildahBuild(source described.Source, with func(string) string, root plan.Value) []described.Build {
	context := with("context")
	if context == "" {
		context = "."
	}
	var out []described.Build
	files := split(with("containerfiles") + "\n" + with("dockerfiles"))
	if len(files) == 0 {
		return nil
	}
	for _, file := range files {
		out = append(out, described.Build{
			Source: source, Bases: []string{"."}, Builder: described.Buildah, Target: described.Known(""),
			DockerFormat: with("oci") != "true",
			Context:      s.in(root, value(context)), Dockerfile: s.in(root, value(file)), Args: assignments(split(with("build-args"))),
			Platforms: platforms(with("platforms")),
		})
	}
	return out
}

func platforms(list string) []string {
	var out []string
	for _, p := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == '\n' || r == ' ' }) {
		if !strings.Contains(p, "$") {
			out = append(out, p)
		}
	}
	return out
}

// variables are those of s with those of n.
func (s *scope) variables(n *yaml.Node) map[string]plan.Value { return variables(s.env, n, s.expand) }

// expand replaces the expressions in text.
func (s *scope) expand(text string) string {
	if !strings.Contains(text, "${{") {
		return text
	}
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "${{")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		expression, after, ok := strings.Cut(rest, "}}")
		if !ok {
			return out.String() + invocation.Unknown
		}
		if v := s.lookup(strings.TrimSpace(expression)); v.Known && !strings.ContainsAny(v.Text, "\n$`\"'\\") {
			out.WriteString(v.Text)
		} else {
			out.WriteString(invocation.Unknown + strings.Repeat("\\\n", strings.Count(expression, "\n")))
		}
		text = after
	}
}

// lookup is the value of an expression.
func (s *scope) lookup(expression string) plan.Value {
	first, name, _ := strings.Cut(expression, ".")
	switch {
	case expression == "github.workspace":
		return described.Known(described.Root)
	case len(expression) > 1 && expression[0] == '\'' && strings.Count(expression, "'") == 2 && strings.HasSuffix(expression, "'"):
		return described.Known(expression[1 : len(expression)-1])
	case first == "env":
		if v, ok := s.env[name]; ok {
			return v
		}
	case first == "matrix" && s.matrix != nil:
		var at any = s.matrix
		for part := range strings.SplitSeq(name, ".") {
			m, ok := at.(map[string]any)
			if !ok {
				return plan.Value{}
			}
			if at, ok = m[part]; !ok {
				return described.Known("") // as GitHub has it, for a job that an `include` leaves it out of
			}
		}
		if v, ok := at.(string); ok && !strings.Contains(v, "${{") {
			return described.Known(v)
		}
	}
	return plan.Value{}
}

// matrix are the jobs of a matrix; one without values if there is none, and one whose values are not known if an
// expression makes it.
// Source: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrixinclude
func matrix(n *yaml.Node) []map[string]any {
	if n == nil || n.Kind != yaml.MappingNode {
		return []map[string]any{{}}
	}
	rows := []map[string]any{{}}
	axes := map[string]bool{}
	fields(n, func(key string, x *yaml.Node) {
		if key == "include" || key == "exclude" {
			return
		}
		axes[key] = true
		var next []map[string]any
		list := yamltext.Items(x)
		if x.Kind != yaml.SequenceNode {
			list = []*yaml.Node{nil} // an expression
		}
		for _, row := range rows {
			for _, item := range list {
				if len(next) == maxMatrix {
					break
				}
				with := maps.Clone(row)
				with[key] = plain(item)
				next = append(next, with)
			}
		}
		rows = next
	})
	rows = slices.DeleteFunc(rows, func(row map[string]any) bool {
		return slices.ContainsFunc(yamltext.Items(yamltext.Get(n, "exclude")), func(x *yaml.Node) bool { return covers(row, plain(x)) })
	})
	include := yamltext.Get(n, "include")
	if include != nil && include.Kind != yaml.SequenceNode {
		return []map[string]any{nil}
	}
	base := len(rows)
	if len(axes) == 0 {
		rows, base = nil, 0
	}
	for _, x := range yamltext.Items(include) {
		extra, ok := plain(x).(map[string]any)
		if !ok {
			continue
		}
		fits := false
		for _, row := range rows[:base] {
			matches := true
			for key, v := range extra {
				if axes[key] && !equal(row[key], v) {
					matches = false
				}
			}
			if matches {
				maps.Copy(row, extra)
				fits = true
			}
		}
		if !fits && len(rows) < maxMatrix {
			rows = append(rows, extra)
		}
	}
	return rows
}

// covers reports whether row has all values of x.
func covers(row map[string]any, x any) bool {
	m, ok := x.(map[string]any)
	if !ok {
		return false
	}
	for key, v := range m {
		if !equal(row[key], v) {
			return false
		}
	}
	return true
}

func equal(a, b any) bool {
	x, errA := json.Marshal(a)
	y, errB := json.Marshal(b)
	return errA == nil && errB == nil && string(x) == string(y)
}

// plain is n as strings, maps and lists; nil if it is not known.
func plain(n *yaml.Node) any {
	n = yamltext.Follow(n)
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.MappingNode:
		out := map[string]any{}
		fields(n, func(key string, x *yaml.Node) { out[key] = plain(x) })
		return out
	case n.Kind == yaml.SequenceNode:
		return []any{}
	}
	return n.Value
}
