package base

import (
	"strings"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// UntaggedImage reports an image with neither tag nor digest. A reference that hangs on a variable without a value is left
// alone.
var UntaggedImage = &lint.Rule{
	Name: "untagged-image", Summary: "an image without tag or digest is `latest`", Category: lint.Base, Aliases: []string{"DL3006"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnImage(func(p *lint.Pass, i *plan.Image, _ *plan.Stage) {
		if !i.External() {
			unresolved(p, i)
			return
		}
		if i.Ref.Tag != "" || i.Ref.Digest != "" {
			return
		}
		f := p.Report(i.Origin, "image `%s` has no tag", i.Ref.Name()).
			Because("no tag means `latest`: a rebuild can pick another release without any change to this file").
			Advise("name the release that you tested")
		if i.Use == plan.UseSyntax {
			f.Advise("write `docker/dockerfile:1`, which follows the compatible releases")
		}
		if image.Of(*i.Ref).Local() {
			f.Doubting("`%s` is no Docker official image: another step may build it", i.Ref.Name())
		}
		if bareWord(p, i) {
			f.Alias("DL3006")
		}
	}),
}

// unresolved reports a name that is no image that we can tell, where the text alone looks like one without a tag.
func unresolved(p *lint.Pass, i *plan.Image) {
	if !bareWord(p, i) {
		return
	}
	f := p.Report(i.Span, "image `%s` has no tag", i.Word.String).Alias("DL3006")
	switch {
	case i.Stage != nil:
		f.Doubting("it is the stage `%s`", i.Value.Text)
	case !i.Value.Known:
		f.Doubting("a build argument decides what it names")
	default:
		f.Doubting("it is no image reference: something is to take its place")
	}
}

// bareWord reports whether FROM names, in the text as it is written, something without tag or digest that is neither scratch, a
// variable, nor a stage above: what a reader of the text alone takes for an image without a tag.
func bareWord(p *lint.Pass, i *plan.Image) bool {
	text := i.Word.String
	if i.Use != plan.UseFrom || i.Named || text == "scratch" || strings.HasPrefix(text, "$") || strings.Contains(text, "@") ||
		strings.Contains(text[strings.LastIndexByte(text, '/')+1:], ":") {
		return false
	}
	for _, s := range p.Plan.Stages {
		if s.Base == i {
			break
		}
		if s.NameWord.String == text {
			return false
		}
	}
	return true
}
