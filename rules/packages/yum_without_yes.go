package packages

import "github.com/dockvet/dockvet/lint"

// YumWithoutYes reports calls of yum that ask a question, without the switch that answers it.
var YumWithoutYes = &lint.Rule{
	Name: "yum-without-yes", Summary: "yum asks, and nobody can answer", Category: lint.Packages,
	Aliases: []string{"DL3030"}, Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: (&question{
		code: "DL3030", managers: []string{"yum"},
		theirs: "install groupinstall localinstall", verbs: "reinstall update upgrade remove erase autoremove",
		switches: []string{"-y", "--assumeyes", "--assumeno"}, help: "add `-y`",
	}).check(),
}
