package broken

import (
	"time"

	"github.com/dockvet/dockvet/internal/vanished"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// MissingBaseTag reports images and tags that are known not to be there any more, or never to have been.
var MissingBaseTag = &lint.Rule{
	Name: "missing-base-tag", Summary: "the image or tag does not exist", Category: lint.Broken,
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnImage(func(p *lint.Pass, i *plan.Image, s *plan.Stage) {
		if !i.External() || i.Ref.Digest != "" || s == nil || !s.Reached {
			return
		}
		if e := vanished.Image(i.Ref.Name(), i.Ref.Tag, p.Now); e != nil {
			p.Report(i.Origin, "image `%s` cannot be pulled", i.Value.Text).
				Breaking(lint.BreaksBuild).
				Because("it has been missing since %s at the latest (source: %s)", e.Since.Format(time.DateOnly), e.Source).
				Advise("use %s", e.Instead)
		}
	}),
}
