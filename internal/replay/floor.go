package replay

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/shell"
)

// Floor is what a build would cost on average if no step ran again for what it does not need, whatever the order of steps: COPY only for
// its own files, an installation of the application's dependencies only for manifests and lock files, one of named packages never, and
// no RUN for a build argument that it does not mention. Any other step costs what it costs now.
func (c *Costs) Floor(r *Result, scripts *shell.Scripts) float64 {
	if len(r.Commits) == 0 {
		return 0
	}
	total := 0.0
	for n, s := range r.Steps {
		need := c.needs(s, scripts)
		for i, state := range s.States {
			if state != Ran && state != Unknown {
				continue
			}
			if w := s.Why[i]; w < 0 || slices.ContainsFunc(r.Changed[i][w], func(p int32) bool { return need(r.Paths[p]) }) {
				total += c.Each[n]
			}
		}
	}
	return total / float64(len(r.Commits))
}

// needs reports of a path, or a build argument, whether s needs it. It says yes if that is not known.
func (c *Costs) needs(s *Step, scripts *shell.Scripts) func(name string) bool {
	text := s.Instruction.Text.String
	argument := func(name string) bool {
		arg, ok := strings.CutPrefix(name, argPrefix)
		return !ok || strings.Contains(text, arg)
	}
	sc := scripts.Of(s.Step)
	if sc == nil {
		return func(name string) bool {
			if strings.HasPrefix(name, argPrefix) {
				return argument(name)
			}
			return len(s.takes) == 0 || slices.ContainsFunc(s.takes, func(takes func(string) bool) bool { return takes(name) })
		}
	}
	only := true // it does nothing but install
	var files []string
	for _, cmd := range sc.Commands {
		call := callOf(sc, cmd)
		switch {
		case call == nil:
			only = only && harmless(cmd.Name)
		case install.Compiles(call), call.Action == shell.Unknown:
			only = false // it may read anything
		case call.Action != shell.Install || !call.Manifest:
		default:
			m := install.Manager(call)
			for _, w := range call.Files {
				files = append(files, path.Base(w.Text))
			}
			if m.Project != nil {
				files = append(files, m.Project.Manifests...)
			}
			if m.Lock != nil {
				files = append(files, m.Lock.Files...)
			}
			only = only && (m.Project != nil || len(call.Files) > 0)
		}
	}
	if !only || len(sc.Calls()) == 0 {
		return argument
	}
	return func(name string) bool {
		if strings.HasPrefix(name, argPrefix) {
			return argument(name)
		}
		return slices.ContainsFunc(files, func(pattern string) bool {
			ok, err := path.Match(pattern, path.Base(name))
			return ok || err != nil
		})
	}
}

func callOf(sc *shell.Script, c *shell.Command) *shell.Call {
	for _, call := range sc.Calls() {
		if call.Command == c {
			return call
		}
	}
	return nil
}

// harmless reports whether a command next to an installation reads nothing of the application.
func harmless(name string) bool {
	switch name {
	case "set", "echo", "true", ":", "rm", "mkdir", "cd", "export", "corepack", "useradd", "groupadd", "adduser", "addgroup", "update-ca-certificates":
		return true
	}
	return false
}
