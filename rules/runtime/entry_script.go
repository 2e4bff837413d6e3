package runtime

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// entryScript is a text file of the build context that a container of the target starts.
type entryScript struct {
	buildcontext.Trail
	command *shell.Command
	word    shell.Word // that names it
	path    string     // in the image
	text    string
	// shell says that a shell reads it, as in `sh /entrypoint.sh`: the file itself is not executed.
	shell bool
	// found says that it is called without a folder and found by PATH.
	found bool
}

// entryScripts are the scripts that ENTRYPOINT and CMD of the target name, each once. That of a CMD which the script of ENTRYPOINT
// does not hand over to is not among them.
func entryScripts(p *lint.Pass) []*entryScript {
	target := p.Plan.Target
	if target == nil || p.Context() == nil || shell.Windows(target) {
		return nil
	}
	var out []*entryScript
	dir := target.End.Workdir.Text
	commands := p.Started().Commands
	for _, c := range commands[:min(len(commands), maxTasks)] {
		switch {
		case len(out) > 0 && c.Script.Step != out[0].command.Script.Step && !strings.Contains(out[0].text, "$@"):
			return out
		case wraps(c) || len(c.Words) == 0 || !c.Words[0].Literal:
			continue
		case c.Name == "cd" && len(c.Words) > 1:
			dir = absolute(dir, c.Words[1].Text)
			continue
		}
		s := &entryScript{command: c, word: c.Words[0]}
		switch c.Name {
		case "sh", "bash", "ash", "dash":
			operands := c.Operands("-o", "+o", "-O")
			if len(operands) == 0 || !operands[0].Literal || c.Has("-c") {
				continue
			}
			s.word, s.shell = operands[0], true
		}
		if s.locate(p, dir) && s.read(p) && !slices.ContainsFunc(out, func(o *entryScript) bool { return o.path == s.path }) {
			out = append(out, s)
		}
	}
	return out
}

// locate finds the file that the word names.
func (s *entryScript) locate(p *lint.Pass, dir string) (ok bool) {
	target := p.Plan.Target
	if strings.Contains(s.word.Text, "/") || s.shell {
		s.path = absolute(dir, s.word.Text)
		s.Trail, ok = p.Trail(target, s.path)
		return ok
	}
	for folder := range strings.SplitSeq(searchPath(target), ":") {
		if !path.IsAbs(folder) {
			continue
		}
		s.path, s.found = path.Join(folder, s.word.Text), true
		if s.Trail, ok = p.Trail(target, s.path); ok {
			return true
		}
	}
	return false
}

// searchPath is PATH in a container of s, with Docker's own default for what the base image sets.
// Source: https://github.com/moby/buildkit, util/system/path.go.
func searchPath(s *plan.Stage) string {
	const standard = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	v := s.End.Env.Lookup("PATH")
	if v == nil {
		return standard
	}
	return v.Value().Text + ":" + standard
}

// read reads the file; ok is false for one that is no text.
func (s *entryScript) read(p *lint.Pass) (ok bool) {
	data, err := p.Context().Read(s.File)
	if err != nil || len(data) == 0 || bytes.IndexByte(data, 0) >= 0 {
		return false
	}
	s.text = string(data)
	return true
}

// crlf reports whether the first line ends as those of Windows do.
func (s *entryScript) crlf() bool {
	line, _, ok := strings.Cut(s.text, "\n")
	return ok && strings.HasSuffix(line, "\r")
}

// named reports whether w may stand for the file, under one of the paths that it has on its way.
func (s *entryScript) named(w shell.Word) bool {
	if !w.Literal || strings.Contains(w.Text, "{") {
		return true
	}
	return slices.ContainsFunc(s.Copies, func(c buildcontext.Copy) bool {
		pattern, name := path.Clean(w.Text), c.Name
		if !path.IsAbs(pattern) || !path.IsAbs(name) {
			pattern, name = path.Base(pattern), path.Base(name) // who knows where `cd` went
		}
		ok, err := path.Match(pattern, name)
		return ok || err != nil
	})
}

// untouched reports whether may is false for each command of the RUN steps that find the script in place, and all of them can be
// read.
func (s *entryScript) untouched(p *lint.Pass, may func(*shell.Command) bool) bool {
	for _, step := range s.Steps {
		if step.Instruction.Name != "RUN" {
			continue
		}
		sc := p.Script(step)
		if sc == nil || sc.Err != nil || sc.File == nil && !sc.Exec || slices.ContainsFunc(sc.Commands, may) {
			return false
		}
	}
	return true
}

// rewritten reports whether a RUN may have changed what the script holds.
func (s *entryScript) rewritten(p *lint.Pass) bool {
	return !s.untouched(p, func(c *shell.Command) bool {
		if c.Stmt != nil && slices.ContainsFunc(c.Stmt.Redirs, func(r *syntax.Redirect) bool {
			return r.Word != nil && r.Op != syntax.RdrIn && path.Base(r.Word.Lit()) == path.Base(s.path)
		}) {
			return true
		}
		switch c.Name {
		case "dos2unix", "fromdos", "sed", "tr", "perl", "awk":
			return true
		case "find":
			return c.Has("-exec", "-execdir")
		case "chmod", "chown", "chgrp", "ln", "ls", "test", "[", "stat", "cat", "echo":
			return false
		}
		return opaque(c) || slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return w.Literal && s.named(w) })
	})
}

// opaque reports whether c is a script of which we do not know what it does.
func opaque(c *shell.Command) bool {
	if len(c.Words) == 0 {
		return false // assignments
	}
	switch c.Name {
	case "":
		return true
	case "sh", "bash", "ash", "dash", "su", ".", "source", "eval", "make", "just", "ansible-playbook":
		return true
	}
	return strings.Contains(c.Words[0].Text, "/") && !standard(c.Words[0].Text)
}
