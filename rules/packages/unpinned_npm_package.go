package packages

import (
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// UnpinnedNpmPackage reports packages that npm, Yarn, pnpm or Bun installs by name without a version, or by the tag
// `latest`. Any other tag counts as a choice. Without names they install what the application's lock file holds. A finding
// only has no doubt if the package is a package manager, whose version decides what the lock file means.
var UnpinnedNpmPackage = &lint.Rule{
	Name: "unpinned-npm-package", Summary: "npm installs packages without a version", Category: lint.Packages,
	Aliases: []string{"DL3016"}, Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1",
	Fix: lint.NoFix,
	Check: (&pins{
		code: "DL3016", family: ecosystem.Node, verbs: "install i add", noun: "package",
		form:  "NAME@VERSION",
		judge: npmVersion, managers: []string{"npm", "pnpm", "bun"},
	}).check(),
}

func npmVersion(c *shell.Call, pkg shell.Package) version {
	t := pkg.Word.Text
	missing := unless(c.Verb.Text == "install", loose, unseen)
	switch {
	case strings.HasPrefix(t, ".") || strings.HasPrefix(t, "/") || strings.HasPrefix(t, "~") || strings.HasPrefix(t,
		"file:") ||
		strings.HasSuffix(t, ".tgz") || strings.HasSuffix(t, ".tar.gz") || strings.HasSuffix(t, ".tar"):
		return held
	case strings.HasPrefix(t, "git") && strings.Contains(t, ":"):
		return unless(strings.Contains(t, "#"), held, missing)
	case strings.Contains(t, "://") || strings.Contains(t, "#"):
		return held
	case pkg.Version == "latest":
		return unseen
	case strings.LastIndexByte(t, '@') > 0:
		return held
	case !pkg.Word.Literal:
		return unless(missing == loose, variable, held)
	}
	return missing
}
