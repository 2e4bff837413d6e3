package packages

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// ZypperDistUpgrade reports `zypper dist-upgrade`, which can move the image to another release. Of Tumbleweed, which knows no
// other way to update, the finding is doubtful.
var ZypperDistUpgrade = &lint.Rule{
	Name: "zypper-dist-upgrade", Summary: "zypper moves the image to another release", Category: lint.Packages,
	Aliases: []string{"DL3035"}, Severity: lint.Warning, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnCall(func(p *lint.Pass, c *shell.Call) {
		if !has("dist-upgrade dup", c.Verb.Text) {
			return
		}
		f := p.Report(c.Verb.Span, "`zypper %s` replaces the distribution of the base image", c.Verb.Text).
			Because("it can remove packages, change their vendor and move to another release").
			Advise("choose a newer base image, or use `zypper patch` for fixes")
		if base := c.Command.Script.Step.Stage.Image(); base != nil && strings.Contains(base.Value.Text, "tumbleweed") {
			f.Doubting("this is the way to update Tumbleweed")
		}
		if bare(c.Command) {
			f.Alias("DL3035")
		}
	}, "zypper"),
}
