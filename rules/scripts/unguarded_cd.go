package scripts

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// UnguardedCd reports a cd whose failure nothing looks at, in a script without `set -e`.
var UnguardedCd = &lint.Rule{
	Name: "unguarded-cd", Summary: "a script goes on where a failed cd leaves it", Category: lint.Scripts,
	Aliases:  []string{"SC2164"},
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(shell.UnguardedCd, func(p *lint.Pass, _ *site, f *shell.Fault) *lint.Finding {
		return p.Report(f.Span, "nothing looks at a failure of `%s`", f.Text).
			Because("what follows then runs in the wrong folder").
			Advise("write `%s … && …`, begin the script with `set -e`, or use WORKDIR", f.Text)
	}),
}
