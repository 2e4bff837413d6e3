package scripts

import (
	"strings"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell/fault"
)

// UnusedShellVariable reports a variable of the script that nothing in it reads and that no command gets. If it is set
// to an empty value, the finding has a doubt.
var UnusedShellVariable = &lint.Rule{
	Name: "unused-shell-variable", Category: lint.Scripts, Aliases: []string{"SC2034"},
	Summary:  "a shell variable is set but never read",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(fault.UnusedShellVariable, func(p *lint.Pass, at *site, f *fault.Fault) *lint.Finding {
		finding := p.Report(f.Span, "`%s` is set but never read", f.Text).
			Because("commands only see variables that are exported, and the value is lost at the end of the `RUN`").
			Advise("remove the assignment, or use `export %s` if a command needs the variable", f.Text)
		if strings.HasPrefix(f.Doubt, "the value is empty") {
			finding.Advise("remove the assignment")
		}
		if strings.HasSuffix(f.Doubt, "may read it") {
			finding.Message = "`" + f.Text + "` may never be read"
		}
		if strings.HasPrefix(f.Doubt, "a loop or ") {
			finding.Advise("name the variable `_` to show that nothing reads it")
		}
		if f.Text == strings.ToUpper(f.Text) && f.Text != "DEBIAN_FRONTEND" && !bareDistribution(at.Step.Stage.Image()) {
			finding.Message = "`" + f.Text + "` may never be read"
			finding.Doubting("the base image may export the variable, so commands may see the new value")
		}
		return finding
	}),
}

// bareDistribution reports whether i is the image of a distribution, which only exports PATH.
func bareDistribution(i *plan.Image) bool { return i != nil && image.Of(*i.Ref).System() }
