package base

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// UntaggedImage reports an image with neither tag nor digest. It is uncertain of a reference that depends on a variable
// without a value, or on one that may select a stage above.
var UntaggedImage = &lint.Rule{
	Name: "untagged-image", Summary: "an image without a tag or digest defaults to `latest`", Category: lint.Base,
	Aliases:  []string{"DL3006"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnImage(func(p *lint.Pass, i *plan.Image, s *plan.Stage) {
		i, mirrored := behindVariable(i)
		if !i.External() {
			unresolved(p, i)
			return
		}
		if i.Ref.Tag != "" || i.Ref.Digest != "" {
			return
		}
		f := p.Report(i.Origin, "image `%s` has no tag", i.Ref.Name()).
			Because("no tag means `latest`, so a rebuild can get another release without any change to this file").
			Advise("%s", pinned(i))
		adviseWindows(f, i)
		adviseDigest(f, i)
		if i.Use == plan.UseSyntax {
			f.Advise("use `docker/dockerfile:1`, which is updated with compatible releases")
		}
		if i.Use == plan.UseFrom && mayBeStage(p, i) {
			f.Doubting("a build argument may select a stage above")
		} else {
			doubtTag(p, f, i, s, mirrored)
		}
		p.Repeat(f, i.Ref.Name())
		if !mirrored && parity.UntaggedImage(p.Plan, i) {
			f.Alias("DL3006")
		}
	}),
}

// unresolved reports a name that is not known to be an image, where the text looks like one without a tag.
func unresolved(p *lint.Pass, i *plan.Image) {
	if !parity.UntaggedImage(p.Plan, i) {
		return
	}
	f := p.Report(i.Span, "`%s` has no tag", i.Word.String).Alias("DL3006")
	switch {
	case mayBeStage(p, i):
		f.Doubting(parity.Regardless("a build argument selects one of the stages above"))
	case i.Stage != nil:
		f.Doubting(parity.Regardless("`%s` is a stage"), i.Value.Text)
	case !i.Value.Known:
		which := "variable"
		if strings.Count(i.Word.String, "$") > 1 {
			which = "variables"
		}
		f.Doubting("the %s may contain the tag", which)
	default:
		f.Advise("replace `%s` with the name of an image", i.Word.String).
			Doubting("`%s` is not a valid reference, so it may be a placeholder", i.Word.String)
	}
}

// mayBeStage reports whether a build argument can make i one of the stages above, as in `FROM base-$VARIANT` with the
// stages base-dev and base-prod.
func mayBeStage(p *lint.Pass, i *plan.Image) bool {
	word := strings.ToLower(i.Word.String)
	head, _, ok := strings.Cut(word, "$")
	tail := strings.TrimLeft(word[strings.LastIndexByte(word, '$')+1:], "{abcdefghijklmnopqrstuvwxyz_0123456789")
	tail = strings.TrimPrefix(tail, "}")
	if !ok || head+tail == "" || strings.ContainsAny(head+tail, "${:/@") {
		return false
	}
	for _, s := range p.Plan.Stages {
		if s.Base == i {
			break
		}
		if len(s.Name) > len(head+tail) && strings.HasPrefix(s.Name, head) && strings.HasSuffix(s.Name, tail) {
			return true
		}
	}
	return false
}
