package files

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/litter"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// ShallowIgnorePattern reports a line of the ignore file without a slash, which would match at any depth in
// `.gitignore`, if files of that name deeper in the context are copied and are clearly unwanted there too: what
// copied-litter would report, and files that no image needs. Other names may mean something else there, so confidence
// is low. What an instruction names or mentions is not reported.
var ShallowIgnorePattern = &lint.Rule{
	Name:     "shallow-ignore-pattern",
	Summary:  "a `.dockerignore` pattern only matches at the root, but the same files exist deeper and are copied",
	Category: lint.Files,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnContext(func(p *lint.Pass) {
		told := map[string]bool{} // by root
		for _, c := range litter.Of(p) {
			step, src := c.Step, c.Source
			taken, ok := p.Context().Transfer(step, src)
			if !ok {
				continue
			}
			var sure, unsure []buildcontext.Shallow
			for _, s := range p.Context().Shallow(taken.Files) {
				if told[s.Roots[0]] || slices.Contains(s.Roots, litter.Dir(src)) {
					continue
				}
				told[s.Roots[0]] = true
				same := func(l buildcontext.Litter) bool { return meant(p.Context(), l) == s.Pattern }
				switch {
				case slices.ContainsFunc(c.Litter, same), slices.Contains(debris[:], s.Pattern.Glob):
					sure = append(sure, s)
				case !slices.ContainsFunc(p.Context().Litter(taken.Files, litter.Dir(src)), same) && !required(p, s):
					unsure = append(unsure, s)
				}
			}
			if len(sure) > 0 {
				f, lines := reportShallow(p, step, src, sure)
				f.Advise("write %s to match at any depth", lines)
			}
			if len(unsure) > 0 {
				f, lines := reportShallow(p, step, src, unsure)
				what := "the pattern is"
				if len(unsure) > 1 {
					what = "the patterns are"
				}
				f.Advise("write %s if %s meant to match at any depth", lines, what).Doubting("the deeper files may be copied on purpose")
			}
		}
	}),
}

// debris lists patterns of files that programs leave behind wherever they run.
var debris = [...]string{
	".DS_Store", "Thumbs.db", "*.swp", "*.swo", "*.pyc", "*.pyo", "*.py[co]", "*.py[cod]", "npm-debug.log",
	"npm-debug.log*", "yarn-error.log", "yarn-error.log*", "yarn-debug.log*", ".eslintcache", "*.tsbuildinfo",
}

// meant is the pattern without a slash that would ignore l, which is below the root, if it matched at any depth; nil
// if there is none.
func meant(ctx *buildcontext.Context, l buildcontext.Litter) *buildcontext.Pattern {
	if slices.ContainsFunc(l.Roots, func(root string) bool { return !strings.Contains(root, "/") }) {
		return nil
	}
	for _, p := range ctx.Patterns() {
		if ok, err := path.Match(p.Glob, l.Name); err == nil && ok && p.Unanchored() {
			return p
		}
	}
	return nil
}

// required reports whether the build names or mentions what s would exclude.
func required(p *lint.Pass, s buildcontext.Shallow) bool {
	return slices.ContainsFunc(append(s.Roots, s.Pattern.Glob), func(name string) bool {
		needed, known := app.Needs(p.Context(), p.Plan, p.Script, name)
		return needed || !known
	})
}

// reportShallow reports found, without help. lines are the patterns that would ignore it at any depth.
func reportShallow(
	p *lint.Pass,
	step *plan.Step,
	src plan.Source,
	found []buildcontext.Shallow,
) (f *lint.Finding, lines string) {
	ignore := p.Context().Ignore
	var files []buildcontext.File
	var deep []string
	for _, s := range found {
		files = append(files, s.Files...)
		deep = append(deep, "`**/"+s.Pattern.Glob+"`")
	}
	first := found[0]
	what := "`" + first.Roots[0] + "`"
	if n := len(first.Roots); n > 1 {
		what += " and " + count(n-1, "other")
	}
	f = p.Report(src.Word.Full(), "`%s %s` includes %s because `%s` in `%s` only matches at the root",
		step.Instruction.Name, src.Word.String, what, first.Pattern, ignore)
	if len(found) > 1 {
		f.Message += "; the same is true of " + count(len(found)-1, "more pattern")
	}
	bytes, all := buildcontext.Weigh(files)
	f.Because("the copy adds %s (%s); unlike in `.gitignore`, a pattern has to match the whole path",
		count(len(files), "file"), atLeast(bytes, !all))
	const most = 5
	if len(deep) > most {
		deep = append(deep[:most], count(len(found)-most, "other"))
	}
	for _, s := range found[:min(most, len(found))] {
		f.RelateFile(ignore, s.Pattern.Line, "pattern `%s`", s.Pattern)
	}
	if last := len(deep) - 1; last > 0 {
		return f, strings.Join(deep[:last], ", ") + " and " + deep[last]
	}
	return f, deep[0]
}
