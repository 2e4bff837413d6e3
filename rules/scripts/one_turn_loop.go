package scripts

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// OneTurnLoop reports a for over a single constant.
var OneTurnLoop = &lint.Rule{
	Name: "one-turn-loop", Summary: "a loop over one constant word runs once", Category: lint.Scripts,
	Aliases:  []string{"SC2043"},
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(shell.OneTurnLoop, func(p *lint.Pass, _ *site, f *shell.Fault) *lint.Finding {
		return p.Report(f.Span, "the loop over %s runs once", code(f.Text)).
			Because("its list is one constant word").
			Advise("drop the loop, or expand what the word should stand for")
	}),
}
