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
		why:  "apt" + newest,
		help: "write `name=version`, where `version` may end in `*`, or install from a dated snapshot of the archive",
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
		elsewhere: func(_ *lint.Pass, c *shell.Call) string {
			if c.Command.Has("-S", "--snapshot") || mentions(c.Command.Script.Step, "//snapshot.") {
				return "a snapshot of the archive may pin all versions"
			}
			return ""
		},
	}).check(),
}

// mentions reports whether step, or an instruction above it in its stage or those that it is built from, holds text.
func mentions(step *plan.Step, text string) bool {
	holds := func(s *plan.Step) bool {
		return strings.Contains(s.Instruction.Text.String, text) ||
			slices.ContainsFunc(s.Instruction.Heredocs, func(doc parser.Heredoc) bool { return strings.Contains(doc.Body.String, text) })
	}
	if holds(step) {
		return true
	}
	for earlier := range step.Before() {
		if holds(earlier) {
			return true
		}
	}
	return false
}
