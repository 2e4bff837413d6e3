package base

import (
	"time"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// FrozenTag reports a tag of an official image that names a release of the system on which its version is no longer built. It
// is silent where UnsupportedImage speaks, and where a digest freezes the image anyway.
var FrozenTag = &lint.Rule{
	Name: "frozen-tag", Summary: "a tag is no longer published, though its version is", Category: lint.Base,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Display,
	Check: lint.OnFile(func(p *lint.Pass) {
		lives(p, func(i *plan.Image, product, system *image.Cycle) *lint.Finding {
			since, ok := image.Of(*i.Ref).Frozen()
			if !ok || i.Ref.Digest != "" || since.After(p.Now) || over(product, p.Now) || over(system, p.Now) {
				return nil
			}
			f := p.Report(i.Origin, "tag `%s` of `%s` is no longer published since %s", i.Ref.Tag, i.Ref.Name(), since.Format(time.DateOnly)).
				Because("the image is what it was then: %s without the fixes that other tags of this version got%s", span(since, p.Now), age(p.Now))
			replace(p, f, i, system)
			return f
		})
	}),
}
