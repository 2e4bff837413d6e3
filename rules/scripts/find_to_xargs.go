package scripts

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// FindToXargs reports find that feeds xargs without -print0 and -0.
var FindToXargs = &lint.Rule{
	Name: "find-to-xargs", Summary: "names with blanks come apart between find and xargs", Category: lint.Scripts,
	Aliases:  []string{"SC2038"},
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(shell.FindToXargs, func(p *lint.Pass, _ *site, f *shell.Fault) *lint.Finding {
		return p.Report(f.Span, "find gives xargs names that it may split").
			Because("xargs splits at blanks and quotes, which names may have").
			Advise("use `find … -exec command {} +`, or `-print0` with `xargs -0`")
	}),
}
