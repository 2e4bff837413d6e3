package scripts

import (
	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell/fault"
)

// OneTurnLoop reports a for loop over a single constant word.
var OneTurnLoop = &lint.Rule{
	Name: "one-turn-loop", Category: lint.Scripts, Aliases: []string{"SC2043"},
	Summary:  "a loop over one constant word only runs once",
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(fault.OneTurnLoop, func(p *lint.Pass, _ *site, f *fault.Fault) *lint.Finding {
		finding := p.Report(f.Span, "the loop over %s only runs once", code(f.Text)).
			Because("the list after `in` is a single constant word").
			Advise("replace the loop with its body, and the variable with the word")
		if syntax.ValidName(f.Text) {
			finding.Advise("replace the loop with its body, and the variable with the word; or write `$%s` if the word is meant to be a variable", f.Text)
		}
		return finding
	}),
}
