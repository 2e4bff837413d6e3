package packages

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// AptInScript reports apt, the command for people, where apt-get or apt-cache is meant.
var AptInScript = &lint.Rule{
	Name: "apt-in-script", Summary: "apt is called from a script", Category: lint.Packages,
	Aliases: []string{"DL3027"}, Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnCommand(func(p *lint.Pass, c *shell.Command) {
		better := "apt-get"
		for _, w := range c.Operands() {
			if has("list search show showsrc policy depends rdepends", w.Text) {
				better = "apt-cache"
			}
		}
		f := p.Report(c.Words[0].Span, "`apt` is made for people at a terminal").
			Because("it warns so itself: what it prints and which switches it knows may change between releases").
			Advise("use `%s`", better)
		if bare(c) {
			f.Alias("DL3027")
		}
	}, "apt"),
}
