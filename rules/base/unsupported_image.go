package base

import (
	"fmt"
	"strings"
	"time"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// UnsupportedImage reports an image whose product or operating system no longer gets free fixes. One that the long-term project
// of its publisher still keeps up for everybody is left to another rule.
var UnsupportedImage = &lint.Rule{
	Name: "unsupported-image", Summary: "an image's language, server or system no longer gets fixes", Category: lint.Base,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Display,
	Check: lint.OnFile(func(p *lint.Pass) {
		lives(p, func(i *plan.Image, product, system *image.Cycle) *lint.Finding {
			worst, other := product, system
			if !over(worst, p.Now) {
				worst, other = system, product
			}
			if !over(worst, p.Now) {
				return nil
			}
			f := p.Report(i.Origin, "%s is out of support since %s", worst, worst.Last().Format(time.DateOnly))
			note := span(worst.Last(), p.Now) + " without security fixes that are free for all"
			if worst.Extended.After(p.Now) {
				note += "; customers get them until " + worst.Extended.Format(time.DateOnly)
			}
			if over(other, p.Now) {
				note += fmt.Sprintf("; %s is too, since %s", other, other.Last().Format(time.DateOnly))
			}
			f.Because("%s%s", note, age(p.Now))
			replace(p, f, i, worst)
			return f
		})
	}),
}

// over reports whether there are no free fixes for c any more, not even by a long-term project.
func over(c *image.Cycle, now time.Time) bool {
	return c != nil && !c.Last().IsZero() && now.After(c.Last())
}

// lives calls f for each image that the target needs, and points at further uses of the same reference in what f reports. A
// reference with a digest too is named by its tag.
func lives(p *lint.Pass, f func(i *plan.Image, product, system *image.Cycle) *lint.Finding) {
	seen := map[string]*lint.Finding{}
	for i, at := range p.Plan.Images() {
		if !i.External() || at.Stage != nil && !at.Stage.Reached {
			continue
		}
		key := i.Ref.Name() + ":" + i.Ref.Tag
		first, again := seen[key]
		if again {
			if first != nil && first.Span != i.Origin {
				first.Relate(i.Origin, "and here")
			}
			continue
		}
		product, system := image.Of(*i.Ref).Cycles()
		if product == nil && system == nil {
			continue
		}
		seen[key] = f(i, product, system)
	}
}

// replace says what to take instead.
func replace(p *lint.Pass, f *lint.Finding, i *plan.Image, worst *image.Cycle) {
	if tag := image.Of(*i.Ref).Replacement(p.Now); tag != "" {
		take(p, f, i, tag)
		return
	}
	if next := worst.Supported(p.Now); next != nil {
		until := ""
		if !next.Ends.IsZero() {
			until = ", which is kept up until " + next.Ends.Format(time.DateOnly)
		}
		f.Advise("move to %s%s", next, until)
		return
	}
	f.Advise("move to an image that is kept up: no release of %s is", worst.Product)
}

// take advises to take another tag of the same image, which exists.
func take(p *lint.Pass, f *lint.Finding, i *plan.Image, tag string) {
	ref := i.Ref.Name() + ":" + tag
	f.Advise("take `%s`, which exists", ref)
	if text := p.File.Bytes[i.Origin.Start:i.Origin.End]; i.Ref.Digest == "" && strings.HasSuffix(string(text), ":"+i.Ref.Tag) {
		at := i.Origin
		at.Start = at.End - len(i.Ref.Tag)
		f.Offer(lint.Display, "take `"+ref+"`", lint.Edit{Span: at, Text: tag})
	}
}

// span is how long it is from a day to another: in days, and in years from two on.
func span(from, to time.Time) string {
	days := int(to.Sub(from).Hours() / 24)
	switch {
	case days == 1:
		return "1 day"
	case days < 730:
		return fmt.Sprintf("%d days", days)
	}
	return fmt.Sprintf("%d years", days/365)
}

// age says how old the data on release cycles is, if that is old.
func age(now time.Time) string {
	if now.Sub(image.Snapshot()) <= 180*24*time.Hour {
		return ""
	}
	return "; as of " + image.Snapshot().Format(time.DateOnly) + ", the day of the data"
}
