package runtime

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// ScriptWithoutExec reports a script of the build context that the container starts with and whose last command starts a server
// without `exec`, or is `"$@"` where CMD names one: the shell stays process 1, and signals end there. Scripts that see to signals
// themselves, by trap, wait or exec, are left alone, and so is what an init wraps: what becomes of a signal is up to it. Images
// for development are left alone too.
var ScriptWithoutExec = &lint.Rule{
	Name: "script-without-exec", Summary: "the script that starts the container runs the server without `exec`", Category: lint.Runtime,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnContext(func(p *lint.Pass) {
		if p.Plan.ForDevelopment() {
			return
		}
		for _, s := range entryScripts(p) {
			if !s.first() || s.crlf() {
				continue // unstartable-script speaks of the other
			}
			sc := s.script()
			if sc.Dialect == shell.Other || s.rewritten(p) {
				continue
			}
			for _, c := range sc.Tails() {
				if name, ok := s.serves(p, c); ok {
					line := 1 + strings.Count(s.text[:c.Span.Start], "\n")
					p.Report(s.word.Span, "`%s` runs `%s` without `exec`", s.word.Text, name).
						Because("the shell stays process 1 and does not pass signals on: `docker stop` waits ten seconds, then kills the server").
						Advise("write `exec %s` in line %d of `%s`", text(s, c), line, s.File).
						RelateFile(s.File, line, "`exec` is missing here")
					break
				}
			}
		}
	}),
}

// first reports whether the script itself, or the shell that reads it, is the container's first process: no init or other program
// stands before it, and nothing goes on beside it.
func (s *entryScript) first() bool {
	c := s.command
	for o := c.Outer; o != nil; o = o.Outer {
		if o.Name != "exec" && o.Name != "env" {
			return false
		}
	}
	return c.PipeFrom == nil && c.PipeTo == nil && (c.Stmt == nil || !c.Stmt.Background)
}

// script is the code of the script as the shell that is named on the command line, or in the script, reads it.
func (s *entryScript) script() *shell.Script {
	if s.shell {
		return shell.ReadFile(s.text, s.command.Name)
	}
	return shell.ReadFile(s.text, "")
}

// text is the whole command as the script has it, from its outermost wrapper on.
func text(s *entryScript, c *shell.Command) string {
	for c.Outer != nil {
		c = c.Outer
	}
	start := c.Words[0].Span.Start
	line, _, _ := strings.Cut(s.text[start:c.Span.End], "\n")
	return strings.TrimSpace(strings.TrimSuffix(line, "\\"))
}

// serves reports whether c, the last command of a script, starts what the container is there for, and under which name.
func (s *entryScript) serves(p *lint.Pass, c *shell.Command) (name string, ok bool) {
	for o := c.Outer; o != nil; o = o.Outer {
		switch o.Name {
		case "env", "nice", "command", "gosu", "su-exec", "chroot", "nohup":
		default:
			return "", false
		}
	}
	if len(c.Words) == 0 {
		return "", false
	}
	switch c.Words[0].Text {
	case "$@", "$*", "${@}":
		at := c.Words[0].Span
		return s.text[at.Start:at.End], len(c.Words) == 1 && s.handed(p)
	}
	t := task{words: c.Words, env: map[string]string{}}
	for range maxTasks {
		inner, ok := unwrap(t)
		if !ok {
			break
		}
		t = inner
	}
	if !longLived(&t) {
		return "", false
	}
	return c.Name, true
}

// handed reports whether the script is given a command to run, behind its name or by CMD, that is no shell, no console and no tool
// that says how to call it.
func (s *entryScript) handed(p *lint.Pass) bool {
	words := s.command.Words
	i := slices.IndexFunc(words, func(w shell.Word) bool { return w.Span == s.word.Span })
	if words = words[i+1:]; len(words) == 0 {
		cmd := p.Plan.Target.Command().Cmd
		if cmd == nil || s.command.Script.Step != p.Plan.Target.Command().Entrypoint {
			return false
		}
		sc := shell.ReadCommand(cmd)
		if sc == nil || len(sc.Commands) == 0 {
			return false
		}
		words = sc.Commands[len(sc.Commands)-1].Words
	}
	if len(words) == 0 {
		return false
	}
	switch last := words[len(words)-1].Text; {
	case last == "-h" || last == "--help" || last == "help" || last == "--version":
		return false // a tool that ends by itself
	case len(words) == 1:
		return !interactive(path.Base(last))
	}
	return true
}

// interactive reports whether name is a shell or a console.
func interactive(name string) bool {
	return slices.Contains([]string{"sh", "bash", "ash", "zsh", "irb", "python", "python3", "node"}, name)
}

// longLived reports whether t runs until it is stopped.
func longLived(t *task) bool {
	name, verb := t.name(), t.arg(1)
	has := func(part string) bool {
		return slices.ContainsFunc(t.words[1:], func(w shell.Word) bool { return strings.Contains(w.Text, part) })
	}
	switch name {
	case "gunicorn", "uvicorn", "hypercorn", "daphne", "waitress-serve", "granian", "puma", "unicorn", "thin", "rackup", "sidekiq", "php-fpm", "apache2-foreground",
		"httpd-foreground", "pm2-runtime", "uwsgi", "nodemon", "ts-node", "http-server", "serve", "kafka-server-start.sh":
		return !t.command().Has("--version", "--help", "--check-config")
	case "java":
		return has("-jar") || t.operand("-cp", "-classpath", "--class-path", "-m") > 0
	case "node", "tsx":
		at := t.operand("-r", "--require", "--import", "--loader")
		return at > 0 && verb != "-e" && verb != "-p" && !ends(t.arg(at))
	case "npm", "yarn", "pnpm":
		if verb == "start" {
			return true
		}
		_, script := scriptName(t)
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
		return t.command().Has("-n", "--nodaemon")
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
	if !python(name) {
		return false
	}
	if file := t.arg(t.operand("-W", "-X", "-m", "-c")); strings.HasSuffix(file, "manage.py") {
		return has("runserver")
	}
	if t.command().Has("-c") || t.operand() == 0 {
		return false
	}
	switch module, _ := t.command().FlagValue("-m"); module.Text {
	case "pip", "venv", "compileall", "unittest", "pytest", "alembic":
		return false
	}
	return !ends(t.arg(t.operand()))
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
