package stages

import (
	"path"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// MismatchedRelease reports a `COPY --from` of a compiled program out of a stage whose base image does not say which release of its
// distribution, into a stage whose image names one. What the program is linked against then depends on the day. It
// knows what foreign-libc knows, and releases of Mix. What certainly does not run belongs to foreign-libc.
var MismatchedRelease = &lint.Rule{
	Name: "mismatched-release", Category: lint.Stages,
	Summary:  "a program is built on an unpinned release of a distribution, and runs on a pinned one",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		if s.Copy == nil || s.Copy.From == nil || s.Copy.From.Stage == nil || !s.Stage.Reached {
			return
		}
		from := s.Copy.From.Stage
		builder, target := from.Image(), s.Stage.Image()
		if builder == nil || target == nil || builder.Ref.Digest != "" || target.Ref.Digest != "" {
			return
		}
		b, t := image.Of(*builder.Ref), image.Of(*target.Ref)
		if b.Official() == "" || b.System() || b.Official() == string(ecosystem.LanguageGo) || b.Tag == "" || tells(b) || !tells(t) || b.Family() != t.Family() ||
			b.Family() == "" {
			return
		}
		if libcOf(from).unfit(libcOf(s.Stage)) != "" || fitted(p, s.Stage) {
			return
		}
		for _, src := range s.Copy.Sources {
			if !src.Path.Known {
				continue
			}
			by := built(p, from, path.Join("/", src.Path.Text))
			if by == nil {
				continue
			}
			failure := "`GLIBC_2.38 not found`"
			if b.Family() == "alpine" {
				failure = "`Error relocating …: symbol not found`"
			}
			f := p.Report(builder.Origin, "`%s` does not pin the release of its distribution, and the program runs on `%s`", builder.Value.Text,
				target.Value.Text).
				Because("`%s` moves to new releases of its distribution, and a program that is built there may not start on an older release (%s)",
					builder.Value.Text, failure).
				Relate(by.Span, "the program is built here").
				Relate(src.Word.Full(), "the program is copied here").
				Advise("name the same release in both images, such as `%s:VERSION-RELEASE`", builder.Ref.Name())
			if now, old := b.Release(p.Now), t.Release(p.Now); now.Name != "" && old.Name != "" && old.Before(now.Distribution, now.Name) {
				f.Because("`%s` is built on %s, and a program that is built there may not start on %s (%s)", builder.Value.Text, now.Title(), old.Title(), failure)
			}
			p.Repeat(f, builder.Value.Text)
		}
	}, "COPY", "ADD"),
}

// tells reports whether the tag of i names the release of a distribution.
func tells(i image.Image) bool {
	product, system := i.Cycles()
	return system != nil || i.System() && product != nil && i.Tag != "" || alpine.Get().MatchString(i.Tag)
}

var alpine = lazy.Regexp{Expr: `alpine-?[0-9]`}

// built is the command of stage that links file against the libraries of the stage, nil if that is not known.
func built(p *lint.Pass, stage *plan.Stage, file string) *shell.Command {
	if what := linked(p, stage, file, image.Glibc); what != nil && !what.tree && what.doubt == "" && image.Of(*stage.Image().Ref).Family() != "alpine" {
		return what.by
	}
	for _, s := range stage.Lineage() {
		for _, sc := range p.Scripts(s) {
			for _, c := range sc.Commands {
				if len(c.Words) < 2 || c.Words[1].Text != "release" {
					continue
				}
				if at, ok := c.FlagValue("--path"); ok && c.Path(at).Text == file || strings.Contains(file+"/", "/rel/") {
					return c
				}
			}
		}
	}
	return nil
}
