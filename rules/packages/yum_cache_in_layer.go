package packages

import "github.com/dockvet/dockvet/lint"

// YumCacheInLayer reports a RUN that leaves the cache of yum in its layer.
var YumCacheInLayer = &lint.Rule{
	Name: "yum-cache-in-layer", Summary: "the cache of yum stays in a layer", Category: lint.Packages,
	Aliases: []string{"DL3032", "DS-0015"}, Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: (&leftover{
		code: "DL3032", managers: []string{"yum"}, verbs: "install groupinstall localinstall reinstall update upgrade makecache",
		theirs: "install", cleaners: []string{"yum", "dnf", "microdnf"}, folders: []string{"/var/cache/yum", "/var/cache/dnf", "/var/cache/libdnf5"}, removal: true,
		cleanup: "clean all", what: "the cache of yum", why: "package lists and packages that nothing reads again travel with the image", help: "end the same `RUN` with `yum clean all`",
	}).check(),
}
