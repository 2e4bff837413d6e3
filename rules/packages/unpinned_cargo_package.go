package packages

import (
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// UnpinnedCargoPackage reports programs that `cargo install` fetches from a registry without a version. `--locked` does not choose one. It
// is silent about repositories and paths.
var UnpinnedCargoPackage = &lint.Rule{
	Name: "unpinned-cargo-package", Summary: "`cargo install` names a program without a version", Category: lint.Packages,
	Severity: lint.Warning, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: (&pins{
		family: ecosystem.Cargo, verbs: "install", noun: "package",
		form: "NAME@VERSION",
		judge: func(c *shell.Call, pkg shell.Package) version {
			switch {
			case c.Command.Has("--version", "--vers", "--git", "--path"), strings.Contains(pkg.Word.Text, "@"):
				return held
			case !pkg.Word.Literal:
				return variable
			}
			return unseen
		},
	}).check(),
}
