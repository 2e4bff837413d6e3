package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/parser"
)

// Wraps reports whether c is a program such as `exec` or `tini` that runs the command in its arguments.
func (c *Command) Wraps() bool {
	_, _, ok := wrapper(c.Name)
	return ok
}

// wrapper says whether the command with that name runs the command in its arguments. If so, valued are its flags that
// take a value, and operands is the number of its own operands, which come first.
func wrapper(name string) (valued []string, operands int, ok bool) {
	switch name {
	case "sudo":
		return []string{"-u", "-g", "-h", "-p", "-C", "-r", "-t", "-U", "--user", "--group"}, 0, true
	case "env":
		return []string{"-u", "--unset", "-C", "--chdir", "-S"}, 0, true
	case "exec":
		return []string{"-a"}, 0, true
	case "nice":
		return []string{"-n"}, 0, true
	case "command", "time", "nohup", "eatmydata":
		return nil, 0, true
	case "chroot", "gosu", "su-exec":
		return nil, 1, true
	case "tini", "dumb-init", "catatonit":
		return []string{"-p", "-e", "-r", "--rewrite"}, 0, true
	case "timeout":
		return []string{"-s", "-k", "--signal", "--kill-after"}, 1, true
	case "xargs":
		return []string{"-n", "-I", "-L", "-P", "-d", "-a", "-s", "-E"}, 0, true
	}
	return nil, 0, false
}

// addInner adds the command that c runs to s, if c is a wrapper. The innermost one comes last.
func (s *Script) addInner(c *Command) {
	valued, left, ok := wrapper(c.Name)
	if !ok {
		return
	}
	i := 1
	inner := &Command{Script: s, Stmt: c.Stmt, Outer: c, Sub: c.Sub}
	for ; i < len(c.Words); i++ {
		w := c.Words[i]
		if w.Text == "--" {
			i++
			break
		}
		if strings.HasPrefix(w.Text, "-") {
			if c.Name == "command" && strings.ContainsAny(w.Text, "vV") {
				return // it only prints what would run
			}
			if slices.Contains(valued, w.Text) {
				i++
			}
			continue
		}
		if name, _, ok := strings.Cut(w.Text, "="); ok && syntax.ValidName(name) && (c.Name == "env" || c.Name == "sudo") {
			value := w
			value.Text = w.Text[len(name)+1:]
			inner.Assigns = append(inner.Assigns, Assign{name, value, w.Span})
			continue
		}
		if left == 0 {
			break
		}
		left--
	}
	if i >= len(c.Words) {
		return
	}
	inner.Words = c.Words[i:]
	inner.Span = parser.Span{Start: c.Words[i].Span.Start, End: c.Words[len(c.Words)-1].Span.End}
	inner.setName()
	s.Commands = append(s.Commands, inner)
	s.addInner(inner)
}
