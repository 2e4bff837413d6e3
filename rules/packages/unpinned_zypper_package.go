package packages

import (
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// UnpinnedZypperPackage reports packages that zypper installs without a version. Groups and files have none to hold.
var UnpinnedZypperPackage = &lint.Rule{
	Name: "unpinned-zypper-package", Summary: "zypper installs packages without a version", Category: lint.Packages,
	Aliases: []string{"DL3037"}, Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1",
	Fix: lint.NoFix,
	Check: (&pins{
		code: "DL3037", family: ecosystem.Zypper, verbs: "install in", noun: "package",
		form:  "NAME=VERSION",
		judge: zypperPackage,
	}).check(),
}

func zypperPackage(_ *shell.Call, pkg shell.Package) version {
	t := pkg.Word.Text
	switch {
	case strings.ContainsAny(t, "=<>") || strings.HasSuffix(t, ".rpm") || pkg.Local:
		return held
	case !pkg.Word.Literal:
		return variable
	}
	return loose
}
