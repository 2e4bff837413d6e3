package packages

import (
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
)

// ZypperWithoutYes reports calls of zypper that prompt for confirmation, without the switch that answers.
var ZypperWithoutYes = &lint.Rule{
	Name: "zypper-without-yes", Summary: "`zypper` runs without `--non-interactive`, so the build fails at its prompt",
	Category: lint.Packages,
	Aliases:  []string{"DL3034"}, Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1",
	Fix:   lint.Unsafe,
	Check: unattended(ecosystem.Zypper, "DL3034", "use `zypper --non-interactive`"),
}
