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

// pipeline is a GitLab pipeline with the files that it includes: what a later one says wins.
type pipeline []fragment

// fragment is a file of a pipeline, or a part of it.
type fragment struct {
	*yaml.Node
	file string
}

// gitlab reads a GitLab pipeline, which another one may start with those variables. Jobs that others extend are read with
// them.
func (f *file) gitlab(root *yaml.Node, given map[string]plan.Value) {
	p := f.included(fragment{root, f.source.File}, nil)
	same := func(s string) string { return s }
	global := map[string]plan.Value{"CI_PROJECT_DIR": described.Known(described.Root), "PWD": {}}
	maps.Copy(global, given)
	var names []string
	for _, part := range p {
		global = variables(global, yamltext.Get(part.Node, "variables"), same)
		yamltext.Fields(part.Node, func(name string, _ *yaml.Node) {
			if !slices.Contains(names, name) && len(names) < maxJobs {
				names = append(names, name)
			}
		})
	}
	before := p.last("before_script")
	if d := p.last("default", "before_script"); d.Node != nil {
		before = d
	}
	for _, name := range names {
		if !f.spend(aStep) {
			return
		}
		job := p.last(name)
		if job.Node == nil || job.Kind != yaml.MappingNode || strings.HasPrefix(name, ".") && yamltext.Get(job.Node, "script") == nil {
			continue
		}
		env := maps.Clone(global)
		var script fragment
		var trigger, parallel *yaml.Node
		first := before
		for _, part := range slices.Backward(p.extended(name, nil)) { // what a job says itself wins
			env = variables(env, yamltext.Get(part.Node, "variables"), same)
			if s := yamltext.Get(part.Node, "script"); s != nil {
				script = fragment{s, part.file}
			}
			if b := yamltext.Get(part.Node, "before_script"); b != nil {
				first = fragment{b, part.file}
			}
			if t := yamltext.Get(part.Node, "trigger"); t != nil {
				trigger = t
			}
			if m := yamltext.Get(part.Node, "parallel", "matrix"); m != nil {
				parallel = m
			}
		}
		for _, row := range gitlabMatrix(parallel) {
			env := maps.Clone(env)
			maps.Copy(env, row)
			env = resolved(env)
			f.trigger(trigger, env)
			for _, line := range p.joined(first, script) {
				own := f.source.File
				f.source.File = line.file
				f.shell(line.text, line.number, described.Known("."), "sh", env)
				f.source.File = own
			}
		}
	}
}

// resolved are variables whose values may name others, a few of them in a row.
func resolved(env map[string]plan.Value) map[string]plan.Value {
	for range 5 {
		next := maps.Clone(env)
		open := false
		for name, v := range env {
			if v.Known && strings.Contains(v.Text, "$") {
				next[name], open = dollars(v.Text, env), true
			}
		}
		if env = next; !open {
			break
		}
	}
	return env
}

// maxJobs bounds the jobs of a pipeline.
const maxJobs = 2000

// trigger reads the pipelines of the repository that a job starts.
func (f *file) trigger(n *yaml.Node, env map[string]plan.Value) {
	f.each(yamltext.Get(n, "include"), func(name string, line int, text func(string) string) {
		root := f.fragment(name, text)
		if root == nil {
			return
		}
		f.call(name, line, func() {
			f.source.File, f.called = name, false // it is a pipeline of its own
			f.gitlab(root, env)
		})
	})
}

// included are the files that the one with root includes, each after those that it includes itself, and that one at last.
func (f *file) included(root fragment, seen []string) pipeline {
	var out pipeline
	f.each(yamltext.Get(root.Node, "include"), func(name string, _ int, text func(string) string) {
		if slices.Contains(seen, name) || len(seen) > maxDepth {
			return
		}
		if n := f.fragment(name, text); n != nil && f.spend(aCall) {
			out = append(out, f.included(fragment{n, name}, append(slices.Clip(seen), name))...)
		}
	})
	return append(out, root)
}

// each calls yield for the files of the repository that n, the value of `include`, names: with the line of each, and what puts the
// inputs that it gives into the text of the file.
// Source: https://docs.gitlab.com/ci/yaml/#includelocal
func (f *file) each(n *yaml.Node, yield func(name string, line int, text func(string) string)) {
	list := yamltext.Items(n)
	if n = yamltext.Follow(n); n != nil && n.Kind != yaml.SequenceNode {
		list = []*yaml.Node{n}
	}
	for _, x := range list {
		local := x
		if x.Kind == yaml.MappingNode {
			local = yamltext.Get(x, "local")
		}
		name := strings.TrimPrefix(text(local), "/")
		if name == "" || strings.ContainsAny(name, "*$:") {
			continue
		}
		yield(path.Clean(name), x.Line, func(input string) string { return text(yamltext.Get(x, "inputs", input)) })
	}
}

// fragment is the file called name, a part of a pipeline, with the inputs that given has, or else their defaults.
// Source: https://docs.gitlab.com/ci/inputs/
func (f *file) fragment(name string, given func(input string) string) *yaml.Node {
	root := f.part(name)
	if root == nil {
		return nil
	}
	f.uses(name)
	inputs := yamltext.Get(root, "spec", "inputs")
	if yamltext.Get(root, "spec") == nil {
		return root
	}
	header, body, ok := strings.Cut(string(f.Open(name)), "\n---")
	if !ok || !f.spend(len(body)) {
		return nil
	}
	lines := strings.Repeat("\n", strings.Count(header, "\n")+1)
	return yamltext.Document([]byte(lines + between(body, "$[[", "]]", func(expression string) string {
		input, ok := strings.CutPrefix(expression, "inputs.")
		if v := given(input); v != "" && !strings.Contains(v, "$[[") {
			return v
		}
		if d := yamltext.Get(inputs, input, "default"); ok && d != nil && d.Kind == yaml.ScalarNode {
			return text(d)
		}
		return invocation.Unknown
	})))
}

// between replaces what is between two brackets in text, and the brackets.
func between(text, left, right string, with func(string) string) string {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(text, left)
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		inside, after, ok := strings.Cut(rest, right)
		if !ok || out.Len() > maxText {
			return out.String()
		}
		out.WriteString(with(strings.TrimSpace(inside)))
		text = after
	}
}

// last is what the last file with keys says.
func (p pipeline) last(keys ...string) fragment {
	for i := len(p) - 1; i >= 0; i-- {
		part := p[i]
		if n := yamltext.Get(part.Node, keys...); n != nil {
			return fragment{n, part.file}
		}
	}
	return fragment{}
}

// extended are the job called name and those that it extends, the nearest first. Several files may say something of each.
func (p pipeline) extended(name string, seen []fragment) []fragment {
	var extends *yaml.Node
	for i := len(p) - 1; i >= 0; i-- {
		part := p[i]
		if n := yamltext.Get(part.Node, name); n != nil {
			if len(seen) > maxExtended {
				return seen
			}
			seen = append(seen, fragment{n, part.file})
			if extends == nil {
				extends = yamltext.Get(n, "extends")
			}
		}
	}
	names := yamltext.Items(extends)
	if extends != nil && extends.Kind == yaml.ScalarNode {
		names = []*yaml.Node{extends}
	}
	for i := len(names) - 1; i >= 0; i-- {
		x := names[i]
		seen = p.extended(x.Value, seen)
	}
	return seen
}

// maxExtended bounds the jobs that one extends.
const maxExtended = 20

// scriptLine is a line of a script, or several, with what comes before it.
type scriptLine struct {
	text, file string
	number     int
}

// joined are the lines of a script, each with the `cd` before it. GitLab runs all of them in one shell.
func (p pipeline) joined(lists ...fragment) []scriptLine {
	var out []scriptLine
	moves := ""
	for _, list := range lists {
		left := maxLines
		for _, x := range p.flat(list, &left, 0) {
			out = append(out, scriptLine{moves + x.Value, x.file, yamltext.FirstLine(x.Node)})
			if strings.HasPrefix(x.Value, "cd ") || strings.HasPrefix(x.Value, "export ") || assignment(x.Value) {
				if !strings.Contains(x.Value, "\n") {
					moves += x.Value + "; "
				}
			}
		}
	}
	return out
}

// flat are the scalars of n, a scalar or a list of them, which may be nested by anchors and references to other jobs. It takes what it
// looks at from left.
func (p pipeline) flat(n fragment, left *int, depth int) []fragment {
	*left--
	switch n.Node = yamltext.Follow(n.Node); {
	case n.Node == nil || depth > maxDepth || *left < 0:
	case n.Tag == "!reference":
		var keys []string
		for _, x := range n.Content {
			keys = append(keys, x.Value)
		}
		return p.flat(p.last(keys...), left, depth+1)
	case n.Kind == yaml.ScalarNode:
		return []fragment{n}
	case n.Kind == yaml.SequenceNode:
		var out []fragment
		for _, x := range n.Content {
			out = append(out, p.flat(fragment{x, n.file}, left, depth+1)...)
		}
		return out
	}
	return nil
}

// maxLines bounds the lines of a script with those that it refers to.
const maxLines = 5000

// assignment reports whether a line only sets a variable.
func assignment(s string) bool {
	name, _, ok := strings.Cut(s, "=")
	return ok && name != "" && !strings.ContainsAny(name, " \t$\"'")
}

// scalars are n, or those in n.
func scalars(n *yaml.Node) []*yaml.Node {
	if n != nil && n.Kind == yaml.ScalarNode {
		return []*yaml.Node{n}
	}
	var out []*yaml.Node
	for _, x := range yamltext.Items(n) {
		if x.Kind == yaml.ScalarNode {
			out = append(out, x)
		}
	}
	return out
}

// gitlabMatrix are the variables of the jobs of a parallel matrix; one set of none without one.
func gitlabMatrix(n *yaml.Node) []map[string]plan.Value {
	var out []map[string]plan.Value
	for _, x := range yamltext.Items(n) {
		rows := []map[string]plan.Value{{}}
		yamltext.Fields(x, func(name string, v *yaml.Node) {
			list := yamltext.Items(v)
			if v.Kind == yaml.ScalarNode {
				list = []*yaml.Node{v}
			}
			var next []map[string]plan.Value
			for _, row := range rows {
				for _, item := range list {
					if len(next) == maxMatrix {
						break
					}
					with := maps.Clone(row)
					with[name] = described.Known(text(item))
					next = append(next, with)
				}
			}
			rows = next
		})
		out = append(out, rows...)
	}
	if len(out) == 0 {
		return []map[string]plan.Value{{}}
	}
	return out
}

// cloudBuild reads a configuration of Google Cloud Build.
// Source: https://cloud.google.com/build/docs/build-config-file-schema
func (f *file) cloudBuild(root *yaml.Node) {
	env := variables(nil, yamltext.Get(root, "substitutions"), func(s string) string { return s })
	bases := []string{"."}
	if dir := path.Dir(f.source.File); dir != "." {
		bases = append(bases, dir) // a build is submitted with a directory
	}
	for _, step := range yamltext.Items(yamltext.Get(root, "steps")) {
		name := text(yamltext.Get(step, "name"))
		dir := described.Known(".")
		if d := text(yamltext.Get(step, "dir")); d != "" {
			dir = dollars(d, env)
		}
		if path.IsAbs(dir.Text) {
			dir = workspaceDir(dir)
		}
		entry := text(yamltext.Get(step, "entrypoint"))
		var words []string
		line := step.Line
		for _, a := range scalars(yamltext.Get(step, "args")) {
			if len(words) == 0 {
				line = a.Line
			}
			words = append(words, a.Value)
		}
		source := f.source
		source.Line = line
		code := invocation.Code{Source: source, Bases: bases, Dir: dir, Shell: "bash", Env: env}
		switch script := yamltext.Get(step, "script"); {
		case script != nil:
			code.Text, code.Source.Line = script.Value, yamltext.FirstLine(script)
		case strings.Contains(name, "kaniko"):
			code.Text = "/kaniko/executor " + quoted(words, env)
			if !strings.Contains(code.Text, "--context") {
				code.Text += " --context=." // the image of Cloud Build is set up so
			}
		case (entry == "bash" || entry == "sh" || entry == "/bin/bash" || entry == "/bin/sh") && len(words) > 1:
			code.Text = words[len(words)-1]
			if n := len(scalars(yamltext.Get(step, "args"))); n > 0 {
				code.Source.Line = yamltext.FirstLine(scalars(yamltext.Get(step, "args"))[n-1])
			}
		case (strings.Contains(name, "cloud-builders/docker") || name == "docker" || strings.HasPrefix(name, "docker:")) &&
			(entry == "" || path.Base(entry) == "docker"):
			code.Text = "docker " + quoted(words, env)
		default:
			continue
		}
		code.Text = strings.ReplaceAll(code.Text, "$$", "$")
		f.code(code)
	}
}

// workspaceDir is dir as a path in the repository, which Cloud Build puts into /workspace.
func workspaceDir(dir plan.Value) plan.Value {
	rest, ok := strings.CutPrefix(path.Clean(dir.Text)+"/", "/workspace/")
	return plan.Value{Text: path.Join(".", rest), Known: ok}
}

// quoted is words as shell code. Those that are not known are Unknown.
func quoted(words []string, env map[string]plan.Value) string {
	var out strings.Builder
	for _, w := range words {
		name, text, ok := strings.Cut(w, "=")
		if !strings.HasPrefix(name, "-") || !ok {
			name, text = "", w
		} else {
			name += "="
		}
		v := dollars(text, env)
		if v.Text = strings.Replace(v.Text, "dir:///workspace", described.Root, 1); strings.HasPrefix(v.Text, "/workspace") {
			v.Text = described.Root + strings.TrimPrefix(v.Text, "/workspace")
		}
		if v.Known && !strings.ContainsAny(v.Text, "'\n") {
			out.WriteString(name + "'" + v.Text + "' ")
		} else {
			out.WriteString(name + `"` + invocation.Unknown + `" `)
		}
	}
	return out.String()
}

// azure reads an Azure pipeline, or a template of one with those parameters.
// Source: https://learn.microsoft.com/azure/devops/pipelines/tasks/reference/docker-v2
func (f *file) azure(root *yaml.Node, parameters map[string]plan.Value) {
	env := maps.Clone(parameters)
	if env == nil {
		env = map[string]plan.Value{}
	}
	env = f.azureVariables(env, yamltext.Get(root, "variables"))
	if x := yamltext.Get(root, "extends"); x != nil {
		f.azureTemplate(x, env)
	}
	f.azureSteps(root, env, 0)
}

// azureSteps reads all steps at or below n: in stages, jobs, deployments and templates.
func (f *file) azureSteps(n *yaml.Node, env map[string]plan.Value, depth int) {
	if n = yamltext.Follow(n); n == nil || depth > 20 {
		return
	}
	if n.Kind == yaml.SequenceNode {
		for _, x := range n.Content {
			f.azureSteps(x, env, depth+1)
		}
		return
	}
	if depth > 0 {
		env = f.azureVariables(env, yamltext.Get(n, "variables"))
		f.azureTemplate(n, env)
	}
	yamltext.Fields(n, func(key string, x *yaml.Node) {
		switch {
		case key == "stages", key == "jobs", key == "strategy", key == "runOnce", key == "deploy", key == "preDeploy", strings.HasPrefix(key, "${{"):
			f.azureSteps(x, env, depth+1)
		case key == "steps":
			for _, step := range yamltext.Items(x) {
				f.azureTemplate(step, env)
				f.azureStep(step, env)
			}
		}
	})
}

// azureTemplate reads the template that n, a part of a pipeline, names.
// Source: https://learn.microsoft.com/azure/devops/pipelines/process/templates
func (f *file) azureTemplate(n *yaml.Node, env map[string]plan.Value) {
	name, root := f.template(n)
	if root == nil {
		return
	}
	parameters := maps.Clone(env)
	maps.DeleteFunc(parameters, func(name string, _ plan.Value) bool { return strings.HasPrefix(name, "parameters.") })
	set := func(name string, x *yaml.Node) {
		v := plan.Value{}
		if x != nil && x.Kind == yaml.ScalarNode {
			v = value(macros(text(x), env))
		}
		parameters["parameters."+name] = v
	}
	declared := yamltext.Get(root, "parameters")
	for _, x := range yamltext.Items(declared) {
		set(text(yamltext.Get(x, "name")), yamltext.Get(x, "default"))
	}
	yamltext.Fields(declared, set)
	yamltext.Fields(yamltext.Get(n, "parameters"), set)
	f.call(name, n.Line, func() {
		own := f.within
		f.within = path.Dir(name)
		f.azure(root, parameters)
		f.within = own
	})
}

// template is the file of the repository that n names, with its name. Its path begins where the file that names it is.
func (f *file) template(n *yaml.Node) (name string, root *yaml.Node) {
	name, other, _ := strings.Cut(text(yamltext.Get(n, "template")), "@")
	if name == "" || other != "" && other != "self" || strings.Contains(name, "$") {
		return "", nil
	}
	if rest, ok := strings.CutPrefix(name, "/"); ok {
		name = path.Clean(rest)
	} else {
		name = path.Join(f.within, name)
	}
	if root = f.part(name); root != nil {
		f.uses(name)
	}
	return name, root
}

func (f *file) azureStep(step *yaml.Node, env map[string]plan.Value) {
	if !f.spend(aStep) {
		return
	}
	source := f.at(step.Line)
	expand := func(n *yaml.Node) string { return macros(text(n), env) }
	dir := described.Known(".")
	if d := expand(yamltext.Get(step, "workingDirectory")); d != "" {
		dir = value(d)
	}
	for _, key := range []string{"script", "bash"} {
		if s := yamltext.Get(step, key); s != nil {
			f.shell(expand(s), yamltext.FirstLine(s), dir, "bash", nil)
		}
	}
	task, _, _ := strings.Cut(text(yamltext.Get(step, "task")), "@")
	in := func(name string) *yaml.Node { return yamltext.Get(step, "inputs", name) }
	switch task {
	case "Bash", "CmdLine":
		for _, key := range []string{"script", "inline"} {
			if s := in(key); s != nil {
				if d := expand(in("workingDirectory")); d != "" {
					dir = value(d)
				}
				f.shell(expand(s), yamltext.FirstLine(s), dir, "bash", nil)
			}
		}
	case "Docker":
		command := text(in("command"))
		if command != "" && command != "build" && command != "buildAndPush" {
			return
		}
		file := text(in("Dockerfile"))
		if file == "" {
			file = text(in("dockerfile"))
		}
		if file == "" {
			file = "**/Dockerfile"
		}
		b := described.Build{Source: source, Bases: []string{"."}, Target: described.Known(""), Builder: described.BuildKit}
		b.Dockerfile = value(macros(file, env))
		if strings.Contains(file, "**") {
			return // the first one that is found
		}
		if context := text(in("buildContext")); context != "" && context != "**" {
			b.Context = value(macros(context, env))
		} else if b.Dockerfile.Known {
			b.Context = described.Known(path.Dir(b.Dockerfile.Text))
		}
		if arguments := text(in("arguments")); strings.Contains(arguments, "--target") {
			b.Target = plan.Value{}
		}
		f.add(b)
	}
}

// azureVariables are outer with those of n, a mapping or a list of names and values, or of templates.
func (f *file) azureVariables(outer map[string]plan.Value, n *yaml.Node) map[string]plan.Value {
	out := maps.Clone(outer)
	if out == nil {
		out = map[string]plan.Value{}
	}
	for _, name := range []string{"Build.SourcesDirectory", "Build.Repository.LocalPath", "System.DefaultWorkingDirectory"} {
		out[name] = described.Known(described.Root)
	}
	if n != nil && n.Kind == yaml.SequenceNode {
		for _, x := range n.Content {
			if name := text(yamltext.Get(x, "name")); name != "" {
				out[name] = value(macros(text(yamltext.Get(x, "value")), out))
			} else if _, root := f.template(x); root != nil && f.spend(aCall) {
				yamltext.Fields(yamltext.Get(root, "variables"), func(name string, x *yaml.Node) { out[name] = value(macros(text(x), out)) })
			}
		}
		return out
	}
	yamltext.Fields(n, func(name string, x *yaml.Node) { out[name] = value(macros(text(x), out)) })
	return out
}

// macros replaces `$(name)` and `${{ … }}` in text.
func macros(text string, env map[string]plan.Value) string {
	var out strings.Builder
	for text != "" {
		i := strings.IndexByte(text, '$')
		if i < 0 || i+1 == len(text) {
			break
		}
		out.WriteString(text[:i])
		rest := text[i+1:]
		switch {
		case strings.HasPrefix(rest, "{{"):
			name, after, ok := strings.Cut(rest[2:], "}}")
			if !ok {
				return out.String() + invocation.Unknown
			}
			name = strings.TrimPrefix(strings.TrimSpace(name), "variables.")
			out.WriteString(known(env[name]))
			text = after
		case rest[0] == '(':
			name, after, ok := strings.Cut(rest[1:], ")")
			if v, set := env[name]; ok && set {
				out.WriteString(known(v))
				text = after
			} else if ok && !strings.ContainsAny(name, " \n$") {
				out.WriteString(invocation.Unknown)
				text = after
			} else {
				out.WriteByte('$')
				text = rest
			}
		default:
			out.WriteByte('$')
			text = rest
		}
	}
	out.WriteString(text)
	return out.String()
}

// known is the text of v, or Unknown.
func known(v plan.Value) string {
	if v.Known && v.Text != "" && !strings.ContainsAny(v.Text, "\n$`\"'") {
		return v.Text
	}
	return invocation.Unknown
}
