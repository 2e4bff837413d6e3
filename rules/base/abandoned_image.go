package base

import (
	"slices"
	"time"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/lifecycle"
	"github.com/dockvet/dockvet/internal/vanished"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// AbandonedImage reports images that their publisher no longer updates, whatever their version: deprecated official
// images, names that have moved to another registry, and archived projects. It says nothing where UnsupportedImage or
// MissingBaseTag reports the image.
var AbandonedImage = &lint.Rule{
	Name: "abandoned-image", Summary: "the publisher no longer updates the image", Category: lint.Base,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnImage(func(p *lint.Pass, i *plan.Image, s *plan.Stage) {
		if !i.External() || s != nil && !s.Reached {
			return
		}
		a, ok := image.Of(*i.Ref).Abandoned(p.Now)
		if !ok || i.Ref.Digest == "" && vanished.Image(i.Ref.Name(), i.Ref.Tag, p.Now) != nil ||
			slices.ContainsFunc(lifecycle.Of(p), func(l *lifecycle.Life) bool {
				return l.Image.Ref.Name() == i.Ref.Name() && l.Image.Ref.Tag == i.Ref.Tag && l.Over(p.Now)
			}) {
			return
		}
		f := p.Report(i.Origin, "image `%s` has stopped receiving updates", i.Value.Text).
			Because("updates had stopped by %s, and the image has had no security fixes since (source: %s)", a.Since.Format(time.DateOnly), a.Source).
			Advise("use %s", a.Instead)
		if a.Since.Before(p.Now.AddDate(-5, 0, 0)) && isFinal(p, i) {
			f.Outdated(false, "the base image has had no fixes for more than five years, so nobody seems to maintain this file")
		}
		p.Repeat(f, i.Ref.Name()+":"+i.Ref.Tag)
	}),
}
