package packages

import "github.com/dockvet/dockvet/lint"

// UnpinnedDnfPackage reports packages that dnf installs without a version. Groups and files have none to hold.
var UnpinnedDnfPackage = &lint.Rule{
	Name: "unpinned-dnf-package", Summary: "dnf installs packages without a version", Category: lint.Packages,
	Aliases: []string{"DL3041"}, Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: (&pins{
		code: "DL3041", managers: []string{"dnf", "microdnf", "tdnf"}, verbs: "install in", noun: "package",
		unknown: "tdnf dnf5 dnf-3", swallow: "--releasever --enablerepo --disablerepo --installroot --setopt --repo --repoid -c -x --exclude",
		why:   "dnf takes the newest version on the day of the build, so that two builds of one commit can differ",
		help:  "write `name-version`, where `version` may hold `*`",
		judge: rpmPackage,
	}).check(),
}
