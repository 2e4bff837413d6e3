package runtime

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// task is one program that a container of the target runs: runners such as `npx` or `bundle exec` and scripts of a package.json
// are replaced by what they run.
type task struct {
	words  []shell.Word // the program first; those from a script have the place of the script's name in the Dockerfile
	env    map[string]string
	dir    string      // the working directory in the image
	script *app.Script // the last script on the way, or nil
}

func (t *task) name() string {
	if len(t.words) == 0 || !t.words[0].Literal {
		return ""
	}
	return strings.TrimSuffix(path.Base(t.words[0].Text), ".exe")
}

// arg is the n-th word's text, "" if there are not so many.
func (t *task) arg(n int) string {
	if n >= len(t.words) {
		return ""
	}
	return t.words[n].Text
}

// command makes the words readable by the methods of shell.Command.
func (t *task) command() *shell.Command { return &shell.Command{Words: t.words, Name: t.name()} }

// operand is the index of the first word behind the program that is no flag, nor the value of one of valued; 0 if there is none.
func (t *task) operand(valued ...string) int {
	for i := 1; i < len(t.words); i++ {
		w := t.words[i].Text
		switch {
		case slices.Contains(valued, w):
			i++
		case strings.HasPrefix(w, "-") && len(w) > 1:
		default:
			return i
		}
	}
	return 0
}

// tasks are what a container of the target runs, in order.
func tasks(p *lint.Pass) []task {
	target := p.Plan.Target
	if target == nil {
		return nil
	}
	var out []task
	dir, left := target.End.Workdir.Text, maxTasks
	commands := p.Started().Commands
	for _, c := range commands[:min(len(commands), maxTasks)] {
		if wraps(c) || len(c.Words) == 0 {
			continue
		}
		t := task{words: c.Words, dir: dir, env: map[string]string{}}
		for o := c; o != nil; o = o.Outer {
			for _, a := range o.Assigns {
				t.env[a.Name] = a.Value.Text
			}
		}
		if t.name() == "cd" && len(c.Words) > 1 {
			dir = absolute(dir, c.Words[1].Text)
			continue
		}
		out = append(out, resolve(p, t, &left)...)
	}
	return out
}

func absolute(dir, name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(dir, name)
}

// wraps reports whether another command is what c runs.
func wraps(c *shell.Command) bool {
	return slices.ContainsFunc(c.Script.Commands, func(d *shell.Command) bool { return d.Outer == c })
}

// maxTasks bounds the commands that are looked at: scripts can call each other, many times and in circles.
const maxTasks = 100

// resolve replaces runners and scripts by what they run, in left steps at most.
func resolve(p *lint.Pass, t task, left *int) []task {
	if *left--; *left < 0 {
		return []task{t}
	}
	if inner, ok := unwrap(t); ok {
		return resolve(p, inner, left)
	}
	s, n := script(p, &t)
	if s == nil {
		return []task{t}
	}
	var out []task
	commands := splitScript(s.Command)
	for i, words := range commands {
		if *left < 0 {
			break
		}
		inner := task{dir: t.dir, script: s, env: map[string]string{}}
		for _, w := range words {
			name, value, ok := strings.Cut(w, "=")
			if ok && len(inner.words) == 0 && !strings.HasPrefix(w, "-") {
				inner.env[name] = value
				continue
			}
			inner.words = append(inner.words, shell.Word{Text: w, Span: t.words[n].Span, Literal: !strings.Contains(w, "$")})
		}
		for name, value := range t.env {
			if _, ok := inner.env[name]; !ok {
				inner.env[name] = value
			}
		}
		if len(inner.words) > 0 {
			if i == len(commands)-1 {
				inner.words = append(inner.words, passed(t.words[n+1:])...)
			}
			out = append(out, resolve(p, inner, left)...)
		}
	}
	return out
}

// passed are the arguments that a package manager hands to the script whose name stands before words.
func passed(words []shell.Word) []shell.Word {
	if len(words) > 0 && words[0].Text == "--" {
		return words[1:]
	}
	return words
}

// unwrap takes a runner off.
func unwrap(t task) (task, bool) {
	cut := 0
	switch name := t.name(); name {
	case "npx", "bunx", "pnpx":
		cut = t.operand("-p", "--package", "-c", "--call")
	case "bundle", "poetry", "uv", "pipenv", "pdm", "rye", "hatch":
		i := t.operand("--env-file", "--with", "--directory", "--project", "-C")
		if verb := t.arg(i); i == 0 || verb != "run" && verb != "exec" {
			return t, false
		}
		t.words = t.words[i:]
		cut = t.operand("--env-file", "--with", "--package", "--group", "--extra")
	case "npm", "pnpm", "yarn", "bun":
		i := t.operand("--prefix", "-C", "--dir", "--cwd", "--filter", "-F", "-w", "--workspace")
		switch t.arg(i) {
		case "exec", "dlx", "x":
			t.words = t.words[i:]
			cut = t.operand("-p", "--package")
			if t.arg(1) == "--" {
				cut = 2
			}
		}
	case "cross-env", "cross-env-shell", "ddtrace-run", "opentelemetry-instrument":
		for cut = 1; cut < len(t.words) && strings.Contains(t.words[cut].Text, "="); cut++ {
			key, value, _ := strings.Cut(t.words[cut].Text, "=")
			t.env[key] = value
		}
	case "doppler", "infisical", "dotenv", "dotenvx", "wait-for-it.sh", "wait-for-it", "wait-for", "wait-for.sh":
		cut = 1 + slices.IndexFunc(t.words, func(w shell.Word) bool { return w.Text == "--" })
	default:
		if !python(name) {
			return t, false
		}
		for i := 1; i+1 < len(t.words) && strings.HasPrefix(t.words[i].Text, "-"); i++ {
			switch {
			case t.words[i].Text == "-m" && pythonTool(t.words[i+1].Text):
				cut = i + 1
			case t.words[i].Text == "-m", t.words[i].Text == "-c":
				return t, false
			case t.words[i].Text == "-W", t.words[i].Text == "-X":
				i++
			}
		}
	}
	if cut <= 0 || cut >= len(t.words) {
		return t, false
	}
	t.words = t.words[cut:]
	return t, true
}

func python(name string) bool {
	return strings.HasPrefix(name, "python") && strings.Trim(name[len("python"):], "0123456789.") == ""
}

// pythonTool reports whether `python -m name` is the command of that name.
func pythonTool(name string) bool {
	switch name {
	case "flask", "gunicorn", "uvicorn", "hypercorn", "waitress", "daphne", "fastapi", "django", "mkdocs", "watchfiles", "sanic", "streamlit":
		return true
	}
	return false
}

// script is the script of a package.json that t runs, with the index of the word that names it.
func script(p *lint.Pass, t *task) (*app.Script, int) {
	i, name := scriptName(t)
	if name == "" || app.Of(p) == nil {
		return nil, 0
	}
	dir := t.dir
	if d, ok := t.command().FlagValue("--prefix", "--cwd", "-C", "--dir"); ok {
		dir = absolute(dir, d.Text)
	}
	file, ok := p.Origin(p.Plan.Target, path.Join(dir, "package.json"))
	if !ok {
		return nil, 0
	}
	s, ok := app.Of(p).Script(path.Dir(file), name)
	if !ok {
		return nil, 0
	}
	t.dir = dir
	return &s, i
}

// scriptName is the script that a package manager of Node is told to run, with the index of its word; "" for other commands.
func scriptName(t *task) (int, string) {
	name := t.name()
	switch name {
	case "npm", "pnpm", "yarn", "bun":
	default:
		return 0, ""
	}
	i := t.operand("--prefix", "-C", "--dir", "--cwd", "--loglevel")
	switch verb := t.arg(i); {
	case i == 0, t.command().Has("-w", "--workspace", "--workspaces", "--filter", "-F"):
		return 0, "" // the script of another package
	case verb == "run" || verb == "run-script":
		rest := task{words: t.words[i:]}
		if j := rest.operand("--prefix", "-C", "--dir", "--cwd"); j > 0 {
			return i + j, rest.arg(j)
		}
		return 0, ""
	case verb == "start" && name != "bun", name == "yarn" || name == "pnpm":
		return i, verb
	}
	return 0, ""
}

// splitScript parts the shell code of a package.json into commands and words. It knows quotes, and no more.
func splitScript(code string) [][]string {
	var out [][]string
	var words []string
	var word strings.Builder
	quote, open := byte(0), false
	end := func() {
		if open || word.Len() > 0 {
			words = append(words, word.String())
		}
		word.Reset()
		open = false
	}
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteByte(c)
		case c == '"' || c == '\'':
			quote, open = c, true
		case c == ' ' || c == '\t':
			end()
		case c == '&' || c == '|' || c == ';':
			end()
			if len(words) > 0 {
				out = append(out, words)
			}
			words = nil
		default:
			word.WriteByte(c)
		}
	}
	end()
	if len(words) > 0 {
		out = append(out, words)
	}
	return out
}
