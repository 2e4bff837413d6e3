package container

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

var jobs = lint.NewFact(findJob)

// Job says why the build of the target is there for what its last step does, or the run for an archive, so that nobody ships the image; "" if nothing says so.
func Job(p *lint.Pass) string { return jobs.Of(p) }

func findJob(p *lint.Pass) string {
	c := Of(p)
	if c.Target != nil && c.Entrypoint == nil && len(c.Commands) == 1 && (c.Commands[0].Name == "zip" || c.Commands[0].Name == "tar") {
		return "the container only packs files, so its size matters less"
	}
	if c.Target == nil || c.Entrypoint != nil || c.Cmd != nil || c.Health != nil || len(c.Exposed().Ports) > 0 || len(p.Services()) > 0 || len(c.Target.Steps) == 0 {
		return ""
	}
	last := c.Target.Steps[len(c.Target.Steps)-1]
	sc := p.Script(last)
	if sc == nil || len(sc.Commands) == 0 {
		return ""
	}
	switch {
	case slices.ContainsFunc(sc.Commands, sends):
		return "the last step uploads what the build made, so nobody seems to use the image"
	case slices.ContainsFunc(sc.Commands, lists) && !slices.ContainsFunc(sc.Commands, func(c *shell.Command) bool { return !lists(c) && !silent(c) }):
		return "the last step only lists files, so nobody seems to use the image"
	case slices.ContainsFunc(last.Mounts, ofContext) && !installsAny(p, c.Target):
		return "the last step only runs a program on the build context, so nobody seems to use the image"
	}
	return ""
}

// ofContext reports whether m mounts the whole build context.
func ofContext(m plan.Mount) bool {
	return m.Type == "bind" && m.From == nil && (m.Source == "" || m.Source == "." || m.Source == "/")
}

// installsAny reports whether a step of s, or of a stage that it is built from, installs packages.
func installsAny(p *lint.Pass, s *plan.Stage) bool {
	for _, s := range s.Lineage() {
		for _, sc := range p.Scripts(s) {
			if slices.ContainsFunc(sc.Calls(), func(c *shell.Call) bool { return c.Action == shell.Install }) {
				return true
			}
		}
	}
	return false
}

// sends reports whether c uploads a file to where releases are.
func sends(c *shell.Command) bool {
	return c.Name != "" && uploads.Get().MatchString(c.Name+" "+strings.Join(operands(c), " "))
}

func operands(c *shell.Command) (out []string) {
	for _, w := range c.Operands() {
		out = append(out, w.Text)
	}
	return out
}

var uploads = lazy.Regexp{Expr: `^(\S*upload\S*|twine upload|gh release|aws s3 (cp|sync)|gsutil cp|npm publish)\b`}

// lists reports whether c only shows files.
func lists(c *shell.Command) bool {
	switch c.Name {
	case "ls", "find", "du", "wc", "file", "stat", "tree":
		return !strings.Contains(c.Script.Text.String, ">") && !strings.Contains(c.Script.Text.String, "-exec") && !strings.Contains(c.Script.Text.String, "-delete")
	}
	return false
}

// silent reports whether c, beside a list of files, does nothing to files.
func silent(c *shell.Command) bool {
	switch c.Name {
	case "echo", "printf", "true", "set", "cd", "pwd":
		return true
	}
	return false
}
