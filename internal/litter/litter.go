// Package litter knows which files COPY and ADD include although the build does not need them: the history in `.git`,
// packages that the build installs itself, output that it generates itself, caches, large dumps.
package litter

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Copied is a source of COPY or ADD, with what it copies that the build does not need.
type Copied struct {
	Step   *plan.Step
	Source plan.Source
	Litter []buildcontext.Litter
}

var fact = lint.NewFact(func(p *lint.Pass) []Copied {
	if p.Context() == nil {
		return nil
	}
	var out []Copied
	for _, s := range p.Plan.Stages {
		for _, step := range s.Steps {
			if !s.Reached || step.Copy == nil {
				continue
			}
			for _, src := range step.Copy.Sources {
				out = append(out, Copied{step, src, unneeded(p, step, src)})
			}
		}
	}
	return out
})

// Of are the sources of COPY and ADD in the stages that the target needs, in order, also those without litter; none
// without a build context. The result must not be changed.
func Of(p *lint.Pass) []Copied { return fact.Of(p) }

// unneeded is what src copies that the build does not need.
func unneeded(p *lint.Pass, step *plan.Step, src plan.Source) []buildcontext.Litter {
	taken, ok := p.Context().Transfer(step, src)
	if !ok || len(taken.Files) == 0 {
		return nil
	}
	return slices.DeleteFunc(p.Context().Litter(taken.Files, Dir(src)), func(l buildcontext.Litter) bool {
		return needed(p, step, l) || !step.Stage.Shipped && deleted(p, step, l)
	})
}

// Dir is the directory of the build context whose contents src copies: src itself, or the directory above its
// wildcards.
func Dir(src plan.Source) string {
	name := strings.TrimPrefix(path.Clean("/"+src.Path.Text), "/")
	for strings.ContainsAny(name, `*?[\`) {
		name = path.Dir(name)
	}
	if name == "" {
		return "."
	}
	return name
}

// named are the files and directories of the build context that the steps of a build name.
type named struct {
	names   []string // each once
	unknown bool     // some are not known
}

var sources = lint.NewFact(func(p *lint.Pass) (n named) {
	known := map[string]bool{}
	add := func(source string) {
		if source = strings.TrimPrefix(path.Clean("/"+source), "/"); !known[source] {
			known[source] = true
			n.names = append(n.names, source)
		}
	}
	for _, s := range p.Plan.Stages {
		for _, step := range s.Steps {
			for _, m := range step.Mounts {
				if m.Type == "bind" && m.From == nil {
					add(m.Source)
				}
			}
			if !step.Copy.Context() {
				continue
			}
			for _, src := range step.Copy.Sources {
				if n.unknown = n.unknown || !src.Path.Known; src.Path.Known && !src.Whole() {
					add(src.Path.Text)
				}
			}
		}
	}
	return n
})

// histories are whether the build may need a directory of version control, by its name, for those that were asked about.
var histories = lint.NewFact(func(*lint.Pass) map[string]bool { return map[string]bool{} })

// needed reports whether the build may need l despite its name.
func needed(p *lint.Pass, step *plan.Step, l buildcontext.Litter) bool {
	all := sources.Of(p)
	if all.unknown || slices.ContainsFunc(all.names, func(source string) bool {
		return slices.ContainsFunc(l.Roots, func(root string) bool { return plan.Within(source, root) }) || source == l.Name
	}) {
		return true
	}
	switch l.Kind {
	case buildcontext.History:
		answers := histories.Of(p)
		if _, asked := answers[l.Name]; !asked {
			read, known := app.Needs(p.Context(), p.Plan, p.Script, l.Name)
			answers[l.Name] = read || !known
		}
		return answers[l.Name]
	case buildcontext.Dependencies, buildcontext.Output:
		return !runs(p, step, maker(l))
	case buildcontext.Leftovers:
		// The text may mean the path in the image.
		return slices.ContainsFunc(
			step.Stage.Steps,
			func(s *plan.Step) bool { return s.Copy == nil && app.Mentions(s.Instruction, l.Name) },
		)
	case buildcontext.Dump:
		return slices.ContainsFunc(p.Plan.Stages, func(s *plan.Stage) bool {
			return slices.ContainsFunc(s.Steps, func(s *plan.Step) bool {
				return strings.Contains(s.Instruction.Text.String, strings.TrimPrefix(l.Name, "*")) ||
					slices.ContainsFunc(l.Roots, func(root string) bool { return app.Mentions(s.Instruction, path.Base(root)) })
			})
		})
	}
	return true
}

// deleted reports whether a command of the stage removes l by its name. In a stage that ships this does not help,
// since the layer keeps it.
func deleted(p *lint.Pass, step *plan.Step, l buildcontext.Litter) bool {
	return runs(p, step, func(c *shell.Command) bool {
		return c.Name == "rm" &&
			slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return path.Base(w.Text) == l.Name })
	})
}

// runs reports whether the stage of step, the stage it is built from, or a stage built from it runs a command for
// which is is true.
func runs(p *lint.Pass, step *plan.Step, is func(*shell.Command) bool) bool {
	found := false
	for _, s := range p.Plan.Stages {
		if s != step.Stage && (s.Base == nil || s.Base.Stage != step.Stage) &&
			(step.Stage.Base == nil || step.Stage.Base.Stage != s) {
			continue
		}
		for _, sc := range p.Scripts(s) {
			found = found || slices.ContainsFunc(sc.Commands, is)
		}
	}
	return found
}

// maker reports for a command whether it installs or builds l.
func maker(l buildcontext.Litter) func(*shell.Command) bool {
	return func(c *shell.Command) bool {
		for _, m := range ecosystem.All() {
			if l.Kind == buildcontext.Output && l.Tool != string(m.Family) {
				continue
			}
			for _, o := range m.Outputs {
				if o.Litter && o.Name == l.Name && (ecosystem.Of(c.Name) == m || slices.Contains(o.Others, c.Name)) &&
					makes(c, m, o) {
					return true
				}
			}
		}
		return false
	}
}

// makes reports whether c, a command of m or of another tool that can make its output o, does so.
func makes(c *shell.Command, m *ecosystem.Manager, o ecosystem.Output) bool {
	args, installs := c.Args(), ""
	if o.Dependencies {
		installs = m.Installs
	}
	if ecosystem.Has(installs, "-") && (len(args) == 0 || strings.HasPrefix(args[0].Text, "--")) {
		return true
	}
	return slices.ContainsFunc(args, func(w shell.Word) bool {
		return ecosystem.Has(installs, w.Text) ||
			slices.ContainsFunc(o.Says, func(part string) bool { return strings.Contains(w.Text, part) })
	})
}

// Ships reports whether any of the litter reaches the image, as far as that is known.
func (c Copied) Ships(p *lint.Pass) bool {
	if c.Step.Stage.Shipped {
		return true
	}
	for _, l := range c.Litter {
		for _, src := range c.Step.Copy.Sources {
			rel, ok := l.Roots[0], true
			if dir := Dir(src); dir != "." {
				rel, ok = strings.CutPrefix(rel, dir+"/")
			}
			if file, known := c.Step.Lands(rel); ok && known && p.Plan.Ships(c.Step.Stage, file) {
				return true
			}
		}
	}
	return false
}
