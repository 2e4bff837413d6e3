package shell

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/plan"
)

// Dir is the directory in which the call looks for the application's manifests, according to WORKDIR, an earlier `cd`
// in the script, and its own flags. If WORKDIR is unknown, it is a relative path, which is still known if everything
// else is.
func (c *Call) Dir() plan.Value {
	cmd := c.Command
	step := cmd.Script.Step
	dir := cmd.Dir()
	if !dir.Known {
		return dir
	}
	m := c.manager
	if m == nil || len(m.DirFlags) == 0 {
		return dir
	}
	words := cmd.Words
	for i, w := range words {
		flag, value, inline := strings.Cut(w.Text, "=")
		if !slices.Contains(m.DirFlags, flag) {
			continue
		}
		switch {
		case inline:
			w.Text = value
		case i+1 < len(words):
			w = words[i+1]
		default:
			return plan.Value{}
		}
		at := enter(dir, step, w)
		if path.Ext(at.Text) != "" && !slices.Contains(m.InDir, flag) {
			at.Text = path.Dir(at.Text) // the flag names the manifest itself
		}
		return at
	}
	return dir
}

// Dir is the directory in which c runs, according to WORKDIR and to each `cd` before it. If WORKDIR is unknown, it is a
// relative path, which is still known if everything else is.
func (c *Command) Dir() plan.Value {
	s := c.Script
	dir := plan.Value{Text: s.Step.Workdir.Text, Known: true}
	if o := s.Outer; o != nil {
		if dir = o.Dir(); !dir.Known || (o.Name == "su" || o.Name == "runuser") && o.Has("-", "-l", "--login") {
			return plan.Value{}
		}
	}
	moves, open := s.moves()
	if open {
		return plan.Value{}
	}
	for i := range moves {
		m := &moves[i]
		if m.by.Span.Start >= c.Span.Start {
			break
		}
		switch holds, certain := m.holds(c); {
		case !holds:
		case !certain || m.by.Name != "cd" || len(m.by.Words) != 2:
			return plan.Value{}
		default:
			dir = enter(dir, s.Step, m.by.Words[1])
		}
	}
	return dir
}

// Path is what c means by w, the name of a file. It is absolute, or else relative to the base image's working
// directory.
func (c *Command) Path(w Word) plan.Value {
	return enter(c.Dir(), c.Script.Step, w)
}

// enter is the directory that a `cd` to w changes to from dir.
func enter(dir plan.Value, step *plan.Step, w Word) plan.Value {
	to := plan.Value{Text: w.Text, Known: w.Literal}
	if !w.Literal {
		to = step.Env.Expand(w.Text)
	}
	if strings.HasPrefix(to.Text, "~") || to.Text == "-" {
		return plan.Value{}
	}
	if path.IsAbs(to.Text) {
		dir.Known = true
	} else {
		to.Text = path.Join(dir.Text, to.Text)
	}
	return plan.Value{Text: path.Clean(to.Text), Known: dir.Known && to.Known}
}
