package runtime

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// UnstartableScript reports a script of the build context that ENTRYPOINT or CMD names and that the kernel cannot start: it has no
// execute bit, lines that end as in Windows, no `#!` line, or one that names a shell which the image lacks. A step that may mend it
// silences it, and so does a base image whose ENTRYPOINT may run the script in another way.
var UnstartableScript = &lint.Rule{
	Name: "unstartable-script", Summary: "the script that starts the container cannot be executed", Category: lint.Runtime,
	Severity: lint.Error, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnContext(func(p *lint.Pass) {
		for _, s := range entryScripts(p) {
			entry := s.entry(p)
			if entry == image.EntryUnknown {
				continue
			}
			s.permission(p)
			if s.rewritten(p) {
				continue
			}
			words, ok := shell.Shebang(s.text)
			switch {
			case ok:
				s.lineEnds(p)
				s.interpreter(p, words)
			case s.shell:
				s.lineEnds(p)
			case entry == image.EntryNone && s.command.Outer == nil && s.command.Stmt == nil:
				s.noInterpreter(p)
			}
		}
	}),
}

// entry says what starts the script: nothing but the kernel, a shell script, or something unknown.
func (s *entryScript) entry(p *lint.Pass) image.Entry {
	c := p.Plan.Target.Command()
	switch {
	case s.command.Script.Step == c.Entrypoint:
		return image.EntryNone
	case c.Entrypoint != nil:
		return image.EntryScript // else the script would not be a command of its own
	case !c.OpenEntrypoint:
		return image.EntryNone
	}
	root := p.Plan.Target.Image()
	if root == nil {
		return image.EntryUnknown
	}
	entry := image.Entrypoint(*root.Ref)
	if _, ok := shell.Shebang(s.text); root.Ref.Official() == "node" && (!ok && path.Ext(s.path) != ".sh" || s.script().Dialect == shell.Other) {
		return image.EntryUnknown // its entry point gives to Node what is no command
	}
	return entry
}

// permission reports a script without execute bit.
func (s *entryScript) permission(p *lint.Pass) {
	if s.shell || !s.untouched(p, s.mayAllow) {
		return
	}
	step := s.Copies[len(s.Copies)-1].Step // from the context
	var flag *parser.Flag
	for _, c := range s.Copies {
		if flag = c.Instruction.Flag("chmod"); flag != nil {
			step = c.Step
			break
		}
	}
	why := "the file has no execute bit in the build context"
	if flag != nil {
		mode, err := strconv.ParseUint(flag.Value.Value, 8, 32)
		if err != nil || mode&0o111 != 0 {
			return
		}
		why = "`--chmod=" + flag.Value.Value + "` gives it no execute bit"
	} else if file, ok := p.Context().Lookup(s.File); !ok {
		return
	} else if executable, known := file.Executable(); !known || executable {
		return
	}
	fails := "`permission denied`"
	if s.found {
		fails = "`executable file not found in $PATH`"
	}
	f := p.Report(s.word.Span, "`%s` is not executable", s.word.Text).
		Because("%s, and no step sets one: the container stops at once with %s", why, fails).
		Relate(step.Instruction.Keyword.Full(), "`%s` brings it here", step.Instruction.Name)
	const title = "set the execute bit"
	if flag != nil {
		f.Advise("write `--chmod=755`").Offer(lint.Unsafe, title, lint.Edit{Span: flag.Value.Full(), Text: "755"})
		return
	}
	f.RelateFile(s.File, 1, "it has no execute bit")
	if !s.alone(p, step) {
		f.Advise("write `git add --chmod=+x %s`, or `RUN chmod +x %s` behind the copy", s.File, s.path)
		return
	}
	end := step.Instruction.Keyword.Full().End
	f.Advise("write `%s --chmod=755`, or `git add --chmod=+x %s`", step.Instruction.Name, s.File).
		Offer(lint.Unsafe, title, lint.Edit{Span: parser.Span{Start: end, End: end}, Text: " --chmod=755"})
}

// alone reports whether step copies the script and nothing else.
func (s *entryScript) alone(p *lint.Pass, step *plan.Step) bool {
	t := step.Copy
	if len(t.Sources) != 1 || t.From != nil || !t.Sources[0].Path.Known {
		return false
	}
	file, ok := p.Context().Lookup(t.Sources[0].Path.Text)
	return ok && file.Name == s.File
}

// mayAllow reports whether c, of a RUN, may set the execute bit of the script.
func (s *entryScript) mayAllow(c *shell.Command) bool {
	switch c.Name {
	case "chmod":
		operands := c.Operands()
		if len(operands) < 2 {
			return true // more may come from xargs
		}
		recursive := c.Has("-R", "--recursive")
		return slices.ContainsFunc(operands[1:], func(w shell.Word) bool {
			return s.named(w) || recursive && (!path.IsAbs(w.Text) || strings.ContainsAny(w.Text, "*?[") || s.within(w.Text))
		})
	case "find":
		return slices.ContainsFunc(c.Words, func(w shell.Word) bool { return w.Text == "chmod" })
	case "cp", "mv", "install", "rsync", "setfacl", "ln", "git":
		return slices.ContainsFunc(c.Words, s.named)
	}
	return opaque(c)
}

// within reports whether the file lies in the folder dir on its way.
func (s *entryScript) within(dir string) bool {
	return slices.ContainsFunc(s.Copies, func(c buildcontext.Copy) bool { return plan.Within(c.Name, path.Clean(dir)) })
}

// lineEnds reports a script with the line ends of Windows.
func (s *entryScript) lineEnds(p *lint.Pass) {
	if !s.crlf() {
		return
	}
	line, _, _ := strings.Cut(s.text, "\r")
	why := "the carriage return becomes a part of the interpreter's name: the container stops at once with `no such file or directory`"
	switch words, _ := shell.Shebang(line); {
	case s.shell:
		why = "`" + s.command.Name + "` takes the carriage return for a part of the last word of each line: commands and options are not found"
	case len(words) > 1 && path.Base(words[0]) != "env":
		why = "the carriage return becomes a part of the interpreter's options: the container stops at once"
	}
	p.Report(s.word.Span, "`%s` has the line ends of Windows", s.word.Text).Because("%s", why).
		Advise("convert it with `dos2unix %s`, and write `*.sh text eol=lf` into `.gitattributes`", s.File).
		RelateFile(s.File, 1, "this line ends in CR LF")
}

// noInterpreter reports a script without `#!`.
func (s *entryScript) noInterpreter(p *lint.Pass) {
	what := "has no `#!` line"
	if n := strings.Index(s.text, "#!/"); n > 0 && strings.TrimLeft(s.text[:n], "\ufeff \t\r\n") == "" {
		what = "does not begin with its `#!` line"
		if strings.HasPrefix(s.text, "\ufeff") {
			what = "has a byte order mark before its `#!` line"
		}
	}
	f := p.Report(s.word.Span, "`%s` %s", s.word.Text, what).
		Because("the kernel does not know what runs it: the container stops at once with `exec format error`").
		RelateFile(s.File, 1, "the first two bytes have to be `#!`")
	switch path.Ext(s.File) {
	case ".sh", ".bash", "":
		f.Advise("begin `%s` with `#!/bin/sh`", s.File)
	default:
		f.Advise("begin `%s` with `#!/usr/bin/env` and its interpreter, or name the interpreter in `%s`", s.File, s.command.Script.Step.Instruction.Name)
	}
}

// interpreter reports a script whose shell is not in the image.
func (s *entryScript) interpreter(p *lint.Pass, words []string) {
	program := path.Base(words[0])
	if program == "env" && len(words) > 1 {
		program = words[1]
	}
	root := rootOf(p.Plan.Target)
	if s.shell || !standard(words[0]) || root == nil || !root.Scratch && !root.External() {
		return
	}
	none := root.Scratch || image.Shellless(*root.Ref)
	switch program {
	case "bash":
		if !none && !image.Lacks(*root.Ref, program) {
			return
		}
	case "sh", "ash", "dash":
		if !none {
			return
		}
	default:
		return
	}
	if brings(p, p.Plan.Target, program) {
		return
	}
	base := root.Value.Text
	fails := "`no such file or directory`"
	if len(words) > 1 && !none {
		fails = "status 127"
	}
	f := p.Report(s.word.Span, "`%s` is a script for `%s`, which is not in the image", s.word.Text, program).
		Because("`%s` does not bring it and no step installs it: the container stops at once with %s", base, fails).
		Relate(root.Span, "`%s` has no `%s`", base, program).RelateFile(s.File, 1, "`%s` is asked for here", program)
	if none {
		f.Advise("start the program itself: this image has no shell")
		return
	}
	f.Advise("write the script for `sh`, or install it: `RUN apk add --no-cache bash`")
}

// standard reports whether an interpreter lies where packages put it.
func standard(name string) bool {
	switch path.Dir(name) {
	case "/bin", "/usr/bin", "/usr/local/bin":
		return true
	}
	return false
}
