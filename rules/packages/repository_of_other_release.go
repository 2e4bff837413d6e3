package packages

import (
	"strings"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// RepositoryOfOtherRelease reports a package source of a third party for another release of Debian or Ubuntu than the one that the
// stage is built on. It is silent about the distribution's own archives, which people mix on purpose. If the tag of the base image names
// its release, only repositories that are known to have that release are reported, since others may lack it.
var RepositoryOfOtherRelease = &lint.Rule{
	Name: "repository-of-other-release", Category: lint.Packages,
	Summary:  "a package repository is for another release of the distribution",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnRun(func(p *lint.Pass, sc *shell.Script) {
		text := sc.Text.String
		if !strings.Contains(text, "deb ") && !strings.Contains(text, "/config/debian/") && !strings.Contains(text, "/config/ubuntu/") {
			return
		}
		base := sc.Step.Stage.Image()
		if base == nil || base.Ref == nil || !sc.Step.Stage.Reached {
			return
		}
		here := image.Of(*base.Ref).Release(p.Now)
		if here.Name == "" || here.Name[0] > '9' { // what moves, such as sid, has no repository of its own
			return
		}
		for _, m := range sourceLine.Get().FindAllStringSubmatchIndex(text, -1) {
			suite := text[m[4]:m[5]]
			there := image.ReleaseOf(suite)
			if address := text[m[2]:m[3]]; there.Distribution == here.Distribution && there.Name != here.Name && !namesRelease(image.Of(*base.Ref)) && !archive(address) {
				reportOther(p, sc, base, m[4], m[5], here, there)
			}
		}
		for _, m := range settings.Get().FindAllStringSubmatchIndex(text, -1) {
			if text[m[2]:m[3]] == here.Distribution && text[m[4]:m[5]] != here.Name {
				reportOther(p, sc, base, m[2], m[5], here, image.Release{Distribution: here.Distribution, Name: text[m[4]:m[5]]})
			}
		}
	}),
}

var (
	// sourceLine matches a line of a package source: its address and the release in its suite.
	sourceLine = lazy.Regexp{Expr: `\bdeb (?:\[[^\]]*\] )?"?(https?://[^\s"']+) ([a-z]+)(?:-[a-z0-9]+)? [a-z]`}
	// settings matches the directory of Microsoft's settings for a release.
	settings = lazy.Regexp{Expr: `packages\.microsoft\.com/config/(debian|ubuntu)/([0-9.]+)/`}
)

// archive reports whether the address is one of a distribution itself, or a copy of it.
func archive(address string) bool {
	_, host, _ := strings.Cut(address, "://")
	host, _, _ = strings.Cut(host, "/")
	return strings.HasSuffix(host, "debian.org") || strings.HasSuffix(host, "ubuntu.com") || strings.Contains(host, "mirror") ||
		strings.Contains(host, "snapshot") || strings.Contains(host, "archive")
}

// namesRelease reports whether the tag of an image names the release of its system.
func namesRelease(i image.Image) bool {
	_, system := i.Cycles()
	return system != nil || i.System() && i.Tag != ""
}

func reportOther(p *lint.Pass, sc *shell.Script, base *plan.Image, start, end int, here, there image.Release) {
	f := p.Report(sc.Text.Span(start, end), "the repository is for %s, and `%s` is %s", there.Title(), base.Value.Text, here.Title()).
		Because("packages for another release may depend on library versions that this one does not have").
		Advise("name %s in the address", here.Title())
	if !namesRelease(image.Of(*base.Ref)) {
		f.Because("the tag of the image does not name a release, so the image and the repository can drift apart").
			Advise("name the release in the tag of the image, and the same one in the address of the repository")
	}
	p.Repeat(f, there.Name)
}
