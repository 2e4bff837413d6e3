package scripts

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell/fault"
)

// AndOrAsIfElse reports `a && b || c` if b may fail and c is more than a fallback such as `true` or `exit 1`.
var AndOrAsIfElse = &lint.Rule{
	Name: "and-or-as-if-else", Category: lint.Scripts, Aliases: []string{"SC2015"},
	Summary:  "`a && b || c` also runs c if b fails",
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(fault.AndOrAsIfElse, func(p *lint.Pass, _ *site, f *fault.Fault) *lint.Finding {
		return p.Report(f.Span, "the `%s` after `||` also runs if `%s` fails", short(f.Other), short(f.Text)).
			Relate(f.OtherSpan, "the command after `||`").
			Because("`a && b || c` is not an if-then-else, because `c` also runs if `b` fails").
			Advise("write `if a; then b; else c; fi`, or `{ a && b; } || c` if `c` is meant to run after a failure of `b` too")
	}),
}
