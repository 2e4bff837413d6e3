package packages

import (
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// UnpinnedApkPackage reports packages that apk adds without a version or a bound on it.
var UnpinnedApkPackage = &lint.Rule{
	Name: "unpinned-apk-package", Summary: "apk adds packages without a version", Category: lint.Packages,
	Aliases: []string{"DL3018"}, Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1",
	Fix: lint.NoFix,
	Check: (&pins{
		code: "DL3018", family: ecosystem.Apk, verbs: "add", noun: "package",
		form: "NAME~=VERSION",
		moot: func(c *shell.Call) string {
			if c.Command.Has("--no-network") {
				return "with `--no-network` apk fetches nothing"
			}
			return ""
		},
		judge: func(_ *shell.Call, pkg shell.Package) version {
			t := pkg.Word.Text
			switch {
			case strings.ContainsAny(t, "=~<>") || strings.HasSuffix(t, ".apk"):
				return held
			case !pkg.Word.Literal:
				return variable
			}
			return loose
		},
	}).check(),
}
