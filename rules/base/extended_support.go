package base

import (
	"time"

	"github.com/dockvet/dockvet/internal/lifecycle"
	"github.com/dockvet/dockvet/lint"
)

// ExtendedSupport reports an image whose operating system is maintained only by a long-term support project that is open
// to everybody, which is Debian's. If only customers get fixes, UnsupportedImage reports it.
var ExtendedSupport = &lint.Rule{
	Name: "extended-support", Summary: "only a long-term support project still fixes the image's operating system",
	Category: lint.Base,
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Display,
	Check: lint.OnFile(func(p *lint.Pass) {
		for _, l := range lifecycle.Of(p) {
			c := l.Product
			if l.System != nil {
				c = l.System
			}
			if !c.Ended(p.Now) || l.Over(p.Now) {
				continue
			}
			last := c.Last().Format(time.DateOnly)
			f := p.Report(l.Image.Origin, "regular support for %s ended on %s", c, c.Ends.Format(time.DateOnly)).
				Because("long-term support continues until %s, but covers fewer architectures, and its sponsors set the priorities%s",
					last, lifecycle.Age(p.Now))
			lifecycle.UpgradeOf(p, l.Image, c, false).Advise(f, c.Product)
			again(p, f, l)
		}
	}),
}
