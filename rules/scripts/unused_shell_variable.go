package scripts

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// UnusedShellVariable reports a variable of the script that nothing in it reads and that no command is given. One set to nothing is in doubt.
var UnusedShellVariable = &lint.Rule{
	Name: "unused-shell-variable", Summary: "a shell variable is set and never read", Category: lint.Scripts,
	Aliases:  []string{"SC2034"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(shell.UnusedVariable, func(p *lint.Pass, at *site, f *shell.Fault) *lint.Finding {
		finding := p.Report(f.Span, "`%s` is set, but nothing reads it", f.Text).
			Because("each RUN has a shell of its own: the value ends with it, and without `export` no command sees it").
			Advise("remove it, write `export %s` if a command should see it, or use ENV if later steps should", f.Text)
		if f.Text == strings.ToUpper(f.Text) && f.Text != "DEBIAN_FRONTEND" && !bare(at.Step.Stage.Image()) {
			finding.Doubting("the base image may export it, and then commands see the new value")
		}
		return finding
	}),
}

// bare reports whether i is the image of a distribution, which exports nothing but PATH.
func bare(i *plan.Image) bool {
	if i == nil {
		return false
	}
	switch i.Ref.Official() {
	case "debian", "ubuntu", "alpine", "busybox", "fedora", "centos", "rockylinux", "almalinux", "amazonlinux", "oraclelinux", "archlinux":
		return true
	}
	return false
}
