package base

import (
	"time"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// EndOptions are the options of SupportEndsSoon.
type EndOptions struct {
	Days int `yaml:"days" doc:"The days before the end of support on which the rule begins to speak."`
}

// SupportEndsSoon reports an image whose product or operating system loses its free fixes within days. One that lost them
// already is left to UnsupportedImage, whatever the other part does.
var SupportEndsSoon = &lint.Rule{
	Name: "support-ends-soon", Summary: "an image's language, server or system gets fixes for a few weeks only", Category: lint.Base,
	Severity: lint.Info, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix, Options: &EndOptions{Days: 60},
	Check: lint.OnFile(func(p *lint.Pass) {
		options, ok := p.Options.(*EndOptions)
		if !ok {
			return
		}
		limit := p.Now.AddDate(0, 0, options.Days)
		lives(p, func(i *plan.Image, product, system *image.Cycle) *lint.Finding {
			if over(product, p.Now) || over(system, p.Now) {
				return nil
			}
			c := product
			if !over(c, limit) {
				c = system
			}
			if !over(c, limit) {
				return nil
			}
			f := p.Report(i.Origin, "support for %s ends on %s", c, c.Last().Format(time.DateOnly)).
				Because("%s from now there are no more security fixes%s", span(p.Now, c.Last().AddDate(0, 0, 1)), age(p.Now))
			if next := c.Supported(c.Last().AddDate(0, 0, 1)); next != nil {
				f.Advise("plan the move to %s", next)
			}
			return f
		})
	}),
}
