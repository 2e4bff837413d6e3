package scripts

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell/fault"
)

// LeadingGlob reports an argument that begins with a glob, except for echo and printf, which only print it.
var LeadingGlob = &lint.Rule{
	Name: "leading-glob", Category: lint.Scripts, Aliases: []string{"SC2035"},
	Summary:  "a glob at the start of an argument may match a name that looks like an option",
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(fault.LeadingGlob, func(p *lint.Pass, _ *site, f *fault.Fault) *lint.Finding {
		return p.Report(f.Span, "`%s` may match a name that starts with a dash", f.Text).
			Because("the command treats such a name as an option").
			Advise("write `./%s`, put `--` before it, or quote it if the command should see the pattern", f.Text)
	}),
}
