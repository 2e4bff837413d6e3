// Package base has the rules on the images that a build is based on or copies from.
package base

import (
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/internal/pragma"
	"github.com/dockvet/dockvet/internal/publisher"
	"github.com/dockvet/dockvet/internal/vanished"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
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
		f := p.Report(i.Origin, "image `%s` is used with the moving tag `latest`", i.Ref.Name()).
			Because("a rebuild can get another release without any change to this file").
			Advise("%s", pinned(i))
		adviseDigest(f, i)
		adviseWindows(f, i)
		doubtTag(p, f, i, s, mirrored)
		p.Repeat(f, i.Ref.Name())
		if parity.LatestTag(i) {
			f.Alias("DL3007")
		}
	}),
}

// pinned is the usual advice about the tag of i. Only official images surely have tags with versions.
func pinned(i *plan.Image) string {
	if i.Ref.Official() == "" || image.Of(*i.Ref).Local() {
		return "pin a version, or a digest if the image has no version tags"
	}
	return "pin the version you tested"
}

// adviseWindows gives f, a finding about an image that is `latest`, what is different for Windows.
func adviseWindows(f *lint.Finding, i *plan.Image) {
	if i.Ref.Registry == "mcr.microsoft.com" && strings.HasPrefix(i.Ref.Repository, "windows") && !strings.HasSuffix(i.Ref.Repository, "/iis") {
		f.Message = "image `" + i.Ref.Name() + "` has no tag `latest`"
		f.Because("Microsoft only publishes tags of releases for Windows base images").Advise("use the tag of a release, such as `ltsc2025`")
		if i.Ref.Tag == "" {
			f.Message = "image `" + i.Ref.Name() + "` has no tag"
			f.Because("no tag means `latest`, which Microsoft does not publish for Windows base images")
		}
		if name, old := strings.CutSuffix(i.Ref.Name(), "-insider"); old { // the older repositories have no builds after 2019
			f.Advise("use `%s/insider` with the tag of a build, such as `10.0.26100.1`", name)
		} else if strings.Contains(i.Ref.Repository, "insider") {
			f.Advise("use the tag of a build, such as `10.0.26100.1`")
		}
	}
}

// adviseDigest gives f, a finding about the tag of i, the only advice that can be followed if no tag names a release.
func adviseDigest(f *lint.Finding, i *plan.Image) {
	switch known := image.Of(*i.Ref); {
	case !known.Unreleased():
	case known.SpareUser() != "":
		f.Advise("pin a digest, as in `%s:%s@sha256:…`, because this image's tags do not identify a release; the `%[2]s` variant runs as "+
			"an unprivileged user", i.Ref.Name(), known.SpareUser())
	default:
		f.Advise("pin a digest, as in `%s@sha256:…`, because this image's tags do not identify a release", i.Ref.Name())
	}
}

// doubtTag gives f, a finding about the tag of i, a doubt if the tag decides little, or if somebody else may choose or
// build the image. s is the stage that i belongs to, or nil.
func doubtTag(p *lint.Pass, f *lint.Finding, i *plan.Image, s *plan.Stage, mirrored bool) {
	owner, _, _ := strings.Cut(i.Ref.Repository, "/")
	_, abandoned := image.Of(*i.Ref).Abandoned(p.Now)
	doubtLocal(f, i, mirrored)
	switch {
	case f.Doubt != "":
	case vanished.Image(i.Ref.Name(), i.Ref.Tag, p.Now) != nil:
		f.Because("").Advise("").Doubting("the image cannot be pulled with any tag")
	case abandoned:
		f.Because("").Advise("").Doubting("the image no longer gets updates, so its tags rarely move")
	case strings.ContainsAny(i.Ref.Repository, "0123456789") && namedRelease.Get().MatchString(i.Ref.Repository):
		f.Doubting("the image's name already contains the release, `%s`", namedRelease.Get().FindString(i.Ref.Repository))
	case i.Ref.Official() == "" && publisher.Named(p, owner):
		f.Doubting("the file mentions `%s`, the image's owner, so the image may be your own", owner)
	case i.Ref.Official() == "" && slices.Contains(p.Accounts(), owner):
		f.Doubting("the git repository has the same owner as the image, so the image may be your own")
	case ownRegistry(*i.Ref):
		f.Doubting("`%s` does not seem to be a public registry, so the image may be your own", i.Ref.Registry)
	case strings.HasPrefix(i.Ref.Repository, "gitpod/workspace-"), strings.Contains(p.File.Name, ".devcontainer"):
		f.Doubting("people usually want the latest version of a development image")
	case pragma.WantsNewest(commentAbove(p, i)):
		f.Doubting("the comment above says that the latest version is wanted")
	case isDefault(p, i):
		f.Doubting("this image is only a default, so a build may choose another one")
	case i.Use == plan.UseCopy && (s != nil && strings.HasPrefix(s.Name, "dev") || p.Plan.ForDevelopment()):
		f.Doubting("the stage seems to be for development")
	case i.Ref.Tag != "" && slices.Contains(strings.Split(p.File.Name, "/"), channel(i.Ref.Tag)):
		f.Doubting("the path says that this file is for `%s`", channel(i.Ref.Tag))
	case i.Use == plan.UseFrom && s != nil && upgrades(p, s):
		f.Doubting("`pacman` upgrades the whole system, so a pinned image would not make the build repeatable")
	case i.Use == plan.UseFrom && s != nil && fromEdge(p, s):
		f.Doubting("packages come from Alpine's `edge`, which drifts away from a pinned release")
	case i.Use == plan.UseFrom && s != nil && passesOn(p, i, s):
		f.Doubting("the stage only provides files, so the image's release hardly matters")
	case i.Use == plan.UseFrom && s != nil && container.Job(p) != "" && (!s.Shipped || !installs(p, p.Plan.Target)):
		f.Doubting("%s", container.Job(p))
	case image.Of(*i.Ref).Unreleased() && p.Plan.Below("example", "examples"):
		f.Doubting("the path says that this is an example, in which a digest would soon be out of date")
	}
}

// ownRegistry reports whether ref is at a host that only has images of its own, without an account in their names.
func ownRegistry(ref plan.Ref) bool {
	switch ref.Registry {
	case "", "docker.io", "mcr.microsoft.com", "registry.k8s.io", "k8s.gcr.io", "cgr.dev", "gcr.io", "ghcr.io", "quay.io", "public.ecr.aws", "nvcr.io":
		return false
	}
	return !strings.Contains(ref.Repository, "/") && !strings.HasPrefix(ref.Registry, "registry.")
}

// commentAbove is the comment directly above the instruction that i is written in.
func commentAbove(p *lint.Pass, i *plan.Image) string {
	n := sort.Search(len(p.File.Instructions), func(n int) bool { return p.File.Instructions[n].Span.End >= i.Origin.End })
	if n == len(p.File.Instructions) || !p.File.Instructions[n].Span.Contains(i.Origin) {
		return ""
	}
	in := p.File.Instructions[n]
	return p.File.Text(parser.Span{Start: p.File.Above(in), End: in.Span.Start})
}

// namedRelease matches the release of a system in the name of an image, as in `ubi9-minimal` and `static-debian13`. The
// image then only moves within it.
var namedRelease = lazy.Regexp{Expr: `\b(ubi|rhel|debian|ubuntu-?|centos|fedora|oraclelinux|rockylinux|almalinux)[0-9]+(\.[0-9]+)?\b`}

// isDefault reports whether i is the default of an ARG that a single FROM takes as a whole, and that may be given another
// image: the ARG is not named for this one, as `NODE_IMAGE` is for `node:24`.
func isDefault(p *lint.Pass, i *plan.Image) bool {
	name := strings.ToLower(i.Word.String)
	if i.Origin == i.Span || p.Plan.AllArgs() || strings.Contains(name, path.Base(i.Ref.Repository)) {
		return false
	}
	n := 0
	for other := range p.Plan.Images() {
		if other.Origin == i.Origin {
			n++
		}
	}
	return n == 1
}

// upgrades reports whether a step of s upgrades all packages of a distribution without releases.
func upgrades(p *lint.Pass, s *plan.Stage) bool {
	for _, sc := range p.Scripts(s) {
		for _, c := range sc.Commands {
			if fields, _ := c.Fields(); ecosystem.Sysupgrade(c.Name, fields) {
				return true
			}
		}
	}
	return false
}

// fromEdge reports whether a step of s, or of a stage that is built from it, installs from Alpine's edge.
func fromEdge(p *lint.Pass, s *plan.Stage) bool {
	return slices.ContainsFunc(p.Plan.Stages, func(other *plan.Stage) bool {
		return slices.Contains(other.Lineage(), s) && slices.ContainsFunc(other.Steps, namesEdge)
	})
}

// namesEdge reports whether step, a RUN, names one of Alpine's edge repositories.
func namesEdge(step *plan.Step) bool {
	in := step.Instruction
	return in.Name == "RUN" && (edge.Get().MatchString(in.Text.String) || slices.ContainsFunc(in.Heredocs, func(doc parser.Heredoc) bool {
		return edge.Get().MatchString(doc.Body.String)
	}))
}

var edge = lazy.Regexp{Expr: `/edge/(main|community|testing)\b`}

// passesOn reports whether i is a plain operating system or only has Git, and s and what is built from it neither ship nor install
// anything.
func passesOn(p *lint.Pass, i *plan.Image, s *plan.Stage) bool {
	system := image.Of(*i.Ref).System()
	if len(s.Steps) == 0 || !system && i.Ref.Name() != "alpine/git" && i.Ref.Name() != "bitnami/git" {
		return false
	}
	for _, other := range p.Plan.Stages {
		for _, at := range other.Lineage() {
			if at != s {
				continue
			}
			if other.Shipped {
				return false
			}
			if installsIn(p, other) {
				return false
			}
		}
	}
	return true
}

// installsIn reports whether a step of s installs packages.
func installsIn(p *lint.Pass, s *plan.Stage) bool {
	for _, sc := range p.Scripts(s) {
		if slices.ContainsFunc(sc.Calls(), func(c *shell.Call) bool { return c.Action == shell.Install }) {
			return true
		}
	}
	return false
}

// installs reports whether a step of s, or of a stage that it is built from, installs packages.
func installs(p *lint.Pass, s *plan.Stage) bool {
	for _, s := range s.Lineage() {
		if installsIn(p, s) {
			return true
		}
	}
	return false
}

// doubtLocal gives f, a finding about the tag of i, a doubt if another step may build the image. mirrored is from behindVariable.
func doubtLocal(f *lint.Finding, i *plan.Image, mirrored bool) {
	switch known := image.Of(*i.Ref); {
	case known.Local():
		f.Doubting("`%s` is not a Docker Official Image, so the image may be built locally", i.Ref.Name())
	case mirrored && !known.Known():
		f.Doubting("the registry is only known during the build, and may be your own")
	}
}

// behindVariable is i, or the image that i names after a variable that chooses the registry, if i is not known without it.
func behindVariable(i *plan.Image) (judged *plan.Image, mirrored bool) {
	if !i.External() && i.Literal != nil {
		return i.Literal, true
	}
	return i, false
}
