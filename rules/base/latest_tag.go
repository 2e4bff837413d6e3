// Package base has the rules on the images that a build is based on or copies from.
package base

import (
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// LatestTag reports an image whose tag is `latest`. It says nothing of a reference with a digest, which decides.
var LatestTag = &lint.Rule{
	Name: "latest-tag", Summary: "`latest` is a moving tag", Category: lint.Base, Aliases: []string{"DL3007"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnImage(func(p *lint.Pass, i *plan.Image, _ *plan.Stage) {
		if !i.External() || i.Ref.Tag != "latest" || i.Ref.Digest != "" {
			return
		}
		f := p.Report(i.Origin, "image `%s` uses the moving tag `latest`", i.Ref.Name()).
			Because("a rebuild can get another release without any change to this file").
			Advise("pin the version you tested")
		if image.Of(*i.Ref).Local() {
			f.Doubting("`%s` is not a Docker Official Image, so it may be built locally", i.Ref.Name())
		}
		if parity.LatestTag(i) {
			f.Alias("DL3007")
		}
	}),
}
