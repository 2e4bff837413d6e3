package scripts

import (
	"slices"

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
		if c != nil && slices.Contains([]string{"rm", "chmod", "chown", "cp", "mv", "ln", "ls", "cat", "sed", "ar", "go", "gcc", "sha256sum", "sha512sum"}, c.Name) {
			finding.Advise("write `./%s`", f.Text)
		}
		return finding
	}),
}
