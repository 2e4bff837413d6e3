package lifecycle

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// Upgrade is what to put in the place of an image.
type Upgrade struct {
	// Ref is the new reference, "" if no tag is known to exist that would do.
	Ref string
	// Cycle is the release to move to, of the language, the server or the system that is to be left; nil if none is
	// supported, or the application allows none.
	Cycle *image.Cycle
	// Blocked is what the application asks for, if that excludes every supported release.
	Blocked *app.Requirement
	edits   []lint.Edit // that put Ref in its place; nil where the Dockerfile does not hold the tag as it is
	slim    bool        // Ref is the slim variant of the image
	system  bool        // Cycle is of the system, and the image is not
	variant string      // of the image, if no tag of Cycle has it
	digest  bool        // the Dockerfile pins the image by a digest, so Ref needs one, too
	moved   string      // where the images of Cycle are, if that is another repository
	// variable is the argument that the tag consists of, and value is what to set it to; "" where the Dockerfile writes the tag otherwise.
	variable, value string
	regular         bool // what is to be left still has long-term support
}

// UpgradeOf is the upgrade of an image from the cycle worst, which is of its product or its system; nil if both may
// stay. Of a language it leads to the newest release that the application's requirements allow, as
// image.Image.Successor has it. With slim it leads to the slim variant, if the image has one.
func UpgradeOf(p *lint.Pass, i *plan.Image, worst *image.Cycle, slim bool) Upgrade {
	u := Upgrade{regular: worst != nil && !worst.Over(p.Now)}
	from := image.Of(*i.Ref)
	product, system := from.Cycles()
	allows := func(c *image.Cycle) bool {
		if lacksCorepack(c) && usesCorepack.Of(p) {
			return false
		}
		for _, w := range Workplaces(p) {
			if w.Image.Ref.Name() != i.Ref.Name() || w.Image.Ref.Tag != i.Ref.Tag || w.Replaced {
				continue
			}
			for n := range w.Wants {
				if w.Wants[n].Excludes(c.Name) {
					u.Blocked = &w.Wants[n]
					return false
				}
			}
		}
		return true
	}
	if worst != nil && worst == product {
		u.Cycle = from.Successor(p.Now, allows)
	} else if worst != nil {
		u.Cycle, u.system = worst.Supported(p.Now), !from.System()
	}
	if u.Cycle != nil {
		u.Blocked = nil
	}
	if name, old := strings.CutPrefix(i.Ref.Name(), "mcr.microsoft.com/dotnet/core/"); old { // it ends with .NET Core 3.1
		u.moved = "mcr.microsoft.com/dotnet/" + name
	}
	ref := *i.Ref
	ref.Digest = ""
	if v, ok := from.Slim(); slim && ok {
		if v.Name != from.Official() {
			ref = plan.Ref{Registry: "docker.io", Repository: "library/" + v.Name}
		}
		ref.Tag, u.slim = v.Tag, true
	}
	target := image.Of(ref)
	ref.Tag = ""
	if worst != nil {
		ref.Tag = target.Replacement(p.Now, allows)
	}
	if ref.Tag == "" { // nothing in the slim variant has ended
		if product, system := target.Cycles(); target.Tag == i.Ref.Tag || product.Over(p.Now) || system.Over(p.Now) ||
			!target.Published() {
			if _, variant, _ := strings.Cut(i.Ref.Tag, "-"); slices.Contains([]string{"debian", "ubuntu"}, variant) && i.Ref.Official() != "" && !u.system {
				u.variant = variant
			}
			return u
		}
		ref.Tag = target.Tag
	}
	u.to(p, i, ref)
	if to, toSystem := image.Of(ref).Cycles(); worst != nil && worst == product && to != nil {
		u.Cycle, u.Blocked = to, nil
	} else if worst != nil && worst == system && toSystem != nil {
		u.Cycle = toSystem
	}
	return u
}

// lacksCorepack reports whether c is a release of Node.js without Corepack: 25 or later.
func lacksCorepack(c *image.Cycle) bool {
	major, err := strconv.Atoi(c.Name)
	return c.Product == "Node.js" && err == nil && major >= 25
}

// usesCorepack reports whether the build runs `corepack` or `yarn` and does not install it itself.
var usesCorepack = lint.NewFact(func(p *lint.Pass) bool {
	uses := false
	for _, s := range p.Plan.Stages {
		for _, sc := range p.Scripts(s) {
			for _, call := range sc.Calls() {
				for _, pkg := range call.Packages {
					if ecosystem.WithNode(pkg.Name) {
						return false
					}
				}
			}
			for _, c := range sc.Commands {
				uses = uses || ecosystem.WithNode(c.Name)
			}
		}
	}
	return uses
})

// Fitting is the upgrade to the oldest image with a version of the language that r allows and with a year of support
// left, or else with any support. For a language without support it is the one that UpgradeOf names, if r allows that.
func (w *Workplace) Fitting(p *lint.Pass, r app.Requirement) Upgrade {
	var u Upgrade
	if product, _ := image.Of(*w.Image.Ref).Cycles(); product.Over(p.Now) {
		if to := UpgradeOf(p, w.Image, product, false); to.Ref != "" && to.Cycle != nil && !r.Excludes(to.Cycle.Name) {
			return to
		}
	}
	for _, limit := range [...]time.Time{p.Now.AddDate(1, 0, 0), p.Now} {
		for _, other := range image.Of(*w.Image.Ref).Siblings() {
			product, system := other.Cycles()
			if _, version := other.Runtime(); !r.Excludes(version) && !product.Over(limit) && !system.Over(limit) {
				u.Cycle = product
				u.to(p, w.Image, other.Ref)
				return u
			}
		}
	}
	return u
}

// to makes ref the reference that replaces i.
func (u *Upgrade) to(p *lint.Pass, i *plan.Image, ref plan.Ref) {
	u.Ref = i.Prefix + ref.Name() + ":" + ref.Tag
	u.digest = i.Ref.Digest != ""
	text := p.File.Bytes[i.Origin.Start:i.Origin.End]
	if ref.Name() == i.Ref.Name() && i.Ref.Digest == "" && i.Ref.Tag != "" &&
		strings.HasSuffix(string(text), ":"+i.Ref.Tag) {
		u.edits = []lint.Edit{lint.Replace(parser.Span{Start: i.Origin.End - len(i.Ref.Tag), End: i.Origin.End}, ref.Tag)}
	}
	if at := strings.LastIndexByte(string(text), ':'); at >= 0 && u.edits == nil && ref.Name() == i.Ref.Name() && i.Ref.Digest == "" {
		u.set(p, string(text[at+1:]), ref.Tag)
	}
}

// set finds the variable in written, the tag in the Dockerfile, that makes want of it with another value, if there is exactly one.
func (u *Upgrade) set(p *lint.Pass, written, want string) {
	used, missing := p.Plan.Env.Uses(written)
	if len(missing) > 0 {
		return
	}
	for _, name := range used {
		before, after, ok := strings.Cut(written, "${"+name+"}")
		if !ok {
			if before, after, ok = strings.Cut(written, "$"+name); ok && after != "" && strings.IndexByte(wordBytes, after[0]) >= 0 {
				continue
			}
		}
		head, tail := p.Plan.Env.Expand(before), p.Plan.Env.Expand(after)
		if !ok || !head.Known || !tail.Known || len(want) <= len(head.Text)+len(tail.Text) ||
			!strings.HasPrefix(want, head.Text) || !strings.HasSuffix(want, tail.Text) {
			continue
		}
		if u.variable != "" {
			u.variable = ""
			return
		}
		u.variable, u.value = name, want[len(head.Text):len(want)-len(tail.Text)]
	}
}

const wordBytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"

// until says how long Cycle is supported, by the yardstick of what is to be left.
func (u Upgrade) until() string {
	switch {
	case u.Cycle.Ends.IsZero():
		return ""
	case !u.Cycle.LongTerm():
		return ", supported until " + u.Cycle.Ends.Format(time.DateOnly)
	case u.regular:
		return ", which has regular support until " + u.Cycle.Ends.Format(time.DateOnly)
	}
	return ", which has long-term support until " + u.Cycle.Last().Format(time.DateOnly)
}

// Advise gives f the help and the fix that u amounts to, in place of any other. product names what is to be left.
func (u Upgrade) Advise(f *lint.Finding, product string) {
	f.Fixes = nil
	switch {
	case u.Blocked != nil:
		f.Advise("allow a newer release in `%s` first, because `%s` excludes every supported release", u.Blocked.File,
			u.Blocked.Text)
		at := lint.Related{Message: "required here", File: u.Blocked.File, Line: u.Blocked.Line}
		if !slices.Contains(f.Related, at) {
			f.Related = append(f.Related, at)
		}
	case u.Cycle != nil:
		to, example := u.Cycle.String(), ""
		switch {
		case u.slim && u.system:
			to = "the slim image based on " + to
		case u.slim:
			to = "the slim image of " + to
		case u.system && u.Ref == "":
			to = "an image based on " + to
		}
		if u.Ref != "" && u.edits == nil {
			example = ", by using `" + u.Ref + "`"
			if u.digest {
				example += " with its digest"
			}
			if u.variable != "" {
				example = ", by setting `" + u.variable + "` to `" + u.value + "`"
			}
		}
		if u.variant != "" && u.Ref == "" {
			example = "; if it has no `-" + u.variant + "` tag, choose another variant, which may have another package manager"
		}
		if u.moved != "" && u.Ref == "" {
			example = ", by using an image from `mcr.microsoft.com/dotnet` instead of `mcr.microsoft.com/dotnet/core`"
		}
		until := u.until()
		if until == "" {
			example = strings.TrimPrefix(example, ",")
		}
		f.Advise("move to %s%s%s", to, until, example)
	case u.Ref != "" && u.edits == nil:
		f.Advise("use `%s`", u.Ref)
	default:
		f.Advise("move to %s, because no release of %s is supported any more", cmp.Or(image.Instead(product), "another image"), product)
	}
	if u.edits != nil {
		f.Offer(lint.Display, "use `"+u.Ref+"`", u.edits...)
	}
}
