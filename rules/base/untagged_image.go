package base

import (
	"github.com/dockvet/dockvet/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// UntaggedImage reports an image with neither tag nor digest. A reference that hangs on a variable without a value is left
// alone.
var UntaggedImage = &lint.Rule{
	Name: "untagged-image", Summary: "an image without tag or digest is `latest`", Category: lint.Base, Aliases: []string{"DL3006"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnImage(func(p *lint.Pass, i *plan.Image, _ *plan.Stage) {
		if !i.External() || i.Ref.Tag != "" || i.Ref.Digest != "" {
			return
		}
		f := p.Report(i.Origin, "image `%s` has no tag", i.Ref.Name()).
			Because("no tag means `latest`: a rebuild can pick another release without any change to this file").
			Advise("name the release that you tested")
		if i.Use == plan.UseSyntax {
			f.Advise("write `docker/dockerfile:1`, which follows the compatible releases")
		}
		if image.Local(*i.Ref) {
			f.Doubting("`%s` is no Docker official image: another step may build it", i.Ref.Name())
		}
		if i.Use == plan.UseFrom && i.Word.String == i.Value.Text {
			f.Alias("DL3006")
		}
	}),
}
