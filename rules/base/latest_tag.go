// Package base has the rules on the images that a build is based on or copies from.
package base

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// LatestTag reports an image whose tag is `latest`. It says nothing of a reference with a digest, which decides.
var LatestTag = &lint.Rule{
	Name: "latest-tag", Summary: "`latest` is a moving tag", Category: lint.Base, Aliases: []string{"DL3007"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnImage(func(p *lint.Pass, i *plan.Image, s *plan.Stage) {
		i, mirrored := behindVariable(i)
		if !i.External() || i.Ref.Tag != "latest" || i.Ref.Digest != "" {
			return
		}
		f := p.Report(i.Origin, "image `%s` uses the moving tag `latest`", i.Ref.Name()).
			Because("a rebuild can get another release without any change to this file").
			Advise("pin the version you tested")
		adviseDigest(f, i)
		doubtTag(p, f, i, s, mirrored)
		if parity.LatestTag(i) {
			f.Alias("DL3007")
		}
	}),
}

// adviseDigest gives f, a finding about the tag of i, the only advice that can be followed if no tag names a release.
func adviseDigest(f *lint.Finding, i *plan.Image) {
	switch known := image.Of(*i.Ref); {
	case !known.Unreleased():
	case known.SpareUser() != "":
		f.Advise("pin a digest, because this image's tags do not identify a release: `%s:%s@sha256:…` (the `%[2]s` variant also runs as "+
			"an unprivileged user)", i.Ref.Name(), known.SpareUser())
	default:
		f.Advise("pin a digest, because this image's tags do not identify a release: `%s@sha256:…`", i.Ref.Name())
	}
}

// doubtTag gives f, a finding about the tag of i, a doubt if the tag decides little, or if another step may build the
// image. s is the stage that i belongs to, or nil.
func doubtTag(p *lint.Pass, f *lint.Finding, i *plan.Image, s *plan.Stage, mirrored bool) {
	if doubtLocal(f, i, mirrored); f.Doubt == "" && own(p, i) {
		f.Doubting("the labels name this image's owner, so it may be your own and be built before the one in this file")
	}
	if f.Doubt != "" || i.Use != plan.UseFrom || s == nil {
		return
	}
	for sc := range p.Scripts(s) {
		for _, c := range sc.Commands {
			if fields, _ := c.Fields(); ecosystem.Sysupgrade(c.Name, fields) {
				f.Doubting("`pacman` upgrades the whole system, so a pinned image would not make the build repeatable")
				return
			}
		}
	}
}

// doubtLocal gives f, a finding about the tag of i, a doubt if another step may build the image. mirrored is from behindVariable.
func doubtLocal(f *lint.Finding, i *plan.Image, mirrored bool) {
	switch known := image.Of(*i.Ref); {
	case known.Local():
		f.Doubting("`%s` is not a Docker Official Image, so it may be built locally", i.Ref.Name())
	case mirrored && !known.Known():
		f.Doubting("the registry is only known during the build, and may be your own")
	}
}

// own reports whether a label or MAINTAINER names the owner of i, who then builds both images.
func own(p *lint.Pass, i *plan.Image) bool {
	owner, _, _ := strings.Cut(i.Ref.Repository, "/")
	return i.Ref.Official() == "" && len(owner) > 3 && slices.ContainsFunc(p.File.Instructions, func(in *parser.Instruction) bool {
		return (in.Name == "LABEL" || in.Name == "MAINTAINER") && slices.Contains(strings.FieldsFunc(strings.ToLower(in.Text.String), func(r rune) bool {
			return r != '-' && r != '_' && (r < '0' || r > '9' && r < 'a' || r > 'z')
		}), owner)
	})
}

// behindVariable is i, or the image that i names after a variable that chooses the registry, if i is not known without it.
func behindVariable(i *plan.Image) (judged *plan.Image, mirrored bool) {
	if !i.External() && i.Literal != nil {
		return i.Literal, true
	}
	return i, false
}
