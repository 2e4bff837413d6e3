package packages

import "github.com/dockvet/dockvet/lint"

// DnfCacheInLayer reports a RUN that leaves the cache of dnf in its layer.
var DnfCacheInLayer = &lint.Rule{
	Name: "dnf-cache-in-layer", Summary: "the cache of dnf stays in a layer", Category: lint.Packages,
	Aliases: []string{"DL3040"}, Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: (&leftover{
		code: "DL3040", managers: []string{"dnf", "microdnf", "tdnf"}, unknown: "tdnf dnf5 dnf-3",
		verbs:  "install in groupinstall localinstall upgrade up update upgrade-minimal up-min reinstall rei makecache",
		theirs: "install in upgrade up upgrade-minimal up-min reinstall rei", cleaners: []string{"yum", "dnf", "microdnf", "tdnf"},
		folders: []string{"/var/cache/yum", "/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/tdnf"}, mounts: []string{"/var/cache/libdnf5", ".cache/libdnf5"}, removal: true,
		cleanup: "clean all", what: "the cache of dnf", why: "package lists and packages that nothing reads again travel with the image", help: "end the same `RUN` with `dnf clean all`",
	}).check(),
}
