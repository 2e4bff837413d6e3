package base

import (
	"time"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/lifecycle"
	"github.com/dockvet/dockvet/lint"
)

// FrozenTag reports a tag of an official image that names a release of the system on which its version is no longer
// built. It says nothing where UnsupportedImage reports the image, and where a digest fixes the image anyway.
var FrozenTag = &lint.Rule{
	Name: "frozen-tag", Summary: "the tag is no longer updated, although its version is still supported", Category: lint.Base,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Display,
	Check: lint.OnFile(func(p *lint.Pass) {
		for _, l := range lifecycle.Of(p) {
			i := image.Of(*l.Image.Ref)
			since, ok := i.Frozen()
			if !ok || i.Digest != "" || since.After(p.Now) || l.Over(p.Now) {
				continue
			}
			f := p.Report(l.Image.Origin, "tag `%s` of `%s` has not been updated since %s", i.Tag, i.Name(),
				since.Format(time.DateOnly)).
				Because("%s without the fixes that other tags of this version have received%s", lifecycle.Duration(since, p.Now),
					lifecycle.Age(p.Now))
			lifecycle.UpgradeOf(p, l.Image, l.System, false).Advise(f, l.System.Product)
			again(p, f, l)
		}
	}),
}
