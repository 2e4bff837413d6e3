package base

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/internal/lifecycle"
	"github.com/dockvet/dockvet/internal/pragma"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// UnsupportedImage reports an image whose product or operating system no longer gets free fixes. It says nothing of one
// that its publisher's long-term project still fixes for everybody.
var UnsupportedImage = &lint.Rule{
	Name: "unsupported-image", Summary: "the image's language, server or operating system no longer gets security fixes",
	Category: lint.Base,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Display,
	Check: lint.OnFile(func(p *lint.Pass) {
		for _, l := range lifecycle.Of(p) {
			worst, other := l.Product, l.System
			if !worst.Over(p.Now) {
				worst, other = other, worst
			}
			if !worst.Over(p.Now) {
				continue
			}
			note := lifecycle.Duration(worst.Last(), p.Now) + " without free security fixes"
			if worst.Extended.After(p.Now) {
				note += "; " + customers(worst.Product) + " get them until " + worst.Extended.Format(time.DateOnly)
			}
			if other.Over(p.Now) {
				note += fmt.Sprintf("; %s ended on %s", lifecycle.SupportFor(other), other.Last().Format(time.DateOnly))
			}
			_, tag, _ := strings.Cut(l.Image.Word.String[strings.LastIndexByte(l.Image.Word.String, '/')+1:], ":")
			if set, missing := p.Plan.Env.Uses(tag); len(set) == 1 && len(missing) == 0 && l.Image.Origin == l.Image.Span &&
				!p.Plan.AllArgs() && !p.Plan.Given(set[0]) {
				note += fmt.Sprintf("; the default of `%s` chooses this image, and a build may choose another", set[0])
			}
			f := p.Report(l.Image.Origin, "%s ended on %s", l.Support(p, worst), worst.Last().Format(time.DateOnly)).
				Because("%s%s", note, lifecycle.Age(p.Now))
			upgrade := lifecycle.UpgradeOf(p, l.Image, worst, false)
			upgrade.Advise(f, worst.Product)
			if product := image.Of(*l.Image.Ref).Tied(); product != "" && upgrade.Ref == "" {
				f.Advise("move to a supported distribution of %s", product)
			}
			if user := takenUser(p, l.Image, upgrade.Cycle); user != "" {
				f.Advise("%s, and adapt the step that creates `%s`, because images of Ubuntu 24.04 and later have a user `ubuntu` with the number 1000", f.Help, user)
			}
			if system := together(p, l.Image); system != nil {
				f.Advise("%s; programs built in that image may need its newer C library, so move the final stage from %s, too", f.Help, system)
			}
			p.Repeat(f, worst)
			part, release := worst.NamedIn(p.File.Name), image.ReleaseIn(p.File.Name)
			switch {
			case part != "":
				f.Doubting("the path says that this file is for `%s`", part)
			case release != "":
				f.Doubting("the path says that this file is for release `%s`, which may be kept as it was built", release)
			case isDefault(p, l.Image):
				f.Doubting("this image is only a default, so a build may choose another one")
			case slices.ContainsFunc(p.File.Instructions, saysEnded):
				f.Doubting("a comment says that the release has reached its end of life, so it seems to be used on purpose")
			}
			switch {
			case part+release != "" && worst.Over(p.Now.AddDate(-1, 0, 0)):
				f.Outdated(release != "" || worst.Over(p.Now.AddDate(-2, 0, 0)), f.Doubt)
			case f.Doubt == "" && worst.Over(p.Now.AddDate(-5, 0, 0)) && isFinal(p, l.Image):
				f.Outdated(false, "the base image has had no fixes for more than five years, so nobody seems to maintain this file")
			case isFinal(p, l.Image) && p.Plan.Below("test", "tests", "e2e"):
				f.Outdated(false, "the path suggests that this image is for tests, and its base image no longer gets fixes")
			}
			again(p, f, l)
		}
	}),
}

// customers are those who get fixes of a product for longer.
func customers(product string) string {
	switch product {
	case "Ubuntu":
		return "subscribers to Ubuntu Pro"
	case "RabbitMQ":
		return "customers of VMware Tanzu RabbitMQ"
	}
	return "customers with extended support"
}

// together is the release of Debian or Ubuntu below the final image if that has an older C library than newer releases of i, an image that
// programs are compiled in for it; nil otherwise.
func together(p *lint.Pass, i *plan.Image) *image.Cycle {
	if !image.Of(*i.Ref).MakesPrograms() || p.Plan.Target == nil || i.Use != plan.UseFrom || isFinal(p, i) {
		return nil
	}
	final := p.Plan.Target.Image()
	if final == nil {
		return nil
	}
	product, system := image.Of(*final.Ref).Cycles()
	if system == nil {
		system = product
	}
	if system == nil || system.Product != "Debian" && system.Product != "Ubuntu" || system.Supported(p.Now) == system {
		return nil
	}
	for _, s := range p.Plan.Stages {
		for _, step := range s.Steps {
			if strings.Contains(step.Instruction.Text.String, "CGO_ENABLED=0") {
				return nil
			}
		}
	}
	for _, step := range p.Plan.Target.Steps {
		if step.Copy == nil || step.Copy.From == nil || step.Copy.From.Stage == nil {
			continue
		}
		for _, s := range step.Copy.From.Stage.Lineage() {
			if s.Base != nil && s.Base.Origin == i.Origin {
				return system
			}
		}
	}
	return nil
}

// takenUser is the user that a step above i creates and that images of the release to already have, by name or by number; "" if there
// is none.
func takenUser(p *lint.Pass, i *plan.Image, to *image.Cycle) string {
	if to == nil || to.Product != "Ubuntu" || image.Older(to.Name, "24.04") {
		return ""
	}
	for _, s := range p.Plan.Stages {
		root := s
		for _, at := range s.Lineage() {
			root = at
		}
		if root.Base == nil || root.Base.Origin != i.Origin {
			continue
		}
		for _, sc := range p.Scripts(s) {
			for _, c := range sc.Commands {
				name, ok := container.Creates(c)
				if !ok {
					continue
				}
				if uid, _ := c.FlagValue("-u", "--uid"); name == "ubuntu" || uid.Text == "1000" {
					return name
				}
			}
		}
	}
	return ""
}

// isFinal reports whether the target is built on i.
func isFinal(p *lint.Pass, i *plan.Image) bool {
	if p.Plan.Target == nil {
		return false
	}
	for _, s := range p.Plan.Target.Lineage() {
		if s.Base != nil && s.Base.Origin == i.Origin {
			return true
		}
	}
	return false
}

// again points at the other places that name the image, and lets the fix change them, too.
func again(p *lint.Pass, f *lint.Finding, l *lifecycle.Life) {
	for _, span := range l.Again {
		f.Relate(span, "also used here")
		tag := l.Image.Ref.Tag
		if len(f.Fixes) == 1 && strings.HasSuffix(string(p.File.Bytes[span.Start:span.End]), ":"+tag) {
			x := &f.Fixes[0]
			x.Edits = append(x.Edits, lint.Replace(parser.Span{Start: span.End - len(tag), End: span.End}, x.Edits[0].Text))
		}
	}
}

// saysEnded reports whether a comment above in or inside it mentions an end of life.
func saysEnded(in *parser.Instruction) bool {
	ended := func(c parser.Comment) bool {
		return (strings.Contains(c.Text, "EOL") || pragma.Contains(c.Text, "life")) && endOfLife.Get().MatchString(c.Text)
	}
	return slices.ContainsFunc(in.Lead, ended) || slices.ContainsFunc(in.Inner, ended)
}

var endOfLife = lazy.Regexp{Expr: `\bEOL\b|(?i:\bend[- ]of[- ]life\b)`}
