package broken

import (
	"github.com/dockvet/dockvet/internal/distro"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/provision"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// InstallWithoutUpdate reports an install of apt without package lists: the base image has none, and no step fetches
// them, or an earlier one has deleted them. It is silent about packages that the base image may already have.
var InstallWithoutUpdate = &lint.Rule{
	Name: "install-without-update", Summary: "`apt-get install` without package lists", Category: lint.Broken,
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnFile(func(p *lint.Pass) {
		for _, m := range provision.Moments(p) {
			if familyOf(m) != ecosystem.Apt || m.Call.Action != shell.Install || m.Lists || provision.Refreshes(m.Call) || m.Call.Verb.Text != "install" || !missing(m) {
				continue
			}
			c := m.Call.Command
			f := breaks(p.Report(m.Call.Verb.Span, "`%s install` runs without package lists", m.Call.Manager), c).
				Because("`%s` has no package lists and no earlier step leaves any, so apt cannot find the package", m.Root.Value.Text).
				Advise("write `%s update && %[1]s install …` in one `RUN`", m.Call.Manager)
			if c.Outer == nil && !c.Script.Exec && len(c.Words) > 0 && len(c.Assigns) == 0 {
				f.Offer(lint.Unsafe, "add `"+m.Call.Manager+" update`", lint.Insert(c.Words[0].Span.Start, m.Call.Manager+" update && "))
			}
		}
	}),
}

// missing reports whether the call names a package that certainly is not installed yet.
func missing(m provision.Moment) bool {
	c := m.Call.Command
	if c.Has("-s", "--simulate", "--dry-run", "--no-download", "-h", "--help") {
		return false
	}
	for _, pkg := range m.Call.Packages {
		if !pkg.Word.Literal || pkg.Local {
			continue
		}
		name := provision.PackageName(pkg.Name)
		if m.Installed(name) {
			continue
		}
		if name == "ca-certificates" && m.Base.System() && m.Base.Without("update-ca-certificates", m.Release) && !m.MayHave("update-ca-certificates") {
			return true
		}
		if m.Base.System() && !image.Tracked(name) && !distro.Minimal(name) || m.Base.Without(name, m.Release) && !m.MayHave(name) {
			return true
		}
	}
	return false
}
