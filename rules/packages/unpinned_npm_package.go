package packages

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// UnpinnedNpmPackage reports packages that npm, Yarn, pnpm or Bun installs by name without a version, or by the tag
// `latest`. Any other tag counts as a choice. Without names they install what the application's lock file holds. A finding
// only has no doubt if the package is a package manager, whose version decides what the lock file means. A range is only reported beside
// a lock file that has a version of the package.
var UnpinnedNpmPackage = &lint.Rule{
	Name: "unpinned-npm-package", Summary: "npm installs packages without a version", Category: lint.Packages,
	Aliases: []string{"DL3016"}, Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1",
	Fix: lint.NoFix,
	Check: lint.Checks((&pins{
		code: "DL3016", family: ecosystem.Node, verbs: "install i add", noun: "package",
		form:  "NAME@VERSION",
		judge: npmVersion, managers: []string{"npm", "pnpm", "bun"},
	}).check(), lint.OnCalls(besideLock, ecosystem.In(ecosystem.Node))),
}

// besideLock reports a package that a call installs in whatever version is the newest of a range, although the application's lock file
// has a version of it, or of its client library.
func besideLock(p *lint.Pass, c *shell.Call) {
	if c.Action != shell.Install || p.Context() == nil || !c.Command.Script.Step.Stage.Reached || p.Plan.ForDevelopment() {
		return
	}
	for _, pkg := range c.Packages {
		if !pkg.Word.Literal || !ranged.Get().MatchString(pkg.Version) {
			continue
		}
		for _, m := range app.Of(p).Manifests() {
			if path.Base(m.Path) != "package.json" || !m.Lock {
				continue
			}
			names := slices.Concat(app.Of(p).NodeDependencies(m.Path), app.Of(p).Development(m.Ecosystem, m.Path))
			client := "@" + pkg.Name + "/client"
			if i := slices.IndexFunc(names, func(name string) bool { return name == pkg.Name || name == client }); i >= 0 {
				p.Report(pkg.Word.Span, "`%s` is installed outside the lock file", pkg.Word.Text).
					Because("a rebuild may install a version that does not match `%s` in the lock file beside `%s`", names[i], m.Path).
					Advise("write the version of the lock file, as in `%s@VERSION`", pkg.Name)
				return
			}
		}
	}
}

// ranged matches a version that leaves the last number open.
var ranged = lazy.Regexp{Expr: `^(?:[~^][\d.]+|\d+(?:\.(?:\d+|x|\*))?|\d+\.\d+\.[x*])$`}

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
