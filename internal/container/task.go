package container

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// Task is one program that the container runs. Runners such as `npx` or `bundle exec`, and the scripts of a package.json, are
// replaced by what they run.
type Task struct {
	Words  []shell.Word      // the program first; those from a script have the place of the script's name in the Dockerfile
	Env    map[string]string // what the command line and the scripts set, not the image
	Dir    string            // the working directory in the image
	Script *app.Script       // the last script on the way, or nil
}

// Name is the program's base name, "" where it is not known.
func (t *Task) Name() string {
	if len(t.Words) == 0 || !t.Words[0].Literal {
		return ""
	}
	return strings.TrimSuffix(path.Base(t.Words[0].Text), ".exe")
}

// Arg is the n-th word's text, "" if there are not so many.
func (t *Task) Arg(n int) string {
	if n >= len(t.Words) {
		return ""
	}
	return t.Words[n].Text
}

// Command has the words, for the methods of shell.Command.
func (t *Task) Command() *shell.Command { return &shell.Command{Words: t.Words, Name: t.Name()} }

// Operand is the index of the first word after the program that is neither a flag nor the value of one of valued; 0 if there is none.
func (t *Task) Operand(valued ...string) int {
	for i := 1; i < len(t.Words); i++ {
		w := t.Words[i].Text
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

func findTasks(p *lint.Pass) []Task {
	target := p.Plan.Target
	if target == nil {
		return nil
	}
	var out []Task
	dir, left := target.End.Workdir.Text, maxTasks
	commands := Of(p).Commands
	for _, c := range commands[:min(len(commands), maxTasks)] {
		if wraps(c) || len(c.Words) == 0 {
			continue
		}
		t := Task{Words: c.Words, Dir: dir, Env: map[string]string{}}
		for o := c; o != nil; o = o.Outer {
			for _, a := range o.Assigns {
				t.Env[a.Name] = a.Value.Text
			}
		}
		if t.Name() == "cd" && len(c.Words) > 1 {
			dir = absolute(dir, c.Words[1].Text)
			continue
		}
		out = append(out, resolve(p, t, &left)...)
	}
	return out
}

// wraps reports whether another command of its script is what c runs.
func wraps(c *shell.Command) bool {
	return slices.ContainsFunc(c.Script.Commands, func(d *shell.Command) bool { return d.Outer == c })
}

// maxTasks bounds the commands that are looked at: scripts can call each other, many times and in circles.
const maxTasks = 100

// resolve replaces runners and scripts by what they run, in left steps at most.
func resolve(p *lint.Pass, t Task, left *int) []Task {
	if *left--; *left < 0 {
		return []Task{t}
	}
	if inner, ok := unwrap(t); ok {
		return resolve(p, inner, left)
	}
	s, n := packageScript(p, &t)
	if s == nil {
		return []Task{t}
	}
	var out []Task
	commands := splitScript(s.Command)
	for i, words := range commands {
		if *left < 0 {
			break
		}
		inner := Task{Dir: t.Dir, Script: s, Env: map[string]string{}}
		for _, w := range words {
			name, value, ok := strings.Cut(w, "=")
			if ok && len(inner.Words) == 0 && !strings.HasPrefix(w, "-") {
				inner.Env[name] = value
				continue
			}
			inner.Words = append(inner.Words, shell.Word{Text: w, Span: t.Words[n].Span, Literal: !strings.Contains(w, "$")})
		}
		for name, value := range t.Env {
			if _, ok := inner.Env[name]; !ok {
				inner.Env[name] = value
			}
		}
		if len(inner.Words) > 0 {
			if i == len(commands)-1 {
				inner.Words = append(inner.Words, passed(t.Words[n+1:])...)
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
func unwrap(t Task) (Task, bool) {
	cut := 0
	switch name := t.Name(); name {
	case "npx", "bunx", "pnpx":
		cut = t.Operand("-p", "--package", "-c", "--call")
	case "bundle", "poetry", "uv", "pipenv", "pdm", "rye", "hatch":
		i := t.Operand("--env-file", "--with", "--directory", "--project", "-C")
		if verb := t.Arg(i); i == 0 || verb != "run" && verb != "exec" {
			return t, false
		}
		t.Words = t.Words[i:]
		cut = t.Operand("--env-file", "--with", "--package", "--group", "--extra")
	case "npm", "pnpm", "yarn", "bun":
		i := t.Operand("--prefix", "-C", "--dir", "--cwd", "--filter", "-F", "-w", "--workspace")
		switch t.Arg(i) {
		case "exec", "dlx", "x":
			t.Words = t.Words[i:]
			cut = t.Operand("-p", "--package")
			if t.Arg(1) == "--" {
				cut = 2
			}
		}
	case "cross-env", "cross-env-shell", "ddtrace-run", "opentelemetry-instrument":
		for cut = 1; cut < len(t.Words) && strings.Contains(t.Words[cut].Text, "="); cut++ {
			key, value, _ := strings.Cut(t.Words[cut].Text, "=")
			t.Env[key] = value
		}
	case "doppler", "infisical", "dotenv", "dotenvx", "wait-for-it.sh", "wait-for-it", "wait-for", "wait-for.sh":
		cut = 1 + slices.IndexFunc(t.Words, func(w shell.Word) bool { return w.Text == "--" })
	default:
		if !t.Python() {
			return t, false
		}
		for i := 1; i+1 < len(t.Words) && strings.HasPrefix(t.Words[i].Text, "-"); i++ {
			switch {
			case t.Words[i].Text == "-m" && pythonTool(t.Words[i+1].Text):
				cut = i + 1
			case t.Words[i].Text == "-m", t.Words[i].Text == "-c":
				return t, false
			case t.Words[i].Text == "-W", t.Words[i].Text == "-X":
				i++
			}
		}
	}
	if cut <= 0 || cut >= len(t.Words) {
		return t, false
	}
	t.Words = t.Words[cut:]
	return t, true
}

// Python reports whether the program is Python's interpreter, of whatever version.
func (t *Task) Python() bool {
	name := t.Name()
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

// packageScript is the script of a package.json that t runs, with the index of the word that names it.
func packageScript(p *lint.Pass, t *Task) (*app.Script, int) {
	i, name := t.ScriptName()
	if name == "" || app.Of(p) == nil {
		return nil, 0
	}
	dir := t.Dir
	if d, ok := t.Command().FlagValue("--prefix", "--cwd", "-C", "--dir"); ok {
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
	t.Dir = dir
	return &s, i
}

// ScriptName is the script that a package manager of Node is told to run, with the index of its word; "" for other commands.
func (t *Task) ScriptName() (int, string) {
	name := t.Name()
	switch name {
	case "npm", "pnpm", "yarn", "bun":
	default:
		return 0, ""
	}
	i := t.Operand("--prefix", "-C", "--dir", "--cwd", "--loglevel")
	switch verb := t.Arg(i); {
	case i == 0, t.Command().Has("-w", "--workspace", "--workspaces", "--filter", "-F"):
		return 0, "" // the script of another package
	case verb == "run" || verb == "run-script":
		rest := Task{Words: t.Words[i:]}
		if j := rest.Operand("--prefix", "-C", "--dir", "--cwd"); j > 0 {
			return i + j, rest.Arg(j)
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

// longLived reports whether t runs until it is stopped.
func (t *Task) longLived() bool {
	name, verb := t.Name(), t.Arg(1)
	has := func(part string) bool {
		return slices.ContainsFunc(t.Words[1:], func(w shell.Word) bool { return strings.Contains(w.Text, part) })
	}
	switch name {
	case "gunicorn", "uvicorn", "hypercorn", "daphne", "waitress-serve", "granian", "puma", "unicorn", "thin", "rackup", "sidekiq", "php-fpm", "apache2-foreground",
		"httpd-foreground", "pm2-runtime", "uwsgi", "nodemon", "ts-node", "http-server", "serve", "kafka-server-start.sh":
		return !t.Command().Has("--version", "--help", "--check-config")
	case "java":
		return has("-jar") || t.Operand("-cp", "-classpath", "--class-path", "-m") > 0
	case "node", "tsx":
		at := t.Operand("-r", "--require", "--import", "--loader")
		return at > 0 && verb != "-e" && verb != "-p" && !ends(t.Arg(at))
	case "npm", "yarn", "pnpm":
		if verb == "start" {
			return true
		}
		_, script := t.ScriptName()
		return strings.HasPrefix(script, "start") || strings.HasPrefix(script, "serve") || strings.HasPrefix(script, "dev") || strings.HasPrefix(script, "prod")
	case "flask", "fastapi", "streamlit", "caddy":
		return has("run") || has("dev")
	case "celery":
		return has("worker") || has("beat") || has("flower")
	case "catalina.sh":
		return verb == "run"
	case "next", "nest":
		return verb == "start"
	case "rails":
		return verb == "server" || verb == "s"
	case "supervisord":
		return t.Command().Has("-n", "--nodaemon")
	case "nginx":
		return has("daemon off")
	case "dotnet":
		return strings.HasSuffix(verb, ".dll")
	case "mix":
		return verb == "phx.server"
	case "php":
		return verb == "-S" || has("queue:work") || has("octane:") || has("horizon") || has("serve")
	case "django-admin", "manage.py":
		return strings.HasPrefix(verb, "runserver")
	}
	if !t.Python() {
		return false
	}
	if file := t.Arg(t.Operand("-W", "-X", "-m", "-c")); strings.HasSuffix(file, "manage.py") {
		return has("runserver")
	}
	if t.Command().Has("-c") || t.Operand() == 0 {
		return false
	}
	switch module, _ := t.Command().FlagValue("-m"); module.Text {
	case "pip", "venv", "compileall", "unittest", "pytest", "alembic":
		return false
	}
	return !ends(t.Arg(t.Operand()))
}

// ends reports whether a program is named for something that ends by itself.
func ends(name string) bool {
	for word := range strings.FieldsFuncSeq(strings.ToLower(path.Base(name)), func(r rune) bool { return r < 'a' || r > 'z' }) {
		switch word {
		case "migrate", "migration", "migrations", "init", "setup", "seed", "wait", "check", "test", "tests", "collect", "create", "build", "install", "load", "upgrade", "generate":
			return true
		}
	}
	return false
}
