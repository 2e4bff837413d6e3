package scripts

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// AndOrAsIfElse reports `a && b || c` where b may fail and c is no mere fallback such as `true` or `exit 1`.
var AndOrAsIfElse = &lint.Rule{
	Name: "and-or-as-if-else", Summary: "`a && b || c` runs c also where b fails", Category: lint.Scripts,
	Aliases:  []string{"SC2015"},
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(shell.AndOrElse, func(p *lint.Pass, _ *site, f *shell.Fault) *lint.Finding {
		return p.Report(f.Span, "what follows `||` also runs where `%s` fails", short(f.Text)).
			Because("`a && b || c` is no if-then-else").
			Advise("write `if a; then b; else c; fi`")
	}),
}
