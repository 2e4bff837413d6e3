package shell

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/lazy"
)

// Action is what a call of a package manager does.
type Action int

// The actions. Install is also what installs as a first step, such as `go build` or `mvn package`. The values are those
// of package ecosystem.
const (
	Unknown Action = iota
	Install
	Refresh // fetches package lists
	Upgrade
	Remove
	Clean
)

// Call is one call of a package manager.
type Call struct {
	Command  *Command
	Manager  string // by its usual name: `pip` for `pip3` and `python -m pip`; `uv pip` for that part of uv
	Verb     Word   // the sub-command as written; empty where there is none
	Outer    string // the word before Verb that it belongs to: `workspaces` of `yarn workspaces focus`; "" without one
	Action   Action
	Packages []Package // of Install: what is named on the command line
	// Manifest says that Install takes its packages from files of the application (`pip install -r`, `npm ci`, `go mod
	// download`).
	Manifest bool
	Files    []Word // the files that the call names as manifests, such as those after -r

	manager *ecosystem.Manager
}

// Package is one package named on a command line.
type Package struct {
	Word    Word
	Name    string
	Version string // as written after the manager's separator, "" if none
	Local   bool   // a file, directory or URL
}

// Calls are the calls of package managers in the script, in order.
func (s *Script) Calls() []*Call {
	if !s.called {
		s.called = true
		for _, c := range s.Commands {
			if call := readCall(c); call != nil {
				s.calls = append(s.calls, call)
			}
		}
	}
	return s.calls
}

// readCall recognises a package manager's call.
func readCall(c *Command) *Call {
	name, args := c.Name, c.Args()
	switch {
	case name == "":
		return nil
	case strings.HasPrefix(name, "python") || strings.HasPrefix(name, "pypy"):
		i := slices.IndexFunc(args, func(w Word) bool { return w.Text == "-m" })
		if i < 0 || i+1 >= len(args) {
			return nil
		}
		name, args = args[i+1].Text, args[i+2:]
	}
	m := ecosystem.Of(name)
	if m == nil {
		return nil
	}
	if len(args) > 0 {
		for _, part := range m.Parts {
			if part.Name[len(m.Name)+1:] == args[0].Text {
				return readArguments(part, c, args[1:])
			}
		}
	}
	return readArguments(m, c, args)
}

func readArguments(m *ecosystem.Manager, c *Command, args []Word) *Call {
	call := &Call{Command: c, Manager: m.Name, manager: m}
	if m.Bare {
		call.Action, call.Manifest = Install, true
	}
	var rest []Word
	operands := false // what follows `--`
	for i := 0; i < len(args); i++ {
		w := args[i]
		if w.Text == "--" && !operands {
			operands = true
			continue
		}
		flag, value, inline := strings.Cut(w.Text, "=")
		if strings.HasPrefix(w.Text, "-") && len(w.Text) > 1 && !operands {
			named := slices.Contains(m.ManifestFlags, flag)
			switch {
			case named && inline:
				w.Text = value
				call.Files = append(call.Files, w)
			case named && i+1 < len(args):
				call.Files = append(call.Files, args[i+1])
				i++
			case slices.Contains(m.ManifestFlags, w.Text[:min(2, len(w.Text))]) && len(w.Text) > 2 && w.Text[1] != '-':
				w.Text = w.Text[2:] // -rrequirements.txt
				call.Files = append(call.Files, w)
			case !inline && m.TakesNext(flag, call.Verb.Text == ""):
				i++
			}
			continue
		}
		if call.Verb.Text == "" {
			call.Verb = w
			continue
		}
		rest = append(rest, w)
	}
	switch {
	case call.Verb.Text != "":
		rest = call.act(rest)
	case c.Has("--version", "-v", "--help", "-h"):
		call.Action, call.Manifest = Unknown, false
	}
	call.finish(rest)
	return call
}

// act reads the verb, which may be of two words, and returns the operands that are left.
func (c *Call) act(rest []Word) []Word {
	verbs := &c.manager.Verbs
	i := slices.IndexFunc(c.manager.Nested, func(n ecosystem.Nested) bool { return n.Word == c.Verb.Text })
	if i >= 0 && len(rest) > 0 {
		verbs = &c.manager.Nested[i].Verbs
		c.Outer, c.Verb, rest = c.Verb.Text, rest[0], rest[1:]
	} else if slices.Contains(c.manager.Prefixes, c.Verb.Text) && len(rest) > 0 {
		c.Verb, rest = rest[0], rest[1:]
	}
	action, sync := verbs.Action(c.Verb.Text)
	c.Action, c.Manifest = Action(action), sync
	return rest
}

// finish names the packages of an installation and settles where they come from.
func (c *Call) finish(rest []Word) {
	if c.Action != Install || c.Manifest {
		return
	}
	for _, w := range rest {
		c.Packages = append(c.Packages, readPackage(c.manager, w))
	}
	if c.manager.FromManifest != nil {
		c.Manifest = c.manager.FromManifest(c.plain())
	}
}

// plain is the call as package ecosystem takes it.
func (c *Call) plain() ecosystem.Call {
	out := ecosystem.Call{
		Verb: c.Verb.Text, Has: c.Command.Has,
		Value: func(flags ...string) (string, bool) {
			w, ok := c.Command.FlagValue(flags...)
			return w.Text, ok
		},
	}
	for _, w := range c.Command.Args() {
		out.Words = append(out.Words, w.Text)
	}
	for _, p := range c.Packages {
		out.Packages = append(out.Packages, p.Word.Text)
	}
	for _, w := range c.Files {
		out.Files = append(out.Files, w.Text)
	}
	return out
}

// Package is w as an argument of c that names a package.
func (c *Call) Package(w Word) Package { return readPackage(c.manager, w) }

func readPackage(m *ecosystem.Manager, w Word) Package {
	p := Package{Word: w, Name: w.Text}
	t := w.Text
	p.Local = strings.HasPrefix(t, ".") || strings.HasPrefix(t, "/") || strings.HasPrefix(t, "~") || strings.Contains(t,
		"://")
	switch {
	case p.Local:
	case m.DashVersion:
		if i := rpmVersion.Get().FindStringIndex(t); i != nil {
			p.Name, p.Version = t[:i[0]], t[i[0]+1:]
		}
	case m.Version != "":
		if i := strings.IndexAny(t[min(1, len(t)):], m.Version); i >= 0 {
			p.Name, p.Version = t[:i+1], strings.TrimLeft(t[i+1:], m.Version)
		}
	}
	return p
}

// rpmVersion finds where the version begins in name-1.2-3.el9; java-17-openjdk is all name.
var rpmVersion = lazy.Regexp{Expr: `-[0-9][^-]*(-[0-9][^-]*)?$`}
