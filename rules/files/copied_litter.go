package files

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/litter"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// CopiedLitter reports COPY or ADD of a directory that includes what the image does not need: the history in `.git`,
// packages that the build installs itself, output that it generates itself, caches, large dumps. What
// missing-dockerignore and shallow-ignore-pattern report is left to them. Confidence is low for a few small files,
// and for a `.git` that does not ship, since tools read the version from it.
var CopiedLitter = &lint.Rule{
	Name:     "copied-litter",
	Summary:  "`COPY` of a directory includes `.git`, dependencies, build output or caches",
	Category: lint.Files,
	Severity: lint.Warning,
	Profile:  lint.Recommended,
	Scope:    lint.AnyStage,
	Since:    "2026.1",
	Fix:      lint.Unsafe,
	Check: lint.OnContext(func(p *lint.Pass) {
		if p.Context().Ignore == "" && firstWhole(p) != nil {
			return // missing-dockerignore reports it
		}
		told := map[string]bool{} // a second COPY of the same directories is not another fault
		for _, c := range litter.Of(p) {
			c.Litter = slices.DeleteFunc(slices.Clone(c.Litter), func(l buildcontext.Litter) bool {
				known := told[l.Roots[0]]
				told[l.Roots[0]] = true
				return known || meant(p.Context(), l) != nil
			})
			if len(c.Litter) > 0 {
				reportLitter(p, c)
			}
		}
	}),
}

// small is the number of bytes of caches and the like that are not worth a finding.
const small = 1_000_000

func reportLitter(p *lint.Pass, c litter.Copied) {
	found := weigh(c.Litter)
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
	what := enumerate(names)
	if len(found) > most {
		what = strings.Join(names, ", ") + fmt.Sprintf(" and %d more", len(found)-most)
	}
	f := p.Report(c.Source.Word.Full(), "`%s %s` includes %s", c.Step.Instruction.Name, c.Source.Word.String, what)
	ships := c.Ships(p)
	if ships {
		f.Because("the copy adds %s to the image", describe(found))
	} else {
		f.Because(
			"the copy adds %s to a stage that does not ship, but any change to these files makes the build run this step again",
			describe(found),
		)
	}
	lines := make([]string, 0, most)
	for _, l := range found {
		lines = append(lines, "`"+l.Pattern()+"`")
	}
	ignore := p.Context().Ignore
	var text []string
	for _, l := range found {
		text = append(text, l.Pattern())
	}
	if ignore != "" {
		f.Offer(lint.Unsafe, "extend `"+ignore+"`", lint.Edit{File: ignore, Text: strings.Join(text, "\n") + "\n"})
	} else {
		ignore = ".dockerignore"
		if all, known := app.IgnoreFile(p.Context(), p.Plan, p.Script); known {
			text = app.Extend(all, text)
		}
		f.Offer(lint.Unsafe, "create `.dockerignore`",
			lint.Edit{File: ignore, Create: true, Text: strings.Join(text, "\n") + "\n"})
	}
	f.Advise("add %s to `%s`", enumerate(lines), ignore)
	switch {
	case !grave && bytes < small:
		f.Doubting("these files are small")
	case history && !ships:
		f.Doubting("a tool may read the version from the git history")
	}
}

// firstWhole is the first COPY or ADD of the whole build context that the target needs, nil if there is none.
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
