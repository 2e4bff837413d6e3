package runtime

import (
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// UngeneratedLocale reports ENV LANG or LC_ALL with a locale such as en_US.UTF-8 that an image with Debian or Ubuntu does
// not have, because nothing generates it. It is silent if a step runs code that is not read, and for all other images.
var UngeneratedLocale = &lint.Rule{
	Name: "ungenerated-locale", Category: lint.Runtime,
	Summary:  "`LANG` or `LC_ALL` names a locale that the image does not have",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if s != p.Plan.Target {
			return
		}
		var first *lint.Finding
		for _, name := range [...]string{"LC_ALL", "LANG"} {
			v := s.End.Env.Lookup(name)
			if v == nil || v.Arg || v.Step() == nil || !regional.Get().MatchString(v.Value().Text) || !v.Value().Known {
				continue
			}
			if first != nil {
				first.Relate(v.Pair.Span, "`%s` needs a generated locale, too", name)
				return
			}
			if !withoutLocales(s) || generates(p, s) {
				return
			}
			first = p.Report(v.Pair.Value.Full(), "nothing generates the locale `%s`", v.Value().Text).
				Because("programs fall back to the locale `C`, so they may treat text as ASCII, and Perl prints a warning at every start").
				Advise("use `C.UTF-8`, which the image has, or install `locales` and generate the locale")
		}
	}),
}

// regional matches the names of locales that have to be generated.
var regional = lazy.Regexp{Expr: `^[a-z]{2,3}_[A-Z]{2}(?:\.[\w-]+)?(?:@\w+)?$`}

// withoutLocales reports whether the image at the root of s has Debian or Ubuntu without generated locales.
func withoutLocales(s *plan.Stage) bool {
	base := s.Image()
	if base == nil || base.Ref == nil || s.Windows() {
		return false
	}
	return image.Of(*base.Ref).WithoutLocales()
}

// generates reports whether a step of s may bring a locale into the image.
func generates(p *lint.Pass, s *plan.Stage) bool {
	for _, s := range s.Lineage() {
		for _, step := range s.Steps {
			if step.Copy != nil && strings.Contains(step.Instruction.Text.String, "locale") {
				return true
			}
			if step.Instruction.Name != "RUN" {
				continue
			}
			sc := p.Script(step)
			if sc == nil || sc.Err != nil || localeWords.In(sc.Text.String) && bringsLocale.Get().MatchString(sc.Text.String) {
				return true
			}
			for _, c := range sc.Commands {
				if container.Opaque(c) && c.Outer == nil && (c.Name != "sh" && c.Name != "bash" || !c.Has("-c")) {
					return true
				}
			}
		}
	}
	return false
}

// localeWords are in each text that bringsLocale matches.
var localeWords = lazy.Words{List: func() []string { return []string{"locale", "language-pack", "debootstrap", "supported.d"} }}

var bringsLocale = lazy.Regexp{Expr: `locale-gen|localedef|locales-all|locale\.gen|language-pack|dpkg-reconfigure\b.*\blocales|debootstrap|supported\.d`}
