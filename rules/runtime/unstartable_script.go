package runtime

import (
	"path"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// UnstartableScript reports a script of the build context that ENTRYPOINT or CMD names and that the kernel cannot
// start: it has no execute bit, it has Windows line endings, it has no `#!` line, or it names a shell that is not in
// the image. The rule is silent where a step may repair the script, and where the base image's ENTRYPOINT may run it in
// another way.
var UnstartableScript = &lint.Rule{
	Name: "unstartable-script", Summary: "the script that starts the container cannot be executed", Category: lint.Runtime,
	Severity: lint.Error, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnContext(func(p *lint.Pass) {
		for _, s := range container.Of(p).EntryScripts() {
			entry := s.Entry()
			if entry == image.EntryUnknown {
				continue
			}
			checkPermission(p, s)
			if s.Rewritten() {
				continue
			}
			words, ok := shell.Shebang(s.Text)
			switch {
			case ok:
				checkLineEndings(p, s)
				checkInterpreter(p, s, words)
			case s.ByShell:
				checkLineEndings(p, s)
			case entry == image.EntryNone && s.Command.Outer == nil && s.Command.Stmt == nil:
				reportNoInterpreter(p, s)
			}
		}
	}),
}

// checkPermission reports a script without an execute bit.
func checkPermission(p *lint.Pass, s *container.EntryScript) {
	if s.ByShell || s.MayBeExecutable() {
		return
	}
	step := s.Copies[len(s.Copies)-1].Step // from the build context
	var flag *parser.Flag
	for _, c := range s.Copies {
		if flag = c.Instruction.Flag("chmod"); flag != nil {
			step = c.Step
			break
		}
	}
	why := "the execute bit is not set in the build context"
	if flag != nil {
		mode, err := strconv.ParseUint(flag.Value.Value, 8, 32)
		if err != nil || mode&0o111 != 0 {
			return
		}
		why = "`--chmod=" + flag.Value.Value + "` does not set the execute bit"
	} else if file, ok := p.Context().Lookup(s.File); !ok {
		return
	} else if executable, known := file.Executable(); !known || executable {
		return
	}
	fails := "`permission denied`"
	if s.Searched {
		fails = "`executable file not found in $PATH`"
	}
	f := p.Report(s.Word.Span, "`%s` is not executable", s.Word.Text).
		Because("%s and no step sets it, so the container exits at once with %s", why, fails).
		Relate(step.Instruction.Keyword.Full(), "`%s` copies the script here", step.Instruction.Name)
	const title = "set the execute bit"
	if flag != nil {
		f.Advise("use `--chmod=755`").Offer(lint.Unsafe, title, lint.Replace(flag.Value.Full(), "755"))
		return
	}
	f.RelateFile(s.File, 1, "the execute bit is not set")
	if !alone(p, s, step) {
		f.Advise("run `git add --chmod=+x %s`, or add `RUN chmod +x %s` after the copy", s.File, s.Path)
		return
	}
	end := step.Instruction.Keyword.Full().End
	f.Advise("write `%s --chmod=755`, or run `git add --chmod=+x %s`", step.Instruction.Name, s.File).
		Offer(lint.Unsafe, title, lint.Insert(end, " --chmod=755"))
}

// alone reports whether step copies only the script.
func alone(p *lint.Pass, s *container.EntryScript, step *plan.Step) bool {
	t := step.Copy
	if len(t.Sources) != 1 || t.From != nil || !t.Sources[0].Path.Known {
		return false
	}
	file, ok := p.Context().Lookup(t.Sources[0].Path.Text)
	return ok && file.Name == s.File
}

// checkLineEndings reports a script with Windows line endings.
func checkLineEndings(p *lint.Pass, s *container.EntryScript) {
	if !s.CRLF() {
		return
	}
	line, _, _ := strings.Cut(s.Text, "\r")
	why := "the carriage return becomes part of the interpreter's name, so the container exits at once with " +
		"`no such file or directory`"
	switch words, _ := shell.Shebang(line); {
	case s.ByShell:
		why = "`" + s.Command.Name + "` treats the carriage return as part of the last word of each line, " +
			"so commands and options are not recognised"
	case len(words) > 1 && path.Base(words[0]) != "env":
		why = "the carriage return becomes part of the interpreter's options, so the container exits at once"
	}
	pattern := path.Base(s.File)
	if path.Ext(pattern) == ".sh" {
		pattern = "*.sh"
	}
	p.Report(s.Word.Span, "`%s` has Windows line endings", s.Word.Text).Because("%s", why).
		Advise("convert it with `dos2unix %s`, and add `%s text eol=lf` to `.gitattributes`", s.File, pattern).
		RelateFile(s.File, 1, "this line ends in CRLF")
}

// reportNoInterpreter reports a script without a `#!` line.
func reportNoInterpreter(p *lint.Pass, s *container.EntryScript) {
	what := "has no `#!` line"
	n := strings.Index(s.Text, "#!/")
	found := n > 0 && strings.TrimLeft(s.Text[:n], "\ufeff \t\r\n") == ""
	if found {
		what = "has whitespace before its `#!` line"
		if strings.HasPrefix(s.Text, "\ufeff") {
			what = "has a byte order mark before its `#!` line"
		}
	}
	f := p.Report(s.Word.Span, "`%s` %s", s.Word.Text, what).
		Because("the kernel does not know how to run the file, so the container exits at once with `exec format error`").
		RelateFile(s.File, 1, "the first two bytes of the file must be `#!`")
	switch path.Ext(s.File) {
	case ".sh", ".bash", "":
		interpreter := "/bin/sh"
		if path.Ext(s.File) == ".bash" {
			interpreter = "/usr/bin/env bash"
		}
		f.Advise("make `#!%s` the first line of `%s`", interpreter, s.File)
		if found {
			f.Advise("remove what comes before `#!` in `%s`", s.File)
		}
	default:
		f.Advise("begin `%s` with `#!/usr/bin/env` and the interpreter, or name the interpreter in `%s`",
			s.File, s.Command.Script.Step.Instruction.Name)
	}
}

// checkInterpreter reports a script whose shell is not in the image.
func checkInterpreter(p *lint.Pass, s *container.EntryScript, words []string) {
	program := path.Base(words[0])
	if program == "env" && len(words) > 1 {
		program = words[1]
	}
	in := container.Of(p)
	if s.ByShell || !container.InBin(words[0]) {
		return
	}
	none := in.BaseShellless()
	switch program {
	case "bash":
		if !none && !in.BaseLacks(program) {
			return
		}
	case "sh", "ash", "dash":
		if !none {
			return
		}
	default:
		return
	}
	if in.MayAdd(program) {
		return
	}
	base := in.Root.Value.Text
	fails := "`no such file or directory`"
	if len(words) > 1 && !none {
		fails = "status 127"
	}
	f := p.Report(s.Word.Span, "`%s` needs `%s`, which is not in the image", s.Word.Text, program).
		Because("`%s` does not include it and no step installs it, so the container exits at once with %s", base, fails).
		Relate(in.Root.Span, "`%s` has no `%s`", base, program).RelateFile(s.File, 1, "`%s` is named here", program)
	if none {
		f.Advise("start the program itself, because this image has no shell")
		return
	}
	f.Advise("rewrite the script for `sh`, or install `bash` with `RUN apk add --no-cache bash`")
}
