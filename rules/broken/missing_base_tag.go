package broken

import (
	"strings"
	"time"

	"github.com/dockvet/dockvet/internal/image"
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
		if at := otherPlatform(p, i, s); at != "" {
			p.Report(i.Origin, "image `%s` is not available for %s", i.Value.Text, at).
				Breaking(lint.BreaksBuild).
				Because("the image is only published for Windows, and this build is for %s", at).
				Advise("build the image on Windows, or use a Linux image")
			return
		}
		if domain := reserved(i.Ref.Registry); domain != "" {
			p.Report(i.Origin, "registry `%s` does not exist", i.Ref.Registry).
				Breaking(lint.BreaksBuild).
				Because("`%s` is reserved for examples (source: RFC 2606)", domain).
				Advise("write the name of your registry")
			return
		}
		if never := vanished.Never(i.Ref.Name(), i.Ref.Tag); never != "" {
			p.Report(i.Origin, "image `%s` does not exist", i.Value.Text).
				Breaking(lint.BreaksBuild).
				Because("no tag of `%s` has ever had such a name (source: %s)", i.Ref.Name(), never).
				Advise("use a tag with a version")
			return
		}
		if e := vanished.Image(i.Ref.Name(), i.Ref.Tag, p.Now); e != nil {
			outdated(p.Report(i.Origin, "image `%s` cannot be pulled", i.Value.Text).Breaking(lint.BreaksBuild)).
				Because("the image was already missing on %s (source: %s)", e.Since.Format(time.DateOnly), e.Source).
				Advise("use %s", e.Instead)
		}
	}),
}

// reserved is the reserved domain that a registry is in, "" if it is in none.
func reserved(registry string) string {
	host, _, _ := strings.Cut(registry, ":")
	for _, domain := range [...]string{"example.com", "example.net", "example.org", "invalid"} {
		if host == domain || strings.HasSuffix(host, "."+domain) {
			return domain
		}
	}
	return ""
}

// otherPlatform is the platform of the build if the image is one for Windows, and the build is certainly not; "" if not.
func otherPlatform(p *lint.Pass, i *plan.Image, s *plan.Stage) string {
	all := p.Platforms()
	if len(all) == 0 || s.Platform.Value != "" || i.Use != plan.UseFrom || !image.Of(*i.Ref).Windows() {
		return ""
	}
	for _, platform := range all {
		if !strings.HasPrefix(platform, "linux/") && platform != "linux" {
			return ""
		}
	}
	return "`" + all[0] + "`"
}
