package packages

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// YarnCacheInLayer reports a RUN that leaves the cache of Yarn in its layer.
var YarnCacheInLayer = &lint.Rule{
	Name: "yarn-cache-in-layer", Summary: "the cache of Yarn stays in a layer", Category: lint.Packages,
	Aliases: []string{"DL3060"}, Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: (&leftover{
		code: "DL3060", managers: []string{"yarn"}, verbs: "- install add", theirs: "install", cleaners: []string{"yarn"},
		folders: []string{"/usr/local/share/.cache/yarn", "~/.cache/yarn", "~/.yarn/berry/cache"}, mounts: []string{".cache/yarn"},
		cleanup: "cache clean", what: "the cache of Yarn", why: "it holds a second copy of each package that lies in `node_modules`",
		help: "end the same `RUN` with `yarn cache clean`, or keep the cache in a cache mount", used: true, needed: berry,
	}).check(),
}

// berry says what hints at a Yarn from version 2 on, which can run an application out of its cache, or at a cache elsewhere.
func berry(c *shell.Call) string {
	step := c.Command.Script.Step
	switch {
	case c.Command.Has("--immutable", "--cache-folder") || step.Env.Lookup("YARN_CACHE_FOLDER") != nil:
		return "the cache may lie elsewhere, or be what the application runs from"
	case mentions(step, ".yarnrc.yml") || mentions(step, ".yarn/") || mentions(step, ".yarn "):
		return "Yarn from version 2 on can run the application out of its cache"
	}
	return ""
}
