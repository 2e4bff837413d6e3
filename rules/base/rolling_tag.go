package base

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// RollingTag reports a tag that names a channel instead of a release, such as `stable` or `lts-alpine`. `latest` has
// its own rule.
var RollingTag = &lint.Rule{
	Name: "rolling-tag", Summary: "a tag such as `stable` or `lts` moves from release to release", Category: lint.Base,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnImage(func(p *lint.Pass, i *plan.Image, _ *plan.Stage) {
		if !i.External() || i.Ref.Digest != "" || i.Use == plan.UseSyntax || !rolling(i.Ref.Tag) {
			return
		}
		channel, _, _ := strings.Cut(i.Ref.Tag, "-")
		p.Report(i.Origin, "image `%s` uses the moving tag `%s`", i.Ref.Name(), i.Ref.Tag).
			Because("`%s` names a channel and not a release, so a rebuild can get another release without any change to this file", channel).
			Advise("pin the version you tested")
	}),
}

// rolling reports whether a tag is a channel, with or without a flavour after it. A version in the flavour
// (`latest-rust-1.85.1`) pins what matters; `devel` and `rolling` with a flavour are kinds of images (`devel-cu130`,
// `rolling-ros-base`). Source of the names: docker-library/official-images, tags without a version.
func rolling(tag string) bool {
	channel, flavour, _ := strings.Cut(tag, "-")
	switch channel {
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
