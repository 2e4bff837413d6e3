package runtime

import (
	"path"
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// UnstartableArray reports an exec form whose first element is not a program: a whole command line, a builtin of the
// shell, an empty string, or something that only a shell expands. Of RUN it also reports an array that is not JSON;
// shell-form-command does so for the others. `ENTRYPOINT [""]` removes an ENTRYPOINT and is fine.
var UnstartableArray = &lint.Rule{
	Name: "unstartable-array", Category: lint.Runtime,
	Summary:  "the first element of an exec form is not a program",
	Severity: lint.Error, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		if in := s.Instruction; in.Name == "RUN" && !in.JSON && len(in.Args) > 0 && len(in.Heredocs) == 0 {
			runArray(p, s)
			return
		}
		a := arrayOf(s)
		if a == nil || a.own > 0 {
			return
		}
		first := a.args[0]
		words := strings.Fields(a.program)
		switch {
		case a.program == "":
			if s.Instruction.Name == "ENTRYPOINT" && len(a.args) == 1 {
				return
			}
			f := p.Report(first.Full(), "the program name is an empty string").
				Because("there is no program to start, so %s", a.fails()).
				Advise("name the program")
			if s.Instruction.Name == "CMD" && len(a.args) == 1 {
				f.Advise("write `CMD []` to remove the CMD of the base image")
			}
			a.settle(f, true)
		case len(words) > 1 && commandLine(words):
			f := p.Report(first.Full(), "program name `%s` contains a space", a.program).
				Because("the first element is the name of a program, so Docker looks for a program called `%s`, and %s", a.program, a.fails()).
				Advise("make each word an element of its own")
			if code := strings.Join(words, " "); strings.ContainsAny(code, "$&|;<>*?`\"'\\~(){}") {
				f.Advise("run the command with a shell, as in `[\"/bin/sh\", \"-c\", …]`")
				if len(a.args) == 1 {
					a.offerShell(p, f, a.program)
				}
			} else if first.Whole() {
				f.Offer(lint.Unsafe, "write each word as an element", lint.Replace(first.Full(), encode(words)))
			}
			a.settle(f, true)
			if title(words) {
				f.Breaks, f.Fixes = "", nil
				f.Because("the first element is the name of a program, so this only works if a program is called `%s`", a.program).
					Advise("begin the array with a program, as in `[\"echo\", \"%s\"]`", strings.Join(words, " ")).
					Doubting("a program may have this name")
			}
		case len(words) == 1 && partOfShell(a.program):
			f := p.Report(first.Full(), "`%s` is a shell %s, not a program", a.program, kindOf(a.program)).
				Because("the exec form does not start a shell, so %s", a.fails()).
				Advise("run the command with a shell, as in `[\"/bin/sh\", \"-c\", …]`")
			if a.program == "cd" {
				f.Advise("set the directory with `WORKDIR`, or run the command with a shell, as in `[\"/bin/sh\", \"-c\", …]`")
			}
			a.offerShell(p, f, "")
			a.settle(f, true)
			if f.Doubt == "" && onDisk(a.program) {
				f.Breaks = ""
				f.Because("the exec form does not start a shell, so %s, or has no effect if the image has a program called `%s`",
					a.fails(), a.program)
			}
		case strings.HasPrefix(a.program, "~/"), expansion.Get().MatchString(a.program):
			f := p.Report(first.Full(), "`%s` is not expanded", a.program).
				Because("the exec form does not start a shell, so Docker looks for a program with exactly this name, and %s", a.fails()).
				Advise("write the whole path, or run the command with a shell, as in `[\"/bin/sh\", \"-c\", …]`")
			a.offerShell(p, f, "")
			a.settle(f, true)
		}
	}, "CMD", "ENTRYPOINT", "HEALTHCHECK", "RUN", "SHELL"),
}

// expansion matches a variable at the beginning of a program's path.
var expansion = lazy.Regexp{Expr: `^\$(\{[A-Za-z_][A-Za-z0-9_]*\}|[A-Za-z_][A-Za-z0-9_]*)(/|$)`}

// commandLine reports whether words are a command with its arguments, and not the name of a file with spaces.
func commandLine(words []string) bool {
	first, second := words[0], words[1]
	if !strings.Contains(first, "/") || strings.HasPrefix(second, "-") || strings.HasPrefix(second, "/") || strings.HasPrefix(second, "$") {
		return true
	}
	switch path.Dir(first) {
	case "/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin":
		return true
	}
	return false
}

// title reports whether words look like the name of an application, such as `Plex Media Server`.
func title(words []string) bool {
	for _, w := range words {
		if w[0] < 'A' || w[0] > 'Z' {
			return false
		}
	}
	return true
}

// kindOf is what the shell calls name, a part of it.
func kindOf(name string) string {
	switch name {
	case "if", "for", "while", "until", "case":
		return "keyword"
	}
	return "builtin"
}

// partOfShell reports whether name is a command of the shell that distributions do not have as a program, or that has no
// effect as one.
func partOfShell(name string) bool {
	switch name {
	case ".", "source", "export", "set", "unset", "exec", "eval", "shift", "trap", "local", "declare", "if", "for", "while", "until", "case":
		return true
	}
	return onDisk(name)
}

// onDisk reports whether name is a builtin that some distributions have as a program, too: POSIX asks for it.
func onDisk(name string) bool {
	switch name {
	case "cd", "alias", "umask", "ulimit", "wait":
		return true
	}
	return false
}

// runArray reports a RUN that looks like an array, but is not JSON.
func runArray(p *lint.Pass, s *plan.Step) {
	text := s.Instruction.Args[0]
	words, ok := brokenArray(text.String)
	if !ok {
		return
	}
	f := p.Report(text.Full(), "`RUN` looks like an array, but is not valid JSON").
		Because("the shell looks for a program whose name begins with `[`, so the step fails").
		Advise("put each word in double quotes, and separate the words with commas")
	if text.Whole() {
		f.Offer(lint.Unsafe, "write `RUN` as a JSON array", lint.Replace(text.Full(), "["+encode(words)+"]"))
	}
	if sc := p.Script(s); s.Stage.Reached && sc != nil && sc.Dialect != shell.Other {
		f.Breaking(lint.BreaksBuild)
	}
}
