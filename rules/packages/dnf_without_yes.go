package packages

import (
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
)

// DnfWithoutYes reports calls of dnf that prompt for confirmation, without the switch that answers.
var DnfWithoutYes = &lint.Rule{
	Name: "dnf-without-yes", Summary: "`dnf` runs without `-y`, so the build fails at its prompt", Category: lint.Packages,
	Aliases: []string{"DL3038"}, Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1",
	Fix:   lint.Unsafe,
	Check: unattended(ecosystem.Dnf, "DL3038", "add `-y`"),
}
