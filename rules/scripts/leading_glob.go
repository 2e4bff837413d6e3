package scripts

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// LeadingGlob reports an argument that begins with a glob. What echo and printf print is left alone.
var LeadingGlob = &lint.Rule{
	Name: "leading-glob", Summary: "a glob at the start of an argument can become an option", Category: lint.Scripts,
	Aliases:  []string{"SC2035"},
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(shell.BareGlob, func(p *lint.Pass, _ *site, f *shell.Fault) *lint.Finding {
		return p.Report(f.Span, "`%s` may match a name that begins with a dash", f.Text).
			Because("the command takes such a name for an option").
			Advise("write `./%s`, or `--` before it", f.Text)
	}),
}
