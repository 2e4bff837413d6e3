package packages

import "github.com/dockvet/dockvet/lint"

// DnfWithoutYes reports calls of dnf that ask a question, without the switch that answers it.
var DnfWithoutYes = &lint.Rule{
	Name: "dnf-without-yes", Summary: "dnf asks, and nobody can answer", Category: lint.Packages,
	Aliases: []string{"DL3038"}, Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: (&question{
		code: "DL3038", managers: []string{"dnf", "microdnf", "tdnf"},
		theirs: "install groupinstall localinstall", verbs: "in reinstall rei update upgrade up remove erase autoremove",
		switches: []string{"-y", "--assumeyes", "--assumeno"}, help: "add `-y`", unknown: "tdnf dnf5 dnf-3",
	}).check(),
}
