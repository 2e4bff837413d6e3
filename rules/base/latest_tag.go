// Package base has the rules on the images that a build starts from or copies from.
package base

import (
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// LatestTag reports an image whose tag is `latest`. A reference with a digest is left alone: the digest decides.
var LatestTag = &lint.Rule{
	Name: "latest-tag", Summary: "the tag `latest` moves from release to release", Category: lint.Base, Aliases: []string{"DL3007"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnImage(func(p *lint.Pass, i *plan.Image, _ *plan.Stage) {
		if !i.External() || i.Ref.Tag != "latest" || i.Ref.Digest != "" {
			return
		}
		f := p.Report(i.Origin, "tag `latest` of `%s` moves", i.Ref.Name()).
			Because("a rebuild can pick another release without any change to this file").
			Advise("name the release that you tested")
		if image.Of(*i.Ref).Local() {
			f.Doubting("`%s` is no Docker official image: another step may build it", i.Ref.Name())
		}
		if i.Use == plan.UseFrom && i.Word.String == i.Value.Text {
			f.Alias("DL3007")
		}
	}),
}
