package packages

import (
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// YarnCacheInLayer reports a RUN that leaves Yarn's cache in its layer.
var YarnCacheInLayer = &lint.Rule{
	Name: "yarn-cache-in-layer", Summary: "the Yarn cache stays in a layer", Category: lint.Packages,
	Aliases: []string{"DL3060"}, Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage,
	Since: "2026.1", Fix: lint.Unsafe,
	Check: (&leftover{
		code: "DL3060", managers: func(m *ecosystem.Manager) bool { return m.Keeps("~/.cache/yarn") }, verbs: "- install add",
		what: "the Yarn cache", why: "the cache contains a second copy of every installed package",
		hadolint: parity.Leftover{Verbs: "install", Mounts: []string{".cache/yarn"}, Used: true, Any: true},
		needed:   modernYarn,
	}).check(),
}

// modernYarn says what hints at Yarn 2 or later, which can run an application from its cache, or at a cache elsewhere.
func modernYarn(p *lint.Pass, c *shell.Call) string {
	step := c.Command.Script.Step
	switch {
	case c.Command.Has("--immutable", "--cache-folder") || step.Env.Lookup("YARN_CACHE_FOLDER") != nil:
		return "the cache may be elsewhere, or the application may run from it"
	case mentions(p, step, ".yarnrc.yml") || mentions(p, step, ".yarn/") || mentions(p, step, ".yarn "):
		return "Yarn 2 and later can run the application from the cache"
	}
	return ""
}
