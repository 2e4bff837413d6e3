package packages

import (
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
)

// YumWithoutYes reports calls of yum that prompt for confirmation, without the switch that answers.
var YumWithoutYes = &lint.Rule{
	Name: "yum-without-yes", Summary: "`yum` runs without `-y`, so the build fails at its prompt", Category: lint.Packages,
	Aliases: []string{"DL3030"}, Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1",
	Fix:   lint.Unsafe,
	Check: unattended(ecosystem.Yum, "DL3030", "add `-y`"),
}
