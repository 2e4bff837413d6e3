package packages

import (
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// ZypperCacheInLayer reports a RUN that leaves zypper's cache in its layer.
var ZypperCacheInLayer = &lint.Rule{
	Name: "zypper-cache-in-layer", Summary: "zypper's cache stays in a layer", Category: lint.Packages,
	Aliases: []string{"DL3036", "DS-0020"}, Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage,
	Since: "2026.1", Fix: lint.Unsafe,
	Check: (&leftover{
		code: "DL3036", managers: ecosystem.Is(ecosystem.Zypper),
		verbs: "install in update up patch dist-upgrade dup refresh ref",
		what:  "zypper's cache", why: systemCache,
		hadolint: parity.Leftover{Verbs: "install in", Mounts: []string{"/var/cache/zypp"}},
	}).check(),
}
