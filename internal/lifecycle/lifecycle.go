// Package lifecycle knows how long the images of a build get security fixes, which versions of its language the
// application needs, and which image to move to.
package lifecycle

import (
	"fmt"
	"strings"
	"time"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// Life is an image that the target needs, with the release cycles that its tag names.
type Life struct {
	Image *plan.Image
	// Again are the other places that name the same image and tag.
	Again []parser.Span
	// Product is the cycle of what the image is named for, and System that of its operating system. One of them may be
	// nil.
	Product, System *image.Cycle
}

var lives = lint.NewFact(func(p *lint.Pass) []*Life {
	byRef := map[string]*Life{}
	var out []*Life
	for i, at := range p.Plan.Images() {
		if at.Stage != nil && !at.Stage.Reached {
			continue
		}
		if i = judged(i); i == nil {
			continue
		}
		key := i.Ref.Name() + ":" + i.Ref.Tag
		if first := byRef[key]; first != nil {
			if first.Image.Origin != i.Origin {
				first.Again = append(first.Again, i.Origin)
			}
			continue
		}
		l := &Life{Image: i}
		if l.Product, l.System = image.Of(*i.Ref).Cycles(); l.Product != nil || l.System != nil {
			byRef[key] = l
			out = append(out, l)
		}
	}
	return out
})

// judged is i, or the image after a variable for the registry if that says more; nil if neither is an image.
func judged(i *plan.Image) *plan.Image {
	if i.Literal != nil && (!i.External() || i.Ref.Official() == "") && image.Of(*i.Literal.Ref).Known() {
		return i.Literal
	}
	if !i.External() {
		return nil
	}
	return i
}

// Of lists the images of the build whose release cycles are known, each once, in the order of the file. An image with a
// digest counts by its tag.
func Of(p *lint.Pass) []*Life { return lives.Of(p) }

// Over reports whether the product or the system gets no more free fixes on the day now.
func (l *Life) Over(now time.Time) bool { return l.Product.Over(now) || l.System.Over(now) }

// SupportFor names the support of c that ends last: `long-term support for Debian 12`.
func SupportFor(c *image.Cycle) string {
	if c.LongTerm() {
		return "long-term support for " + c.String()
	}
	return "support for " + c.String()
}

// Support is SupportFor. If the tag is in a variable, and is more than the version, it says which image that makes.
func (l *Life) Support(p *lint.Pass, c *image.Cycle) string {
	text := SupportFor(c)
	if at := p.File.Text(l.Image.Origin); strings.Contains(at, "$") && !strings.Contains(at, l.Image.Ref.Tag) && l.Image.Value.Known &&
		(c != l.Product || l.Image.Ref.Tag != c.Name) {
		text += ", used by `" + l.Image.Value.Text + "`,"
	}
	return text
}

// Duration is the time from a day to another in words: in days, and in years from two on.
func Duration(from, to time.Time) string {
	days := int(to.Sub(from).Hours() / 24)
	switch {
	case days == 1:
		return "1 day"
	case days < 730:
		return fmt.Sprintf("%d days", days)
	}
	return fmt.Sprintf("%d years", days/365)
}

// Age is a clause for the end of a note that says how old the data on release cycles is, "" unless it is old.
func Age(now time.Time) string {
	if now.Sub(image.Snapshot()) <= 180*24*time.Hour {
		return ""
	}
	return "; the data is from " + image.Snapshot().Format(time.DateOnly)
}
