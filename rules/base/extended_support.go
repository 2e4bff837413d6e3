package base

import (
	"time"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// ExtendedSupport reports an image whose system is in the hands of a long-term project that is open to everybody: that of Debian.
// Where only customers get fixes, UnsupportedImage speaks.
var ExtendedSupport = &lint.Rule{
	Name: "extended-support", Summary: "only a long-term project still fixes an image's system", Category: lint.Base,
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Display,
	Check: lint.OnFile(func(p *lint.Pass) {
		lives(p, func(i *plan.Image, product, system *image.Cycle) *lint.Finding {
			c := product
			if system != nil {
				c = system
			}
			if !c.Ended(p.Now) || over(product, p.Now) || over(system, p.Now) {
				return nil
			}
			f := p.Report(i.Origin, "regular support for %s ended on %s", c, c.Ends.Format(time.DateOnly)).
				Because("until %s a long-term project fixes what its sponsors need, on fewer architectures%s", c.Last().Format(time.DateOnly), age(p.Now))
			replace(p, f, i, c)
			return f
		})
	}),
}
