package runtime

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// ChownAtStart reports a start script that changes the owner of the whole application. It ignores scripts that look first whose
// the files are, and directories into which nothing is copied in the build, which hold data.
var ChownAtStart = &lint.Rule{
	Name: "chown-at-start", Category: lint.Runtime,
	Summary:  "the container changes the owner of the whole application when it starts",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		if p.Plan.Target == nil || p.Plan.ForDevelopment() {
			return
		}
		for _, code := range container.Of(p).Code() {
			for _, c := range code.Commands {
				dir := owned(p, code, c)
				if dir == "" {
					continue
				}
				span := c.Span
				if code.Entry != nil {
					span = code.Entry.Word.Span
				}
				f := p.Report(span, "`chown -R` changes the owner of all of `%s` when the container starts", dir).
					Because("in a new container `chown` copies each file of the application into the writable layer, which takes time and space").
					Advise("set the owner in the build, and only `chown` the directories with data when the container starts")
				if code.Entry != nil {
					f.RelateFile(code.Entry.File, 1+strings.Count(code.Entry.Text[:c.Span.Start], "\n"), "the command runs here")
				}
				return
			}
		}
	}),
}

// owned is the directory with the application whose owner c, a command of code, changes; "" if there is none.
func owned(p *lint.Pass, code container.Code, c *shell.Command) string {
	if c.Name != "chown" || c.Script != code.Script || !c.Has("-R", "--recursive") || c.Has("--from") {
		return ""
	}
	if code.Entry != nil && (strings.Contains(code.Entry.Text, "stat -c") || strings.Contains(code.Entry.Text, "-user")) {
		return "" // it may only run once
	}
	operands := c.Operands()
	for _, w := range operands[min(1, len(operands)):] {
		dir := path.Clean(w.Text)
		if !w.Literal || !path.IsAbs(w.Text) || strings.ContainsAny(dir, "*?[$") || dir == "/" {
			continue
		}
		if filledByCopy(p.Plan.Target, dir) {
			return dir
		}
	}
	return ""
}

// filledByCopy reports whether the build copies the application into dir of s: a directory of the build context, or the result of
// another stage.
func filledByCopy(s *plan.Stage, dir string) bool {
	for _, s := range s.Lineage() {
		for _, step := range s.Steps {
			if step.Copy == nil || !plan.Within(path.Clean(step.Destination()), dir) {
				continue
			}
			if step.Copy.From != nil || slices.ContainsFunc(step.Copy.Sources, func(src plan.Source) bool {
				return !src.Heredoc && !src.Remote && path.Ext(src.Path.Text) == ""
			}) {
				return true
			}
		}
	}
	return false
}
