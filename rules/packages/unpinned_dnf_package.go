package packages

import (
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
)

// UnpinnedDnfPackage reports packages that dnf installs without a version. Groups and files have none to hold.
var UnpinnedDnfPackage = &lint.Rule{
	Name: "unpinned-dnf-package", Summary: "dnf installs packages without a version", Category: lint.Packages,
	Aliases: []string{"DL3041"}, Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1",
	Fix: lint.NoFix,
	Check: (&pins{
		code: "DL3041", family: ecosystem.Dnf, verbs: "install in", noun: "package",
		fixed: "files have no version", none: true,
		form:  "NAME-VERSION",
		judge: rpmPackage(held),
	}).check(),
}
