package base

import (
	"time"

	"github.com/dockvet/dockvet/internal/lifecycle"
	"github.com/dockvet/dockvet/lint"
)

// EndOptions are the options of SupportEndsSoon.
type EndOptions struct {
	Days int `yaml:"days" doc:"How many days before the end of support to report it."`
}

// SupportEndsSoon reports an image whose product or operating system loses its free fixes within days. If one of them
// has already lost them, UnsupportedImage reports the image, whatever the other one does.
var SupportEndsSoon = &lint.Rule{
	Name: "support-ends-soon", Summary: "support for the image's language, server or operating system ends within weeks",
	Category: lint.Base,
	Severity: lint.Info, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Options: &EndOptions{Days: 60},
	Check: lint.OnFile(func(p *lint.Pass) {
		options, ok := p.Options.(*EndOptions)
		if !ok {
			return
		}
		limit := p.Now.AddDate(0, 0, options.Days)
		for _, l := range lifecycle.Of(p) {
			if l.Over(p.Now) || !l.Over(limit) {
				continue
			}
			c := l.Product
			if !c.Over(limit) {
				c = l.System
			}
			f := p.Report(l.Image.Origin, "%s ends on %s", l.Support(p, c), c.Last().Format(time.DateOnly)).
				Because("security fixes end in %s%s", lifecycle.Duration(p.Now, c.Last().AddDate(0, 0, 1)), lifecycle.Age(p.Now))
			if next := c.Supported(c.Last().AddDate(0, 0, 1)); next != nil {
				f.Advise("plan the move to %s", next)
			}
			again(p, f, l)
		}
	}),
}
