package packages

import (
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// YumCacheInLayer reports a RUN that leaves yum's cache in its layer.
var YumCacheInLayer = &lint.Rule{
	Name: "yum-cache-in-layer", Summary: "yum's cache stays in a layer", Category: lint.Packages,
	Aliases: []string{"DL3032", "DS-0015"}, Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage,
	Since: "2026.1", Fix: lint.Unsafe,
	Check: (&leftover{
		code: "DL3032", managers: ecosystem.Is(ecosystem.Yum),
		verbs: "install groupinstall localinstall reinstall update upgrade makecache",
		what:  "yum's cache", why: systemCache,
		hadolint: parity.Leftover{Verbs: "install", Removal: true},
	}).check(),
}
