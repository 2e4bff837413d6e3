package base

import (
	"strings"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// RollingTag reports a tag that names a channel instead of a release, such as `stable` or `lts-alpine`, or only a variant of an
// official image, such as `alpine` or `slim-trixie`. It also reports the tags of images whose releases have no tags, such as
// `nonroot`. `latest` has its own rule.
var RollingTag = &lint.Rule{
	Name: "rolling-tag", Summary: "a tag such as `stable` or `lts` moves from release to release", Category: lint.Base,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnImage(func(p *lint.Pass, i *plan.Image, s *plan.Stage) {
		i, mirrored := behindVariable(i)
		if !i.External() || i.Ref.Digest != "" || i.Use == plan.UseSyntax {
			return
		}
		if _, abandoned := image.Of(*i.Ref).Abandoned(p.Now); abandoned {
			return // its tags rarely move
		}
		if _, system := image.Of(*i.Ref).Cycles(); system.Over(p.Now.AddDate(-1, 0, 0)) {
			return // nobody builds it any more, and unsupported-image says that it is old
		}
		tag := i.Ref.Tag
		var f *lint.Finding
		switch {
		case rolling(tag):
			f = p.Report(i.Origin, "image `%s` is used with the moving tag `%s`", i.Ref.Name(), tag).
				Because("`%s` names a channel, not a release, so a rebuild can get another release without any change to this file", tag)
			if name := channel(tag); name == "sid" || name == "unstable" || name == "rawhide" || name == "edge" {
				f.Because("`%s` names a branch that never becomes a release, so a rebuild can get other packages without any change to this file", tag)
			}
		case image.Of(*i.Ref).VariantOnly():
			f = p.Report(i.Origin, "image `%s` is used with the moving tag `%s`", i.Ref.Name(), tag).
				Because("`%s` names a variant, not a version, so a rebuild can get another release without any change to this file", tag)
		case image.Of(*i.Ref).FlavourOnly():
			f = p.Report(i.Origin, "image `%s` is used with the moving tag `%s`", i.Ref.Name(), tag).
				Because("`%s` names a variant, and without a release in its name, such as `-debian13`, the image moves to each new Debian release", tag).
				Advise("add the Debian release to the name, as in `%s-debian13:%s`", i.Ref.Name(), tag)
			if name, _, _ := image.Of(*i.Ref).Libc(); name == image.NoLibc {
				f.Doubting("the image only contains certificates, time zones and user accounts")
			}
		default:
			return
		}
		if f.Help == "" {
			f.Advise("%s", pinned(i))
		}
		switch name := channel(tag); name {
		case "sid", "unstable", "testing", "edge", "rawhide", "nightly", "canary", "tip":
			f.Advise("pin a digest, or use the tag of a release").Doubting("whoever chooses `%s` usually wants the latest build", name)
		}
		doubtTag(p, f, i, s, mirrored)
		if f.Doubt == "" && image.Of(*i.Ref).Yearly(channel(tag)) {
			f.Doubting("nginx's stable branch moves to another release only once a year")
		}
		p.Repeat(f, i.Ref.Name()+":"+tag)
	}),
}

// channel is the first part of a tag.
func channel(tag string) string {
	name, _, _ := strings.Cut(tag, "-")
	return name
}

// rolling reports whether a tag is a channel, with or without a flavour after it. A version in the flavour
// (`latest-rust-1.85.1`) pins what matters; `devel` and `rolling` with a flavour are kinds of images (`devel-cu130`,
// `rolling-ros-base`). Source of the names: docker-library/official-images, tags without a version.
func rolling(tag string) bool {
	name, flavour, _ := strings.Cut(tag, "-")
	switch name {
	case "stable", "oldstable", "oldoldstable", "testing", "unstable", "sid", "edge", "nightly", "current", "lts",
		"mainline",
		"main", "master", "canary", "next", "rawhide", "tip":
		return true
	case "devel", "rolling":
		return flavour == ""
	case "latest":
		return flavour != "" && !strings.ContainsAny(flavour, "0123456789")
	}
	return false
}
