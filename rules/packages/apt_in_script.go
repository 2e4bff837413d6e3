package packages

import (
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// AptInScript reports apt, the interactive command, where apt-get or apt-cache belongs.
var AptInScript = &lint.Rule{
	Name: "apt-in-script", Summary: "a script calls `apt`, which is meant for interactive use", Category: lint.Packages,
	Aliases: []string{"DL3027"}, Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1",
	Fix: lint.NoFix,
	Check: lint.OnCalls(func(p *lint.Pass, call *shell.Call) {
		c := call.Command
		better := "apt-get"
		for _, w := range c.Operands() {
			if ecosystem.Has("search show showsrc policy depends rdepends", w.Text) {
				better = "apt-cache"
			}
			if w.Text == "list" { // neither of them has it
				better = "dpkg-query --list"
				if c.Has("--upgradable", "--upgradeable") {
					better = "apt-get --simulate upgrade"
				}
			}
		}
		f := p.Report(c.Words[0].Span, "`apt` is meant for interactive use").
			Because("apt itself warns that its command-line interface may change between releases").
			Advise("use `%s`", better)
		if parity.Bare(c) {
			f.Alias("DL3027")
		}
	}, ecosystem.Names(func(m *ecosystem.Manager) bool { return m.Interactive })),
}
