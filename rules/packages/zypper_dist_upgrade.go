package packages

import (
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// ZypperDistUpgrade reports `zypper dist-upgrade`, which can move the image to another release. Confidence is low for
// Tumbleweed, which has no other way to update.
var ZypperDistUpgrade = &lint.Rule{
	Name: "zypper-dist-upgrade", Summary: "`zypper dist-upgrade` can move the image to another release",
	Category: lint.Packages,
	Aliases:  []string{"DL3035"}, Severity: lint.Warning, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1",
	Fix: lint.NoFix,
	Check: lint.OnCalls(func(p *lint.Pass, c *shell.Call) {
		if !ecosystem.Has("dist-upgrade dup", c.Verb.Text) {
			return
		}
		f := p.Report(c.Verb.Span, "`zypper %s` upgrades the whole distribution of the base image", c.Verb.Text).
			Because("a distribution upgrade can remove packages, switch them to another vendor and move the image to another release").
			Advise("run `zypper update`, which stays on the release")
		if base := c.Command.Script.Step.Stage.Image(); base != nil && strings.Contains(base.Value.Text, "tumbleweed") {
			f.Because("a distribution upgrade can remove packages and switch them to another vendor").
				Advise("use a newer base image").Doubting("the base image is openSUSE Tumbleweed, which is updated this way")
		}
		if parity.Bare(c.Command) {
			f.Alias("DL3035")
		}
	}, ecosystem.In(ecosystem.Zypper)),
}
