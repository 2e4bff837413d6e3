package scripts

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell/fault"
)

// FindToXargs reports a find that pipes names to xargs without -print0 and -0.
var FindToXargs = &lint.Rule{
	Name: "find-to-xargs", Category: lint.Scripts, Aliases: []string{"SC2038"},
	Summary:  "`find | xargs` splits file names that contain spaces",
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(fault.FindToXargs, func(p *lint.Pass, _ *site, f *fault.Fault) *lint.Finding {
		return p.Report(f.Span, "`xargs` may split file names that `find` prints").
			Because("`xargs` splits its input at whitespace and interprets quotes, and file names may contain both").
			Advise("use `find … -exec command {} +`")
	}),
}
