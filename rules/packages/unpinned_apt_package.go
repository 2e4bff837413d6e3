package packages

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// UnpinnedAptPackage reports packages that apt-get installs without a version. A release after a slash (`pkg/trixie`)
// and a local file hold one too. Confidence is low where the stage names a snapshot of the archive, which holds all
// versions.
var UnpinnedAptPackage = &lint.Rule{
	Name: "unpinned-apt-package", Summary: "apt installs packages without a version", Category: lint.Packages,
	Aliases: []string{"DL3008"}, Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1",
	Fix: lint.NoFix,
	Check: (&pins{
		code: "DL3008", family: ecosystem.Apt, verbs: "install", noun: "package",
		form: "NAME=VERSION",
		judge: func(_ *shell.Call, pkg shell.Package) version {
			t := pkg.Word.Text
			switch {
			case strings.ContainsAny(t, "=/") || strings.HasSuffix(t, ".deb"):
				return held
			case !pkg.Word.Literal:
				return variable
			}
			return loose
		},
		moot: func(c *shell.Call) string {
			if simulates(texts(c.Command)) {
				return "the command only simulates the installation"
			}
			return ""
		},
		elsewhere: func(p *lint.Pass, c *shell.Call) string {
			if c.Command.Has("-S", "--snapshot") || mentions(p, c.Command.Script.Step, "//snapshot.") {
				return "a snapshot of the archive may pin all versions"
			}
			return ""
		},
	}).check(),
}

// mentioned are, by a text that a rule has asked for, the steps of the file that hold it.
var mentioned = lint.NewFact(func(*lint.Pass) map[string]map[*plan.Step]bool { return map[string]map[*plan.Step]bool{} })

// mentions reports whether step, or an instruction above it in its stage or those that it is built from, holds text.
func mentions(p *lint.Pass, step *plan.Step, text string) bool {
	known := mentioned.Of(p)
	if known[text] == nil {
		known[text] = stepsThat(p, func(s *plan.Step) bool {
			return strings.Contains(s.Instruction.Text.String, text) ||
				slices.ContainsFunc(s.Instruction.Heredocs, func(doc parser.Heredoc) bool { return strings.Contains(doc.Body.String, text) })
		})
	}
	return known[text][step] || anyBefore(step, known[text])
}

// stepsThat are all steps for which is is true. Many commands ask about the same steps.
func stepsThat(p *lint.Pass, is func(*plan.Step) bool) map[*plan.Step]bool {
	out := map[*plan.Step]bool{}
	for _, stage := range p.Plan.Stages {
		for _, step := range stage.Steps {
			if is(step) {
				out[step] = true
			}
		}
	}
	return out
}

// anyBefore reports whether one of steps is before step.
func anyBefore(step *plan.Step, steps map[*plan.Step]bool) bool {
	if len(steps) == 0 {
		return false
	}
	for earlier := range step.Before() {
		if steps[earlier] {
			return true
		}
	}
	return false
}
