package packages

import "github.com/dockvet/dockvet/lint"

// ZypperCacheInLayer reports a RUN that leaves the cache of zypper in its layer.
var ZypperCacheInLayer = &lint.Rule{
	Name: "zypper-cache-in-layer", Summary: "the cache of zypper stays in a layer", Category: lint.Packages,
	Aliases: []string{"DL3036", "DS-0020"}, Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: (&leftover{
		code: "DL3036", managers: []string{"zypper"}, verbs: "install in update up patch dist-upgrade dup refresh ref",
		theirs: "install in", cleaners: []string{"zypper"}, folders: []string{"/var/cache/zypp"}, mounts: []string{"/var/cache/zypp"},
		cleanup: "clean --all", what: "the cache of zypper", why: "package lists and packages that nothing reads again travel with the image", help: "end the same `RUN` with `zypper clean --all`",
	}).check(),
}
