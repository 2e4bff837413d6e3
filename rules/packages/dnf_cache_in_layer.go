package packages

import (
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// DnfCacheInLayer reports a RUN that leaves dnf's cache in its layer.
var DnfCacheInLayer = &lint.Rule{
	Name: "dnf-cache-in-layer", Summary: "dnf's cache stays in a layer", Category: lint.Packages,
	Aliases: []string{"DL3040"}, Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage,
	Since: "2026.1", Fix: lint.Unsafe,
	Check: (&leftover{
		code: "DL3040", managers: ecosystem.Is(ecosystem.Dnf),
		verbs: "install in groupinstall localinstall upgrade up update upgrade-minimal up-min reinstall rei makecache",
		what:  "dnf's cache", why: systemCache,
		hadolint: parity.Leftover{
			Verbs:  "install in upgrade up upgrade-minimal up-min reinstall rei",
			Mounts: []string{"/var/cache/libdnf5", ".cache/libdnf5"}, Removal: true,
		},
	}).check(),
}
