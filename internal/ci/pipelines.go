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

// gitlab reads a GitLab pipeline. Jobs that others extend are read with them.
func (f *file) gitlab(root *yaml.Node) {
	global := map[string]plan.Value{"CI_PROJECT_DIR": described.Known(described.Root), "PWD": {}}
	global = variables(global, yamltext.Get(root, "variables"), func(s string) string { return s })
	before := yamltext.Get(root, "before_script")
	if d := yamltext.Get(root, "default", "before_script"); d != nil {
		before = d
	}
	fields(root, func(name string, job *yaml.Node) {
		if job == nil || job.Kind != yaml.MappingNode || strings.HasPrefix(name, ".") && yamltext.Get(job, "script") == nil {
			return
		}
		chain := f.extended(root, job, nil)
		env := maps.Clone(global)
		var script *yaml.Node
		first := before
		for _, part := range slices.Backward(chain) { // what a job says itself wins
			env = variables(env, yamltext.Get(part, "variables"), func(s string) string { return s })
			if s := yamltext.Get(part, "script"); s != nil {
				script = s
			}
			if b := yamltext.Get(part, "before_script"); b != nil {
				first = b
			}
		}
		rows := gitlabMatrix(yamltext.Get(job, "parallel", "matrix"))
		for _, row := range rows {
			env := maps.Clone(env)
			maps.Copy(env, row)
			text, line := joined(first, script)
			for name, v := range env { // variables are written with others
				if v.Known && strings.Contains(v.Text, "$") {
					env[name] = dollars(v.Text, env)
				}
			}
			for i, part := range text {
				f.shell(part, line[i], described.Known("."), "sh", env)
			}
		}
	})
}

// extended are job and the jobs that it extends, the nearest first.
func (f *file) extended(root, job *yaml.Node, seen []*yaml.Node) []*yaml.Node {
	if len(seen) > 10 {
		return seen
	}
	seen = append(seen, job)
	names := yamltext.Items(yamltext.Get(job, "extends"))
	if x := yamltext.Get(job, "extends"); x != nil && x.Kind == yaml.ScalarNode {
		names = []*yaml.Node{x}
	}
	for _, name := range slices.Backward(names) {
		if other := yamltext.Get(root, name.Value); other != nil {
			seen = f.extended(root, other, seen)
		}
	}
	return seen
}

// joined are the lines of a script, each with the `cd` before it, and their numbers. GitLab runs all of them in one shell.
func joined(lists ...*yaml.Node) (text []string, line []int) {
	moves := ""
	for _, n := range lists {
		for _, x := range flat(n, 0) {
			text, line = append(text, moves+x.Value), append(line, yamltext.FirstLine(x))
			if strings.HasPrefix(x.Value, "cd ") || strings.HasPrefix(x.Value, "export ") || assignment(x.Value) {
				if !strings.Contains(x.Value, "\n") {
					moves += x.Value + "; "
				}
			}
		}
	}
	return text, line
}

// assignment reports whether a line only sets a variable.
func assignment(s string) bool {
	name, _, ok := strings.Cut(s, "=")
	return ok && name != "" && !strings.ContainsAny(name, " \t$\"'")
}

// flat are the scalars of n, a scalar or a list of them, which may be nested by anchors and references.
func flat(n *yaml.Node, depth int) []*yaml.Node {
	n = yamltext.Follow(n)
	switch {
	case n == nil || depth > 10:
	case n.Kind == yaml.ScalarNode && n.Tag != "!reference":
		return []*yaml.Node{n}
	case n.Kind == yaml.SequenceNode && n.Tag != "!reference":
		var out []*yaml.Node
		for _, x := range n.Content {
			out = append(out, flat(x, depth+1)...)
		}
		return out
	}
	return nil
}

// gitlabMatrix are the variables of the jobs of a parallel matrix; one set of none without one.
func gitlabMatrix(n *yaml.Node) []map[string]plan.Value {
	var out []map[string]plan.Value
	for _, x := range yamltext.Items(n) {
		rows := []map[string]plan.Value{{}}
		fields(x, func(name string, v *yaml.Node) {
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
		for _, a := range flat(yamltext.Get(step, "args"), 0) {
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
			if n := len(flat(yamltext.Get(step, "args"), 0)); n > 0 {
				code.Source.Line = yamltext.FirstLine(flat(yamltext.Get(step, "args"), 0)[n-1])
			}
		case (strings.Contains(name, "cloud-builders/docker") || name == "docker" || strings.HasPrefix(name, "docker:")) &&
			(entry == "" || path.Base(entry) == "docker"):
			code.Text = "docker " + quoted(words, env)
		default:
			continue
		}
		code.Text = strings.ReplaceAll(code.Text, "$$", "$")
		f.add(invocation.Read(code)...)
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

// azure reads an Azure pipeline.
// Source: https://learn.microsoft.com/azure/devops/pipelines/tasks/reference/docker-v2
func (f *file) azure(root *yaml.Node) {
	f.azureSteps(root, azureVariables(nil, yamltext.Get(root, "variables")), 0)
}

// azureSteps reads all steps at or below n: in stages, jobs and deployments.
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
		env = azureVariables(env, yamltext.Get(n, "variables"))
	}
	fields(n, func(key string, x *yaml.Node) {
		switch {
		case key == "stages", key == "jobs", key == "strategy", key == "runOnce", key == "deploy", key == "preDeploy", strings.HasPrefix(key, "${{"):
			f.azureSteps(x, env, depth+1)
		case key == "steps":
			for _, step := range yamltext.Items(x) {
				f.azureStep(step, env)
			}
		}
	})
}

func (f *file) azureStep(step *yaml.Node, env map[string]plan.Value) {
	source := f.source
	source.Line = step.Line
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

// azureVariables are outer with those of n, a mapping or a list of names and values.
func azureVariables(outer map[string]plan.Value, n *yaml.Node) map[string]plan.Value {
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
			}
		}
		return out
	}
	fields(n, func(name string, x *yaml.Node) { out[name] = value(macros(text(x), out)) })
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
