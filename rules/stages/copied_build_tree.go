package stages

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// CopiedBuildTree reports a `COPY --from` of the whole directory in which another stage has built the application from the
// build context. It knows compilers, and bundlers where the container starts what they make. It is silent if the stage
// deletes something first. It also knows packages for Node in an image that cannot run Node.
var CopiedBuildTree = &lint.Rule{
	Name: "copied-build-tree", Category: lint.Stages,
	Summary:  "`COPY --from` copies the whole directory of a build, with its sources and everything that the build used",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		if s.Copy == nil || s.Copy.From == nil || s.Copy.From.Stage == nil || s.Stage != p.Plan.Target || p.Plan.ForDevelopment() {
			return
		}
		from := s.Copy.From.Stage
		for _, src := range s.Copy.Sources {
			dir := path.Clean("/" + src.Path.Text)
			if !src.Path.Known || dir == "/" {
				continue
			}
			var build *shell.Command
			if holdsContext(from, dir) {
				build = compiles(p, from)
			}
			if build == nil {
				if unrunModules(p, s, src, from, dir) {
					return
				}
				continue
			}
			p.Report(src.Word.Full(), "`%s` contains the sources and everything else in the build's directory, not only the result", src.Word.String).
				Relate(build.Span, "the build happens here").
				Because("files that only the build needs add size to the final image, and whoever can pull the image can read the sources").
				Advise("copy only what the program needs to run, such as the result of `%s`", buildWords(build))
			return
		}
	}, "COPY", "ADD"),
}

func buildWords(c *shell.Command) string {
	var words []string
	most := 2
	if len(c.Words) > 1 && c.Words[1].Text == "run" {
		most = 3
	}
	for _, w := range c.Words[:min(len(c.Words), most)] {
		words = append(words, w.Text)
	}
	return strings.Join(words, " ")
}

// holdsContext reports whether a step of s copies the whole build context to dir.
func holdsContext(s *plan.Stage, dir string) bool {
	for _, s := range s.Lineage() {
		for _, step := range s.Steps {
			if !step.Copy.Whole() {
				continue
			}
			if to, ok := step.Lands(""); ok && path.Clean(to) == dir {
				return true
			}
		}
	}
	return false
}

// compiles is the command of s that builds what the container starts, nil if there is none, or if s deletes something.
func compiles(p *lint.Pass, s *plan.Stage) (found *shell.Command) {
	for _, s := range s.Lineage() {
		for _, sc := range p.Scripts(s) {
			for _, c := range sc.Commands {
				switch m := ecosystem.Of(c.Name); {
				case c.Name == "rm", c.Name == "find":
					return nil
				case m == nil:
				case m.Build != nil && m.Build.Compiles && len(c.Words) > 1 && ecosystem.Has(m.Build.Verbs, c.Words[1].Text):
					found = c
				case m.Runner != nil && m.Runner.Scripts && startsBundle(p) &&
					slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return w.Text == "build" }):
					found = c
				}
			}
		}
	}
	return found
}

// startsBundle reports whether the container starts what a bundler makes.
func startsBundle(p *lint.Pass) bool {
	return slices.ContainsFunc(container.Of(p).Tasks(), func(t container.Task) bool {
		return t.Name() == "next" || slices.ContainsFunc(t.Words, func(w shell.Word) bool {
			first, _, _ := strings.Cut(strings.TrimPrefix(path.Clean(w.Text), "/app/"), "/")
			return first == "dist" || first == "build" || first == ".output" || first == ".next"
		})
	})
}
