package scripts

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell/fault"
)

// UnguardedCd reports a cd whose failure goes unnoticed, in a script without `set -e`.
var UnguardedCd = &lint.Rule{
	Name: "unguarded-cd", Category: lint.Scripts, Aliases: []string{"SC2164"},
	Summary:  "a script continues in the wrong directory if `cd` fails",
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(fault.UnguardedCd, func(p *lint.Pass, _ *site, f *fault.Fault) *lint.Finding {
		return p.Report(f.Span, "a failure of `%s` does not stop the script", f.Text).
			Because("if `%s` fails, the commands after it run in the wrong directory", f.Text).
			Advise("write `%s … || exit 1`", f.Text)
	}),
}
