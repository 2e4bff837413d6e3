package scripts

import (
	"slices"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// ReplacedSh reports a link or copy that replaces /bin/sh.
var ReplacedSh = &lint.Rule{
	Name: "replaced-sh", Category: lint.Scripts, Aliases: []string{"DL4005"},
	Summary:  "/bin/sh is replaced by another shell",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnCommand(func(p *lint.Pass, c *shell.Command) {
		words := c.Operands("-S", "--suffix", "-t", "--target-directory")
		var at *shell.Word
		doubt := ""
		for i, w := range words {
			switch {
			case i == len(words)-1 && i > 0 && (w.Text == "/bin/sh" || w.Text == "/usr/bin/sh"):
				at, doubt = &words[i], ""
			case at == nil && w.Text == "/bin/sh" && c.Name == "ln":
				at, doubt = &words[i], parity.Regardless("the link points to `/bin/sh` and does not replace it")
			}
		}
		if at == nil {
			return
		}
		f := p.Report(at.Span, "`%s` is replaced by another shell", at.Text).
			Because("the distribution's scripts are written for its own shell, and a package update may restore the original").
			Advise("keep the original `sh`, and name the other shell where it is needed, in `SHELL` or after `#!`")
		switch {
		case doubt != "":
			f.Message, f.Note, f.Help, f.Doubt = "`ln` names `"+at.Text+"`", "", "", doubt
		case !c.Script.Step.Stage.Shipped:
			f.Doubting("the stage is only used during the build")
		case !runsLater(p, c.Script.Step):
			f.Doubting("no `RUN` follows, so only the container uses the replaced shell")
		}
		if parity.LinkedSh(c, at.Text) {
			f.Alias("DL4005")
		}
	}, "ln", "cp", "mv"),
}

// runsLater reports whether a RUN follows step, in its stage or in one that is built from it.
func runsLater(p *lint.Pass, step *plan.Step) bool {
	run := func(other *plan.Step) bool { return other.Instruction.Name == "RUN" }
	if slices.ContainsFunc(step.Stage.Steps[step.Index+1:], run) {
		return true
	}
	return slices.ContainsFunc(p.Plan.Stages, func(s *plan.Stage) bool {
		for _, at := range s.Lineage() {
			if at == step.Stage && s != step.Stage {
				return slices.ContainsFunc(s.Steps, run)
			}
		}
		return false
	})
}
