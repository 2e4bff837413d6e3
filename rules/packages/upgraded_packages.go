package packages

import (
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// UpgradedPackages reports an upgrade of all packages of the base image. It is silent about upgrades of named packages and
// with security fixes only, and about Zypper's dist-upgrade, which zypper-dist-upgrade reports.
var UpgradedPackages = &lint.Rule{
	Name: "upgraded-packages", Summary: "all packages of the base image are upgraded", Category: lint.Packages,
	Aliases: []string{"DS-0024", "DKL-DI-0003"}, Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage,
	Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnCall(func(p *lint.Pass, c *shell.Call) {
		m := ecosystem.Of(c.Manager)
		if c.Action != shell.Upgrade || !m.System || len(c.Command.Operands(m.Valued...)) > 1 || c.Command.Has("--security") ||
			m.Family == ecosystem.Zypper && ecosystem.Has("dist-upgrade dup", c.Verb.Text) {
			return
		}
		p.Report(c.Verb.Span, "`%s %s` upgrades the packages of the base image", c.Command.Name, c.Verb.Text).
			Because("the layer adds a second copy of each upgraded package").
			Advise("use a newer base image")
	}),
}
