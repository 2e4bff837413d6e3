package packages

import "github.com/dockvet/dockvet/lint"

// ZypperWithoutYes reports calls of zypper that ask a question, without the switch that answers it.
var ZypperWithoutYes = &lint.Rule{
	Name: "zypper-without-yes", Summary: "zypper asks, and nobody can answer", Category: lint.Packages,
	Aliases: []string{"DL3034"}, Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: (&question{
		code: "DL3034", managers: []string{"zypper"},
		theirs: "install in remove rm source-install si patch", verbs: "update up dist-upgrade dup",
		switches: []string{"-n", "--non-interactive", "-y", "--no-confirm", "--dry-run", "-D"}, help: "call it as `zypper --non-interactive`",
	}).check(),
}
