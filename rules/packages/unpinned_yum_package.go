package packages

import (
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
)

// UnpinnedYumPackage reports packages that yum installs without a version. Groups and files have none to hold.
var UnpinnedYumPackage = &lint.Rule{
	Name: "unpinned-yum-package", Summary: "yum installs packages without a version", Category: lint.Packages,
	Aliases: []string{"DL3033"}, Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1",
	Fix: lint.NoFix,
	Check: (&pins{
		code: "DL3033", family: ecosystem.Yum, verbs: "install", noun: "package",
		fixed: "only packages have versions", none: true,
		form:  "NAME-VERSION",
		judge: rpmPackage(fixed),
	}).check(),
}
