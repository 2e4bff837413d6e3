package ci

import (
	"cmp"
	"encoding/json"
	"fmt"
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

// workflow reads a workflow. The inputs are those that another one calls it with; nil if it starts by itself.
func (f *file) workflow(root *yaml.Node, inputs map[string]plan.Value) {
	w := scope{inputs: inputs}
	w.env = w.variables(yamltext.Get(root, "env"))
	w.dir = yamltext.Get(root, "defaults", "run", "working-directory")
	w.shell = yamltext.Get(root, "defaults", "run", "shell")
	yamltext.Fields(yamltext.Get(root, "jobs"), func(_ string, job *yaml.Node) {
		uses, steps := yamltext.Get(job, "uses"), yamltext.Get(job, "steps")
		if uses == nil && steps == nil {
			return
		}
		for _, row := range w.jobs(yamltext.Get(job, "strategy", "matrix")) {
			w := w
			w.matrix = row
			if uses != nil {
				f.reusable(&w, job, uses)
				continue
			}
			w.env = w.variables(yamltext.Get(job, "env"))
			if d := yamltext.Get(job, "defaults", "run", "working-directory"); d != nil {
				w.dir = d
			}
			if s := yamltext.Get(job, "defaults", "run", "shell"); s != nil {
				w.shell = s
			}
			f.steps(w, &checkout{root: described.Known("")}, steps)
		}
	})
}

// reusable reads the workflow that job uses.
// Source: https://docs.github.com/actions/how-tos/reuse-automations/reuse-workflows
func (f *file) reusable(s *scope, job, uses *yaml.Node) {
	with := func(name string) string { return s.fill(text(yamltext.Get(job, "with", name))) }
	foreign, _, _ := strings.Cut(text(uses), "@")
	switch foreign {
	case "docker/github-builder/.github/workflows/build.yml":
		f.add(s.gitBuild(f.at(uses.Line), with)...)
		return
	case "docker/github-builder/.github/workflows/bake.yml":
		f.add(s.gitBake(f.at(uses.Line), with))
		return
	}
	name, ok := strings.CutPrefix(text(uses), "./")
	if !ok {
		return
	}
	name = path.Clean(name)
	root := f.part(name)
	if root == nil {
		return
	}
	if onlyCalled(root) && name != f.source.File {
		f.uses(name)
	}
	f.call(name, uses.Line, func() {
		f.workflow(root, s.given(yamltext.Get(root, "on", "workflow_call", "inputs"), yamltext.Get(job, "with")))
	})
}

// onlyCalled reports whether a workflow never starts by itself. One that somebody may start by hand as well is meant to be
// started with the same inputs.
func onlyCalled(root *yaml.Node) bool {
	on := yamltext.Get(root, "on")
	if on == nil {
		return false
	}
	names := []string{on.Value}
	if on.Kind != yaml.ScalarNode {
		names = nil
		for _, x := range yamltext.Items(on) {
			names = append(names, x.Value)
		}
		yamltext.Fields(on, func(name string, _ *yaml.Node) { names = append(names, name) })
	}
	return slices.Contains(names, "workflow_call") &&
		!slices.ContainsFunc(names, func(name string) bool { return name != "workflow_call" && name != "workflow_dispatch" })
}

// given are the inputs that declared has, with the values of with, or else their defaults.
func (s *scope) given(declared, with *yaml.Node) map[string]plan.Value {
	out := map[string]plan.Value{}
	yamltext.Fields(declared, func(name string, x *yaml.Node) {
		v := plan.Value{}
		switch given, standard := yamltext.Get(with, name), yamltext.Get(x, "default"); {
		case given != nil && given.Kind == yaml.ScalarNode:
			v = value(s.fill(text(given)))
		case given != nil:
		case standard != nil && standard.Kind == yaml.ScalarNode:
			v = value(new(scope).fill(text(standard)))
		case standard == nil:
			v = described.Known(map[string]string{"boolean": "false", "number": "0"}[text(yamltext.Get(x, "type"))])
		}
		out[strings.ToLower(name)] = v
	})
	return out
}

// scope is what expressions of a step can name.
type scope struct {
	env        map[string]plan.Value
	inputs     map[string]plan.Value // by name in lower case
	matrix     map[string]any        // nil without one
	dir, shell *yaml.Node            // working-directory and shell of the run steps
	action     plan.Value            // the directory of the action that the step belongs to, in the repository
}

// checkout is where the repository is in the workspace of a job.
type checkout struct {
	root  plan.Value
	found bool // root says so; before that it is assumed
	gone  bool // another repository is in the place of this one
}

// steps reads the steps of a job, or of an action.
func (f *file) steps(w scope, at *checkout, steps *yaml.Node) {
	for _, step := range yamltext.Items(steps) {
		if at.gone || !f.spend(aStep) {
			return
		}
		s := w
		s.env = s.variables(yamltext.Get(step, "env"))
		f.step(&s, at, step)
	}
}

func (f *file) step(s *scope, at *checkout, step *yaml.Node) {
	if uses := yamltext.Get(step, "uses"); uses != nil {
		f.action(s, at, step, uses)
	}
	run := yamltext.Get(step, "run")
	if run == nil {
		return
	}
	dir := text(yamltext.Get(step, "working-directory"))
	if dir == "" {
		dir = text(s.dir)
	}
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
		return
	}
	env := maps.Clone(s.env)
	env["GITHUB_WORKSPACE"] = described.Known(path.Join(described.Root, up(at.root)))
	if s.action.Known {
		env["GITHUB_ACTION_PATH"] = s.action
	}
	f.shell(s.expand(run.Value), yamltext.FirstLine(run), s.in(at.root, value(s.fill(cmp.Or(dir, ".")))), by, env)
}

// action reads a step that uses an action.
func (f *file) action(s *scope, at *checkout, step, uses *yaml.Node) {
	with := func(name string) string { return s.fill(text(yamltext.Get(step, "with", name))) }
	if dir, ok := strings.CutPrefix(text(uses), "./"); ok {
		f.local(s, at, step, uses.Line, s.in(at.root, value(dir)))
		return
	}
	source := f.at(uses.Line)
	switch name, _, _ := strings.Cut(text(uses), "@"); name {
	case "actions/checkout":
		repository := text(yamltext.Get(step, "with", "repository"))
		foreign := repository != "" && !strings.Contains(repository, "github.repository")
		dir := value(with("path"))
		switch {
		case !foreign && !at.found:
			at.root, at.found = dir, true
		case foreign && dir.Text == "":
			at.gone = true
		}
	case "docker/build-push-action", "docker/build-push-action/", "depot/build-push-action", "useblacksmith/build-push-action":
		f.add(s.buildPush(source, with, at.root)...)
	case "docker/bake-action", "depot/bake-action", "useblacksmith/bake-action":
		f.add(s.bake(source, with, at.root))
	case "redhat-actions/buildah-build":
		f.add(s.buildahBuild(source, with, at.root)...)
	}
}

// local reads the action in the directory dir of the repository, if steps make it.
// Source: https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#runs-for-composite-actions
func (f *file) local(s *scope, at *checkout, step *yaml.Node, line int, dir plan.Value) {
	name, ok := described.Resolve(dir, ".")
	if !ok {
		return
	}
	root := f.part(path.Join(name, "action.yml"))
	if root == nil {
		root = f.part(path.Join(name, "action.yaml"))
	}
	if root == nil || text(yamltext.Get(root, "runs", "using")) != "composite" {
		return
	}
	inside := scope{
		env: s.env, inputs: s.given(yamltext.Get(root, "inputs"), yamltext.Get(step, "with")),
		action: described.Known(path.Join(described.Root, name)),
	}
	f.call(name, line, func() { f.steps(inside, at, yamltext.Get(root, "runs", "steps")) })
}

// containerAction reads an action that runs in the image of a Dockerfile, whose directory is the context: BuildActionContainerAsync in
// https://github.com/actions/runner/blob/main/src/Runner.Worker/ActionManager.cs.
func (f *file) containerAction(root *yaml.Node) {
	image := yamltext.Get(root, "runs", "image")
	name := text(image)
	if text(yamltext.Get(root, "runs", "using")) != "docker" || name == "" || strings.HasPrefix(name, "docker://") {
		return
	}
	name = path.Join(path.Dir(f.source.File), name)
	f.add(described.Build{
		Source: f.at(image.Line), Bases: []string{"."}, Builder: described.BuildKit, Target: described.Known(""),
		Context: described.Known(path.Dir(name)), Dockerfile: described.Known(name),
	})
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
	b.Tags, b.CacheFrom = split(strings.ReplaceAll(with("tags"), ",", "\n")), nil
	for _, line := range split(with("cache-from")) {
		b.CacheFrom = append(b.CacheFrom, described.Cache(line))
	}
	context, file := with("context"), with("file")
	if sub, ok := strings.CutPrefix(context, defaultContext); context == "" || ok {
		b.Context = value(path.Join(".", strings.TrimPrefix(sub, ":")))
		b.Dockerfile = described.In(b.Context, value(cmp.Or(file, "Dockerfile")))
		return []described.Build{b}
	}
	if described.Remote(context) {
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
	b.From.Files, b.From.Targets, b.From.Set = items(with("files")), items(with("targets")), lines(with("set"))
	b.From.Vars = invocation.Variables(s.env)
	b.From.Vars = append(b.From.Vars, lines(with("vars"))...)
	return b
}

// lines are those of the value of an input.
func lines(text string) []plan.Value {
	var out []plan.Value
	for _, line := range split(text) {
		out = append(out, value(line))
	}
	return out
}

// items are those of the value of an input, on lines or between commas.
func items(text string) []plan.Value { return lines(strings.ReplaceAll(text, ",", "\n")) }

// gitBuild is the build of docker/github-builder, in a directory of the repository.
func (s *scope) gitBuild(source described.Source, with func(string) string) []described.Build {
	return s.buildPush(source, func(name string) string {
		if name == "context" {
			return defaultContext + ":" + with(name)
		}
		return with(name)
	}, described.Known(""))
}

// gitBake is bake of docker/github-builder.
func (s *scope) gitBake(source described.Source, with func(string) string) described.Build {
	return s.bake(source, func(name string) string {
		switch name {
		case "source":
			return defaultContext + ":" + with("context")
		case "targets":
			return with("target")
		case "workdir":
			return ""
		}
		return with(name)
	}, described.Known(""))
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
func (s *scope) variables(n *yaml.Node) map[string]plan.Value { return variables(s.env, n, s.fill) }

// expand replaces the expressions in text, shell code.
func (s *scope) expand(text string) string {
	return s.replace(text, func(v plan.Value, lines int) string {
		if v.Known && !strings.ContainsAny(v.Text, "\n$`\"'\\") {
			return v.Text
		}
		return invocation.Unknown + strings.Repeat("\\\n", lines)
	})
}

// fill replaces the expressions in text, which is a value.
func (s *scope) fill(text string) string {
	return s.replace(text, func(v plan.Value, _ int) string {
		if v.Known || strings.Contains(v.Text, invocation.Unknown) {
			return v.Text
		}
		return invocation.Unknown
	})
}

// maxText bounds a text with the values of its expressions, in bytes.
const maxText = 1 << 20

// replace calls with for the value of each expression in text, and the number of lines that it has more than one.
func (s *scope) replace(text string, with func(v plan.Value, lines int) string) string {
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
		if !ok || out.Len() > maxText {
			return out.String() + invocation.Unknown
		}
		out.WriteString(with(s.evaluate(expression), strings.Count(expression, "\n")))
		text = after
	}
}

// lookup is the value of what has a name.
func (s *scope) lookup(full string) plan.Value {
	first, name, _ := strings.Cut(full, ".")
	if input, ok := strings.CutPrefix(full, "github.event.inputs."); ok {
		first, name = "inputs", input
	}
	switch {
	case full == "github.workspace":
		return described.Known(described.Root)
	case full == "github.action_path":
		return s.action
	case first == "env":
		return s.env[name]
	case first == "inputs":
		return s.inputs[strings.ToLower(name)]
	case first == "matrix" && s.matrix != nil:
		var at any = s.matrix
		for _, part := range strings.Split(name, ".") {
			m, ok := at.(map[string]any)
			if !ok {
				return plan.Value{}
			}
			if at, ok = m[part]; !ok {
				return described.Known("") // as GitHub has it, for a job that an `include` leaves it out of
			}
		}
		if v, ok := at.(string); ok {
			outer := *s
			outer.matrix = nil
			return value(outer.fill(v))
		}
	}
	return plan.Value{}
}

// list are the items of n, a list or an expression that makes one of text; ok is false if they are not known.
func (s *scope) list(n *yaml.Node) (items []any, ok bool) {
	if n.Kind == yaml.SequenceNode {
		for _, x := range n.Content {
			items = append(items, plain(x))
		}
		return items, true
	}
	expression := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(text(n)), "${{"), "}}"))
	inner, begins := strings.CutPrefix(expression, "fromJSON(")
	inner, ends := strings.CutSuffix(inner, ")")
	if !begins || !ends {
		return nil, false
	}
	if v := s.evaluate(inner); !v.Known || json.Unmarshal([]byte(v.Text), &items) != nil {
		return nil, false
	}
	for i, x := range items {
		items[i] = strung(x)
	}
	return items, true
}

// strung is x, decoded from JSON, as plain has values.
func strung(x any) any {
	switch x := x.(type) {
	case map[string]any:
		for key, v := range x {
			x[key] = strung(v)
		}
		return x
	case []any:
		return []any{}
	case nil:
		return ""
	case string:
		return x
	}
	return fmt.Sprint(x)
}

// jobs are the jobs of a matrix; one without values if there is none, and one whose values are not known if an
// expression makes it of what only a run knows.
// Source: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrixinclude
func (s *scope) jobs(n *yaml.Node) []map[string]any {
	if n == nil || n.Kind != yaml.MappingNode {
		return []map[string]any{{}}
	}
	rows := []map[string]any{{}}
	axes := map[string]bool{}
	yamltext.Fields(n, func(key string, x *yaml.Node) {
		if key == "include" || key == "exclude" {
			return
		}
		axes[key] = true
		var next []map[string]any
		list, ok := s.list(x)
		if !ok {
			list = []any{nil}
		}
		for _, row := range rows {
			for _, item := range list {
				if len(next) == maxMatrix {
					break
				}
				with := maps.Clone(row)
				with[key] = item
				next = append(next, with)
			}
		}
		rows = next
	})
	rows = slices.DeleteFunc(rows, func(row map[string]any) bool {
		return slices.ContainsFunc(yamltext.Items(yamltext.Get(n, "exclude")), func(x *yaml.Node) bool { return covers(row, plain(x)) })
	})
	var include []any
	if x := yamltext.Get(n, "include"); x != nil {
		var ok bool
		if include, ok = s.list(x); !ok {
			return []map[string]any{nil}
		}
	}
	base := len(rows)
	if len(axes) == 0 {
		rows, base = nil, 0
	}
	for _, x := range include {
		extra, ok := x.(map[string]any)
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
		yamltext.Fields(n, func(key string, x *yaml.Node) { out[key] = plain(x) })
		return out
	case n.Kind == yaml.SequenceNode:
		return []any{}
	}
	return n.Value
}
