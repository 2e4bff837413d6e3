package scripts

import (
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell/fault"
)

// LeadingGlob reports an argument that begins with a glob, except for echo and printf, which only print it.
var LeadingGlob = &lint.Rule{
	Name: "leading-glob", Category: lint.Scripts, Aliases: []string{"SC2035"},
	Summary:  "a glob at the start of an argument may match a name that looks like an option",
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(fault.LeadingGlob, func(p *lint.Pass, at *site, f *fault.Fault) *lint.Finding {
		c := commandAt(at, f)
		if c != nil && c.Name == "find" {
			return p.Report(f.Span, "the shell expands `%s` before `find` sees it", f.Text).
				Because("if a name in the working directory matches, `find` looks for this name instead of the pattern").
				Advise("put the pattern in quotes")
		}
		finding := p.Report(f.Span, "`%s` may match a name that starts with a dash", f.Text).
			Because("the command treats such a name as an option").
			Advise("write `./%s`, or put the pattern in quotes if the command itself should expand it", f.Text)
		if c == nil {
			return finding
		}
		if m := ecosystem.Of(c.Name); ecosystem.Has(takesNames, c.Name) || m != nil && !m.System {
			finding.Advise("write `./%s`", f.Text)
		}
		return finding
	}),
}

// takesNames are commands that expand no patterns themselves.
const takesNames = "ar cat chgrp chmod chown cp gcc ls ln mv rm sed sha256sum sha512sum touch"
