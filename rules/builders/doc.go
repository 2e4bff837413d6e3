// Package builders has the rules about builders other than BuildKit: buildah, with which podman builds, and kaniko.
package builders

import (
	"github.com/dockvet/dockvet/internal/dialect"
	"github.com/dockvet/dockvet/lint"
)

// report reports what is known of the builder with that effect.
func report(p *lint.Pass, effect dialect.Effect) {
	for _, d := range dialect.Of(p) {
		if d.Effect == effect {
			d.Finding(p)
		}
	}
}
