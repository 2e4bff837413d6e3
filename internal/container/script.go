package container

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// EntryScript is a text file of the build context that the container starts.
type EntryScript struct {
	buildcontext.Trail
	Command *shell.Command // that starts it
	Word    shell.Word     // that names it
	Path    string         // in the image
	Text    string
	// ByShell says that a shell reads it, as in `sh /entrypoint.sh`, so that the file itself is not executed.
	ByShell bool
	// Searched says that it is called without a directory and found by PATH.
	Searched  bool
	pass      *lint.Pass
	code      func() *shell.Script // computed once, as is rewritten
	rewritten func() bool
}

func findScripts(p *lint.Pass) []*EntryScript {
	target := p.Plan.Target
	if target == nil || p.Context() == nil || target.Windows() {
		return nil
	}
	var out []*EntryScript
	dir := target.End.Workdir.Text
	commands := Of(p).Commands
	for _, c := range commands[:min(len(commands), maxTasks)] {
		switch {
		case len(out) > 0 && c.Script.Step != out[0].Command.Script.Step && !strings.Contains(out[0].Text, "$@"):
			return out
		case wraps(c) || len(c.Words) == 0 || !c.Words[0].Literal:
			continue
		case c.Name == "cd" && len(c.Words) > 1:
			dir = absolute(dir, c.Words[1].Text)
			continue
		}
		s := &EntryScript{Command: c, Word: c.Words[0], pass: p}
		s.code, s.rewritten = sync.OnceValue(s.parse), sync.OnceValue(s.rewrites)
		switch c.Name {
		case "sh", "bash", "ash", "dash":
			operands := c.Operands("-o", "+o", "-O")
			if len(operands) == 0 || !operands[0].Literal || c.Has("-c") {
				continue
			}
			s.Word, s.ByShell = operands[0], true
		}
		if s.locate(dir) && s.read() && !slices.ContainsFunc(out, func(o *EntryScript) bool { return o.Path == s.Path }) {
			out = append(out, s)
		}
	}
	return out
}

// locate finds the file that the word names.
func (s *EntryScript) locate(dir string) (ok bool) {
	target := s.pass.Plan.Target
	if strings.Contains(s.Word.Text, "/") || s.ByShell {
		s.Path = absolute(dir, s.Word.Text)
		s.Trail, ok = s.pass.Trail(target, s.Path)
		return ok
	}
	for _, folder := range strings.Split(searchPath(target), ":") {
		if !path.IsAbs(folder) {
			continue
		}
		s.Path, s.Searched = path.Join(folder, s.Word.Text), true
		if s.Trail, ok = s.pass.Trail(target, s.Path); ok {
			return true
		}
	}
	return false
}

// searchPath is PATH in a container of s, with Docker's default in place of what the base image sets.
// Source: https://github.com/moby/buildkit, util/system/path.go.
func searchPath(s *plan.Stage) string {
	const standard = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	v := s.End.Env.Lookup("PATH")
	if v == nil {
		return standard
	}
	return v.Value().Text + ":" + standard
}

// read reads the file; ok is false if it is not text.
func (s *EntryScript) read() (ok bool) {
	data, err := s.pass.Context().Read(s.File)
	if err != nil || len(data) == 0 || bytes.IndexByte(data, 0) >= 0 {
		return false
	}
	s.Text = string(data)
	return true
}

// CRLF reports whether the first line ends in a carriage return and a line feed.
func (s *EntryScript) CRLF() bool {
	line, _, ok := strings.Cut(s.Text, "\n")
	return ok && strings.HasSuffix(line, "\r")
}

// named reports whether w may name the file by one of the paths that it has on its way into the image.
func (s *EntryScript) named(w shell.Word) bool {
	if !w.Literal || strings.Contains(w.Text, "{") {
		return true
	}
	return slices.ContainsFunc(s.Copies, func(c buildcontext.Copy) bool {
		pattern, name := path.Clean(w.Text), c.Name
		if !path.IsAbs(pattern) || !path.IsAbs(name) {
			pattern, name = path.Base(pattern), path.Base(name) // the directory is not known
		}
		ok, err := path.Match(pattern, name)
		return ok || err != nil
	})
}

// untouched reports whether may is false for each command of the RUN steps in which the script exists. It is false
// where one of them cannot be read.
func (s *EntryScript) untouched(may func(*shell.Command) bool) bool {
	for _, step := range s.Steps {
		if step.Instruction.Name != "RUN" {
			continue
		}
		sc := s.pass.Script(step)
		if sc == nil || sc.Err != nil || sc.File == nil && !sc.Exec || slices.ContainsFunc(sc.Commands, may) {
			return false
		}
	}
	return true
}

// Rewritten reports whether a RUN may change the content of the script.
func (s *EntryScript) Rewritten() bool { return s.rewritten() }

func (s *EntryScript) rewrites() bool {
	return !s.untouched(func(c *shell.Command) bool {
		if c.Stmt != nil && slices.ContainsFunc(c.Stmt.Redirs, func(r *syntax.Redirect) bool {
			return r.Word != nil && r.Op != syntax.RdrIn && path.Base(r.Word.Lit()) == path.Base(s.Path)
		}) {
			return true
		}
		switch c.Name {
		case "dos2unix", "fromdos", "sed", "perl":
			if endsLines(c) && !strings.Contains(s.Text, "\r") {
				return false // it finds nothing to change
			}
			// Files that come from a pipe or a pattern may be any.
			return c.Outer != nil || c.PipeFrom != nil || len(c.Operands()) == 0 || slices.ContainsFunc(c.Args(), func(w shell.Word) bool {
				return !w.Literal || s.named(w)
			})
		case "tr", "awk":
			return true
		case "find":
			return c.Has("-exec", "-execdir")
		case "chmod", "chown", "chgrp", "ln", "ls", "test", "[", "stat", "cat", "echo", "rm", "mkdir":
			return false
		}
		return Opaque(c) || slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return w.Literal && s.named(w) })
	})
}

// endsLines reports whether c only takes the carriage returns out of files.
func endsLines(c *shell.Command) bool {
	if c.Name == "dos2unix" || c.Name == "fromdos" {
		return true
	}
	operands := c.Operands("-e", "-f")
	if c.Name != "sed" || c.Has("-e", "-f", "--expression", "--file") || len(operands) == 0 {
		return false
	}
	switch operands[0].Text {
	case `s/\r$//`, `s/\r$//g`, `s/\r//`, `s/\r//g`, `s/^M$//`, `s/\x0D$//`:
		return true
	}
	return false
}

// Opaque reports whether c may do anything, because it runs a script that is not read.
func Opaque(c *shell.Command) bool {
	if len(c.Words) == 0 {
		return false // assignments
	}
	switch c.Name {
	case "":
		return true
	case "sh", "bash", "ash", "dash", "su", ".", "source", "eval", "make", "just", "ansible-playbook":
		return true
	}
	name := c.Words[0].Text
	return strings.Contains(name, "/") && (!path.IsAbs(name) || path.Base(path.Dir(name)) != "bin")
}

// Entry says what starts the script: the kernel itself, a shell script of the base image, or something unknown.
func (s *EntryScript) Entry() image.Entry {
	c := Of(s.pass)
	switch {
	case s.Command.Script.Step == c.Entrypoint:
		return image.EntryNone
	case c.Entrypoint != nil:
		return image.EntryScript // else the script would not be a command of its own
	case !c.OpenEntrypoint:
		return image.EntryNone
	}
	_, ok := shell.Shebang(s.Text)
	if c.Base.Official() == "node" && (!ok && path.Ext(s.Path) != ".sh" || s.Code().Dialect == shell.Other) {
		return image.EntryUnknown // its entry point passes to Node what it does not recognise as a command
	}
	return c.Base.Entry()
}

// MayBeExecutable reports whether a RUN may set the execute bit of the script.
func (s *EntryScript) MayBeExecutable() bool { return !s.untouched(s.mayAllow) }

// mayAllow reports whether c, of a RUN, may set the execute bit of the script.
func (s *EntryScript) mayAllow(c *shell.Command) bool {
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
	return Opaque(c)
}

// within reports whether the file is below the directory dir at some point on its way into the image.
func (s *EntryScript) within(dir string) bool {
	return slices.ContainsFunc(s.Copies, func(c buildcontext.Copy) bool { return plan.Within(c.Name, path.Clean(dir)) })
}

// InBin reports whether an interpreter is where packages put it.
func InBin(name string) bool {
	switch path.Dir(name) {
	case "/bin", "/usr/bin", "/usr/local/bin":
		return true
	}
	return false
}

// First reports whether the script itself, or the shell that reads it, is PID 1 of the container: no init or other
// program starts it, and nothing runs beside it.
func (s *EntryScript) First() bool {
	c := s.Command
	for o := c.Outer; o != nil; o = o.Outer {
		if o.Name != "exec" && o.Name != "env" {
			return false
		}
	}
	return c.PipeFrom == nil && c.PipeTo == nil && (c.Stmt == nil || !c.Stmt.Background)
}

// Code is the code of the script as the shell that is named on the command line, or in the script, reads it.
func (s *EntryScript) Code() *shell.Script { return s.code() }

func (s *EntryScript) parse() *shell.Script {
	if s.ByShell {
		return shell.ReadFile(s.Text, s.Command.Name)
	}
	return shell.ReadFile(s.Text, "")
}

// Serves reports whether c, the last command of the script, starts what the container is for. name is how the script
// calls it.
func (s *EntryScript) Serves(c *shell.Command) (name string, ok bool) {
	for o := c.Outer; o != nil; o = o.Outer {
		switch o.Name {
		case "exec", "env", "nice", "command", "gosu", "su-exec", "chroot", "nohup":
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
		return s.Text[at.Start:at.End], len(c.Words) == 1 && s.handed()
	}
	return c.Name, Serves(c)
}

// Serves reports whether c, or what it wraps as a runner does, runs until it is stopped.
func Serves(c *shell.Command) bool {
	if len(c.Words) == 0 {
		return false
	}
	t := Task{Words: c.Words, Env: map[string]string{}}
	for range maxTasks {
		inner, ok := unwrap(t)
		if !ok {
			break
		}
		t = inner
	}
	return t.longLived()
}

// handed reports whether the script is given a command to run, after its name or by CMD, and this is neither a shell or
// console nor a call for help.
func (s *EntryScript) handed() bool {
	words := s.Command.Words
	i := slices.IndexFunc(words, func(w shell.Word) bool { return w.Span == s.Word.Span })
	if words = words[i+1:]; len(words) == 0 {
		cmd := Of(s.pass).Cmd
		if cmd == nil || s.Command.Script.Step != Of(s.pass).Entrypoint {
			return false
		}
		sc := Command(s.pass, cmd)
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
		row := programs.Get()[path.Base(last)]
		return row == nil || !row.console
	}
	return true
}
