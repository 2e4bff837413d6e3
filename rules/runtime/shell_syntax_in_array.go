package runtime

import (
	"path"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// ShellSyntaxInArray reports an operator, a variable or a `~` in an exec form, which no shell reads. It is silent if the
// array runs a shell, for operators that are arguments of programs such as find or expr, for the arguments of an
// ENTRYPOINT that is a script or an unknown program, and where unstartable-array reports the program. If the program may expand a variable itself, confidence is low.
var ShellSyntaxInArray = &lint.Rule{
	Name: "shell-syntax-in-array", Category: lint.Runtime,
	Summary:  "an exec form contains operators or variables that only a shell understands",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		a := arrayOf(s)
		if a == nil || a.own > 0 && !literal(path.Base(a.program)) || a.runsShell() || a.program == "" || partOfShell(a.program) || strings.HasPrefix(a.program, "~/") ||
			expansion.Get().MatchString(a.program) || strings.Contains(a.program, " ") {
			return
		}
		for i, w := range a.args {
			if i == 0 || i < a.own {
				continue
			}
			var f *lint.Finding
			sets := true // a shell would find what the element needs
			switch text := w.Value; {
			case a.operator(i):
				what := "`" + text + "` and what follows as arguments"
				if i == len(a.args)-1 {
					what = "`" + text + "` as an argument"
				}
				f = p.Report(w.Full(), "`%s` is a plain argument in an array", text).
					Because("the exec form does not start a shell, so `%s` gets %s", path.Base(a.program), what).
					Advise("run the command with a shell, as in `[\"/bin/sh\", \"-c\", …]`")
				f.Severity = lint.Error
			case strings.HasPrefix(text, "~/"):
				f = p.Report(w.Full(), "`%s` is not expanded", text).
					Because("the exec form does not start a shell, so `%s` gets a path that begins with `~`", path.Base(a.program)).
					Advise("write the whole path, or run the command with a shell, as in `[\"/bin/sh\", \"-c\", …]`")
				if !literal(path.Base(a.program)) {
					f.Message = "no shell expands `" + text + "`"
					f.Doubting("`%s` may expand it itself", path.Base(a.program))
				}
			default:
				f, sets = a.variable(p, i)
			}
			if f == nil {
				continue
			}
			if sets {
				a.offerShell(p, f, "")
			}
			a.settle(f, false)
			return
		}
	}, "CMD", "ENTRYPOINT", "HEALTHCHECK", "RUN"),
}

// operator reports whether element i is an operator of the shell, and not an argument that looks like one.
func (a *array) operator(i int) bool {
	text, last := a.args[i].Value, i == len(a.args)-1
	switch path.Base(a.program) {
	case "find", "expr", "test", "[", "awk", "gawk", "sed", "grep", "tr", "cut", "sort", "paste", "column", "jq", "bc", "fd", "tmux", "psql", "mysql", "git":
		return false
	}
	before := a.args[i-1].Value
	switch text {
	case "&&", "||":
		return !last
	case "|", ">", ">>", "<", "2>", "2>>", ";":
		return !last && !strings.HasPrefix(before, "-")
	case "2>&1", ">&2", ">/dev/null", "2>/dev/null", "&":
		return text != "&" || last
	}
	return false
}

// reference matches a variable in a text. The groups are what comes before it and its name.
var reference = lazy.Regexp{Expr: `(^|[^\\$])\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?::?[-+=?][^}]*)?\}|([A-Za-z_][A-Za-z0-9_]*))`}

// variable reports a variable in element i, nil if there is none. sets says that it may be set when the array runs.
func (a *array) variable(p *lint.Pass, i int) (f *lint.Finding, sets bool) {
	w := a.args[i]
	if isCode(a.args[i-1].Value) || strings.ContainsAny(w.Value, "\n") {
		return nil, false
	}
	m := reference.Get().FindStringSubmatch(w.Value)
	if m == nil {
		return nil, false
	}
	name := m[2] + m[3]
	set := a.step.Env.Lookup(name)
	if a.step.Instruction.Name != "RUN" {
		set = a.step.Stage.End.Env.Lookup(name)
	}
	if set == nil && (len(name) < 3 || name != strings.ToUpper(name)) {
		return nil, false
	}
	text := strings.TrimPrefix(m[0], m[1])
	span := w.Full()
	if j := strings.Index(w.String, text); j >= 0 {
		span = w.Span(j, j+len(text))
	}
	program := path.Base(a.program)
	f = p.Report(span, "`%s` is not expanded", text).
		Because("the exec form does not start a shell, so `%s` gets the text `%s`", program, w.Value).
		Advise("run the command with a shell, as in `[\"/bin/sh\", \"-c\", …]`")
	sets = set == nil || !set.Arg || a.step.Instruction.Name == "RUN"
	if !sets {
		f.Because("the exec form does not start a shell, so `%s` gets the text `%s`, and an ARG is not set in the container anyway", program, w.Value).
			Advise("set `%s` with `ENV`, and run the command with a shell, as in `[\"/bin/sh\", \"-c\", …]`", name)
	}
	if !literal(program) || strings.HasPrefix(text, "${") && placeholders(program, a.args[:i], w.Value) {
		f.Message = "no shell expands `" + text + "`"
		f.Doubting("`%s` may expand it itself", program)
	}
	return f, sets
}

// isCode reports whether the element after option is code or a pattern, in which `$` means something else.
func isCode(option string) bool {
	switch option {
	case "-c", "-e", "-E", "-p", "-r", "-g", "--eval", "--print", "--command", "--execute", "--template", "--format", "--exec":
		return true
	}
	return false
}

// literal reports whether the program called name is known not to expand variables or `~` in its arguments.
func literal(name string) bool {
	if strings.HasPrefix(name, "python") || strings.HasPrefix(name, "php") {
		return true
	}
	if m := ecosystem.Of(name); m != nil {
		return m.Runner == nil || !m.Runner.Scripts // scripts are run by a shell
	}
	switch name {
	case "java", "node", "gunicorn", "uvicorn", "hypercorn", "daphne", "flask", "celery", "streamlit", "fastapi", "ruby",
		"rails", "puma", "perl", "curl", "wget", "nc", "echo", "cat", "cp", "mv", "rm", "mkdir", "chmod", "chown",
		"ls", "sleep", "touch", "tail", "ln", "tar", "useradd", "adduser", "serve", "http-server", "nginx", "httpd",
		"redis-server", "redis-cli", "pg_isready", "mysqladmin", "tini", "dumb-init", "gosu", "su-exec", "sudo":
		return true
	}
	return false
}

// placeholders reports whether word, an element after before, reaches a Java application, whose framework may replace
// `${NAME}`: https://docs.spring.io/spring-boot/reference/features/external-config.html.
func placeholders(program string, before []parser.Word, word string) bool {
	if program != "java" {
		return false
	}
	if strings.HasPrefix(word, "-D") {
		return true
	}
	for _, w := range before[1:] {
		if w.Value == "-jar" || strings.HasSuffix(w.Value, ".jar") {
			return before[len(before)-1].Value != "-jar"
		}
	}
	return false
}
