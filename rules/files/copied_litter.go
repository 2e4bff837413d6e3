package files

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// CopiedLitter reports COPY or ADD of a directory that includes what the image does not need: the history in `.git`, packages that
// the build installs itself, output that it generates itself, caches, large dumps. What missing-dockerignore and
// shallow-ignore-pattern report is left to them. Confidence is low for a few small files, and for a `.git` that does not ship,
// since tools read the version from it.
var CopiedLitter = &lint.Rule{
	Name: "copied-litter", Summary: "`COPY` of a directory includes `.git`, dependencies, build output or caches", Category: lint.Files,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnContext(func(p *lint.Pass) {
		if p.Context().Ignore == "" && firstWhole(p) != nil {
			return // missing-dockerignore says it
		}
		told := map[string]bool{} // one fault, one finding: the next COPY of the same folders brings nothing new
		eachSource(p, func(step *plan.Step, src plan.Source) {
			found := slices.DeleteFunc(litter(p, step, src), func(l buildcontext.Litter) bool {
				known := told[l.Roots[0]]
				told[l.Roots[0]] = true
				return known || meant(p.Context(), l) != nil
			})
			if len(found) > 0 {
				reportLitter(p, step, src, found)
			}
		})
	}),
}

// small is how many bytes of caches and the like are not worth a finding.
const small = 1_000_000

func reportLitter(p *lint.Pass, step *plan.Step, src plan.Source, litter []buildcontext.Litter) {
	found := weigh(litter)
	var bytes int64
	grave, history := false, true
	for _, l := range found {
		bytes += l.bytes
		grave = grave || l.Kind != buildcontext.Leftovers
		history = history && l.Kind == buildcontext.History
	}
	const most = 3 // the rest is counted
	var names []string
	for _, l := range found[:min(most, len(found))] {
		names = append(names, "`"+l.Name+"`")
	}
	what := strings.Join(names, ", ")
	switch n := len(names); {
	case len(found) > most:
		what += fmt.Sprintf(" and %d more", len(found)-most)
	case n > 1:
		what = strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	f := p.Report(src.Word.Full(), "`%s %s` includes %s", step.Instruction.Name, src.Word.String, what)
	ships := shipsLitter(p, step, litter)
	if ships {
		f.Because("this adds %s to the image", describe(found))
	} else {
		f.Because("this adds %s to the stage; it does not ship, but any change to it invalidates this step", describe(found))
	}
	lines := make([]string, 0, most)
	for _, l := range found {
		lines = append(lines, "`"+l.Pattern()+"`")
	}
	ignore := p.Context().Ignore
	if ignore == "" {
		ignore = ".dockerignore"
		var text strings.Builder
		for _, l := range found {
			text.WriteString(l.Pattern() + "\n")
		}
		f.Offer(lint.Unsafe, "create `.dockerignore`", lint.Edit{File: ignore, Create: true, Text: text.String()})
	}
	f.Advise("add %s to `%s`", strings.Join(lines, ", "), ignore)
	switch {
	case !grave && bytes < small:
		f.Doubting("these files are small")
	case history && !ships:
		f.Doubting("a tool may read the version from the git history")
	}
}

// weighed is litter with what it weighs, at least.
type weighed struct {
	buildcontext.Litter
	bytes int64
	more  bool
}

// weigh looks at the files of what is reported, the worst first.
func weigh(found []buildcontext.Litter) []weighed {
	out := make([]weighed, len(found))
	for i, l := range found {
		bytes, all := buildcontext.Weigh(l.Files)
		out[i] = weighed{l, bytes, !all}
	}
	slices.SortStableFunc(out, func(a, b weighed) int { return cmp.Compare(b.bytes, a.bytes) })
	return out
}

// describe is files and bytes of the worst few.
func describe(found []weighed) string {
	const most = 5
	var parts []string
	for _, l := range found[:min(most, len(found))] {
		parts = append(parts, fmt.Sprintf("`%s` (%s, %s)", l.Name, count(len(l.Files), "file"), atLeast(l.bytes, l.more)))
	}
	return strings.Join(parts, ", ")
}

// atLeast is n bytes, of which there are more.
func atLeast(n int64, more bool) string {
	if more {
		return "over " + size(n)
	}
	return size(n)
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits + " " + what
}

// size is n bytes in the decimal units that Docker prints.
func size(n int64) string {
	switch {
	case n < 1000:
		return strconv.FormatInt(n, 10) + " B"
	case n < 999_500:
		return strconv.FormatInt((n+500)/1000, 10) + " kB"
	case n < 9_950_000:
		return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64) + " MB"
	case n < 999_500_000:
		return strconv.FormatInt((n+500_000)/1_000_000, 10) + " MB"
	}
	return strconv.FormatFloat(float64(n)/1e9, 'f', 1, 64) + " GB"
}

// litter is what src brings that the build does not need.
func litter(p *lint.Pass, step *plan.Step, src plan.Source) []buildcontext.Litter {
	taken, ok := p.Context().Transfer(step, src)
	if !ok || len(taken.Files) == 0 {
		return nil
	}
	base := base(src)
	return slices.DeleteFunc(p.Context().Litter(taken.Files, base), func(l buildcontext.Litter) bool {
		return needed(p, step, l) || !step.Stage.Shipped && deleted(p, step, l)
	})
}

// base is the folder of the build context whose contents src brings: itself, or that of a pattern.
func base(src plan.Source) string {
	name := strings.TrimPrefix(path.Clean("/"+src.Path.Text), "/")
	for strings.ContainsAny(name, `*?[\`) {
		name = path.Dir(name)
	}
	if name == "" {
		return "."
	}
	return name
}

// needed reports whether the build may need l in spite of its name.
func needed(p *lint.Pass, step *plan.Step, l buildcontext.Litter) bool {
	named := func(source string) bool {
		source = strings.TrimPrefix(path.Clean("/"+source), "/")
		return slices.ContainsFunc(l.Roots, func(root string) bool { return plan.Within(source, root) }) || source == l.Name
	}
	for _, s := range p.Plan.Stages {
		for _, other := range s.Steps {
			for _, m := range other.Mounts {
				if m.Type == "bind" && m.From == nil && named(m.Source) {
					return true
				}
			}
			if t := other.Copy; t.Context() {
				for _, src := range t.Sources {
					if !src.Path.Known || !src.Whole() && named(src.Path.Text) {
						return true
					}
				}
			}
		}
	}
	switch l.Kind {
	case buildcontext.History:
		read, known := app.Needs(p.Context(), p.Plan, p.Script, l.Name)
		return read || !known
	case buildcontext.Dependencies, buildcontext.Output:
		return !runs(p, step, maker(l))
	case buildcontext.Leftovers:
		// The text may speak of the path in the image.
		return slices.ContainsFunc(step.Stage.Steps, func(s *plan.Step) bool { return s.Copy == nil && app.Mentions(s.Instruction, l.Name) })
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

// deleted reports whether a command of the stage removes l by its name. In a stage that ships that takes nothing from the layer.
func deleted(p *lint.Pass, step *plan.Step, l buildcontext.Litter) bool {
	return runs(p, step, func(c *shell.Command) bool {
		return c.Name == "rm" && slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return path.Base(w.Text) == l.Name })
	})
}

// runs reports whether a stage that step belongs to, or one that is built from it, runs a command that is meant.
func runs(p *lint.Pass, step *plan.Step, is func(*shell.Command) bool) bool {
	found := false
	for _, s := range p.Plan.Stages {
		if s != step.Stage && (s.Base == nil || s.Base.Stage != step.Stage) && (step.Stage.Base == nil || step.Stage.Base.Stage != s) {
			continue
		}
		for sc := range p.Scripts(s) {
			found = found || slices.ContainsFunc(sc.Commands, is)
		}
	}
	return found
}

// maker finds the commands that install or build l.
func maker(l buildcontext.Litter) func(*shell.Command) bool {
	return func(c *shell.Command) bool {
		for _, m := range ecosystem.All() {
			if l.Kind == buildcontext.Output && l.Tool != string(m.Family) {
				continue
			}
			for _, o := range m.Outputs {
				if o.Litter && o.Name == l.Name && (ecosystem.Of(c.Name) == m || slices.Contains(o.Others, c.Name)) && makes(c, o) {
					return true
				}
			}
		}
		return false
	}
}

// makes reports whether c, of a tool that may make o, does so.
func makes(c *shell.Command, o ecosystem.Output) bool {
	args := c.Args()
	if ecosystem.Has(o.Installs, "-") && (len(args) == 0 || strings.HasPrefix(args[0].Text, "--")) {
		return true
	}
	return slices.ContainsFunc(args, func(w shell.Word) bool {
		return ecosystem.Has(o.Installs, w.Text) || slices.ContainsFunc(o.Says, func(part string) bool { return strings.Contains(w.Text, part) })
	})
}

// shipsLitter reports whether any of found reaches the image, as far as that is known.
func shipsLitter(p *lint.Pass, step *plan.Step, found []buildcontext.Litter) bool {
	if step.Stage.Shipped {
		return true
	}
	for _, l := range found {
		for _, src := range step.Copy.Sources {
			rel, ok := l.Roots[0], true
			if b := base(src); b != "." {
				rel, ok = strings.CutPrefix(rel, b+"/")
			}
			if file, known := step.Lands(rel); ok && known && p.Plan.Ships(step.Stage, file) {
				return true
			}
		}
	}
	return false
}

// firstWhole is the first COPY or ADD that the target needs and that takes the whole build context, nil if there is none.
func firstWhole(p *lint.Pass) *plan.Step {
	for _, s := range p.Plan.Stages {
		for _, step := range s.Steps {
			if s.Reached && step.Copy.Whole() {
				return step
			}
		}
	}
	return nil
}
