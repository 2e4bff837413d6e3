// Package image answers questions about base images that their references do not answer, from three tables:
// images.txt, which is kept by hand, cycles.txt and tags.txt, which tools/cmd/imagetables generates.
package image

import (
	_ "embed"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/plan"
)

//go:embed images.txt
var imagesText string

// Image is what is known of one base image. The answer to a question about an image that is not in the tables is that
// it is not known; so it is for Windows images, except for their versions.
type Image struct {
	plan.Ref
	facts        // of its line in images.txt, zero if it has none
	rest  string // what the * of the line stands for, if it has one
	known bool   // it has a line
}

// facts are those of a line. keys has a bit for each key, by which most of those that a line does not have are told fast.
type facts struct {
	text string
	keys uint64
}

func bit(key string) uint64 {
	return 1 << ((uint(key[0])*7 + uint(key[len(key)-1])*3 + uint(len(key))) % 64)
}

// newFacts reads text, key=value or key@condition=value in words.
func newFacts(text string) facts {
	f, key := facts{text: text}, 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == ' ':
			key = i + 1
		case (c == '=' || c == '@') && key >= 0 && key < i:
			f.keys |= bit(text[key:i])
			key = -1
		}
	}
	return f
}

// images are the lines of images.txt by name.
var images = lazy.Value[map[string]facts]{Make: func() map[string]facts {
	const about = 256 // lines
	out := make(map[string]facts, about)
	for line := range strings.Lines(imagesText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		name, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		out[name] = newFacts(text)
	}
	return out
}}

// beginnings are the names of images that end in *, without it, the longest first.
var beginnings = lazy.Value[[]string]{Make: func() []string {
	var out []string
	for line := range strings.Lines(imagesText) {
		name, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if prefix, ok := strings.CutSuffix(name, "*"); ok {
			out = append(out, prefix)
		}
	}
	order.By(out, func(a, b string) int { return len(b) - len(a) })
	return out
}}

// asked is how many lines somebody has asked for.
var asked atomic.Int32

// lineOf is the line of an image. A run over one file asks for few, and finds them in the text sooner than it reads all.
func lineOf(name string) (f facts, ok bool) {
	const few = 64
	if asked.Load() >= few {
		f, ok = images.Get()[name]
		return f, ok
	}
	if asked.Add(1); strings.HasPrefix(name, "#") {
		return facts{}, false
	}
	for low, high := 0, len(imagesText); low < high; { // the lines are sorted, and comments come first
		from := low + strings.LastIndexByte(imagesText[low:(low+high)/2], '\n') + 1
		whole, _, _ := strings.Cut(imagesText[from:], "\n")
		key, text, _ := strings.Cut(whole, " ")
		switch order := strings.Compare(name, key); {
		case order < 0:
			high = from
		case order > 0:
			low = from + len(whole) + 1
		default:
			return newFacts(text), true
		}
	}
	return facts{}, false
}

// Of is what is known of the image that r refers to.
func Of(r plan.Ref) Image {
	i := Image{Ref: r}
	name := r.Official()
	if name == "" {
		name = r.Name()
	}
	if i.facts, i.known = lineOf(name); i.known || !strings.Contains(name, "/") {
		return i
	}
	for _, prefix := range beginnings.Get() {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			i.facts, i.known = lineOf(prefix + "*")
			i.rest = rest
			break
		}
	}
	return i
}

// Names are the images that are known by their whole name, sorted: node, gcr.io/distroless/static.
func Names() []string {
	var out []string
	for name := range images.Get() {
		if name != "" && !strings.HasSuffix(name, "*") {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// fact is the value of key for i, "" where it is not known.
func (i Image) fact(key string) string {
	if i.keys&bit(key) == 0 {
		return ""
	}
	for rest := i.text; ; {
		at := strings.Index(rest, key)
		if at < 0 {
			return ""
		}
		first := at == 0 || rest[at-1] == ' '
		rest = rest[at+len(key):]
		if !first || rest == "" || rest[0] != '=' && rest[0] != '@' {
			continue
		}
		condition, value, _ := strings.Cut(rest, "=")
		if condition != "" && !i.holds(condition[1:]) {
			continue
		}
		value, _, _ = strings.Cut(value, " ")
		if value == "-" {
			return ""
		}
		return value
	}
}

// holds reports whether the condition of a fact is true of i's tag.
func (i Image) holds(condition string) bool {
	if condition == "digest" {
		return i.bare()
	}
	if limit, ok := strings.CutPrefix(condition, "<"); ok {
		order, ok := compare(i.tag().version(), limit)
		return ok && order < 0
	}
	if limit, ok := strings.CutSuffix(condition, "+"); ok {
		version := i.tag().version()
		if version == "" && !i.bare() || version == "latest" || strings.HasPrefix(limit, version+".") {
			return true // a tag that moves is what it is now
		}
		order, ok := compare(version, limit)
		return ok && order >= 0
	}
	return i.tag().has(condition)
}

// list reports whether the names in value, separated by commas, include name.
func list(value, name string) bool {
	for item := range strings.SplitSeq(value, ",") {
		if item == name {
			return true
		}
	}
	return false
}

func (i Image) tag() tag { return tag(i.Tag) }

// bare reports whether the reference is a digest without a tag, which may be of any version and flavour.
func (i Image) bare() bool { return i.Tag == "" && i.Digest != "" }

// Local reports whether the reference has the form of a Docker official image but is not one: most often another step
// builds that image, or it is a named build context.
func (i Image) Local() bool {
	return i.Official() != "" && i.Registry == "docker.io" && !i.known
}

// Known reports whether the table has the image, even if nothing but its name is known.
func (i Image) Known() bool { return i.known }

// System reports whether the image is an operating system and nothing else.
func (i Image) System() bool { return i.fact("kind") == "system" }

// Unreleased reports whether no tag of the image names a release, so that only a digest pins it.
func (i Image) Unreleased() bool { return i.fact("releases") == "none" }

// Foundation reports whether the image is made for other images to be built on.
func (i Image) Foundation() bool { return i.fact("kind") == "base" }

// Family is the image of the distribution that the image is built on: debian, alpine, fedora or busybox, for their
// relatives too; "" where that is not known.
func (i Image) Family() string {
	switch family := i.tag().family(); {
	case i.tag().windows():
		return ""
	case family != "":
		return family
	case i.bare() && !i.System() || i.tag().foreign():
		return ""
	}
	return i.fact("family")
}

// built is the value of a fact that follows from the distribution, unless the image is the exception.
func (i Image) built(key string) string {
	if i.tag().windows() {
		return ""
	}
	family := i.tag().family()
	if family == "" {
		if value := i.fact(key); value != "" {
			return value
		}
		family = i.Family()
	}
	f, _ := lineOf(family)
	return Image{facts: f}.fact(key)
}

// Shell is what /bin/sh is: dash, ash (BusyBox) or bash; "" where that is not known.
func (i Image) Shell() string { return i.built("sh") }

// SuggestedShell is what /bin/sh is in the distribution that the name or the tag of an unknown image mentions: ash or bash; "" if they
// mention neither Alpine nor a distribution with bash.
func (i Image) SuggestedShell() string {
	switch name := strings.ToLower(i.Name() + ":" + i.Tag); {
	case strings.Contains(name, "alpine"):
		return "ash"
	case withBash.Get().MatchString(name):
		return "bash"
	}
	return ""
}

var withBash = lazy.Regexp{Expr: `\b(?:ubi\d|rhel|centos|fedora|amzn|arch\b|archlinux|rocky|alma)`}

// Port is the port that the image's own EXPOSE names, 0 for none; known is false where that is not known.
func (i Image) Port() (port int, known bool) {
	value := i.fact("port")
	if value == "" || i.tag().windows() {
		return 0, false
	}
	return atoi(value), true
}

// Entry says how an image starts what CMD names.
type Entry int

// The entries. EntryNone is an image without an ENTRYPOINT: the kernel starts the CMD itself. EntryScript has a shell
// script that ends in `exec "$@"`.
const (
	EntryUnknown Entry = iota
	EntryNone
	EntryScript
)

// Entry is how the image starts what CMD names.
func (i Image) Entry() Entry {
	switch i.fact("entry") {
	case "none":
		return EntryNone
	case "script":
		return EntryScript
	}
	return EntryUnknown
}

// Workdir is the directory that the image starts in, "" where that is not known.
func (i Image) Workdir() string { return i.fact("workdir") }

// Sets reports whether the image sets an environment variable other than PATH; known is false where that is not known.
func (i Image) Sets(variable string) (sets, known bool) {
	value := i.fact("sets")
	if value == "" {
		set := i.fact("spare") == "$"+variable
		return set, set
	}
	known = true
	for name := range strings.SplitSeq(value, ",") {
		if name == variable {
			return true, true
		}
		if prefix, ok := strings.CutSuffix(name, "*"); ok && strings.HasPrefix(variable, prefix) {
			known = false
		}
	}
	return false, known
}

// Idle reports whether the image starts nothing but a shell or an interpreter.
func (i Image) Idle() bool { return i.System() || i.Kit() != "" || i.fact("idle") != "" }

// WithoutLocales reports whether the image has no locale that has to be generated.
func (i Image) WithoutLocales() bool { return i.fact("locales") == "none" }

// MakesPrograms reports whether programs are compiled in the image to run on another one, with its C library.
func (i Image) MakesPrograms() bool { return i.fact("makes") == "programs" }

// MakesModules reports whether the image is for an interpreter whose modules may be compiled for one platform.
func (i Image) MakesModules() bool { return i.fact("makes") == "modules" }

// WithoutARM reports whether the image is not built for arm64, or may not be.
func (i Image) WithoutARM() bool { return i.fact("arm") == "no" }

// Blocks reports whether the image keeps away the distribution's package of that name.
func (i Image) Blocks(name string) bool {
	prefix := i.fact("blocks")
	return prefix != "" && strings.HasPrefix(name, prefix)
}

// Yearly reports whether tag moves to another release only once a year.
func (i Image) Yearly(tag string) bool { return tag != "" && i.fact("yearly") == tag }

// Tied is the product whose releases are each built on one release of the system, or two; "" for most images.
func (i Image) Tied() string { return i.fact("tied") }

// CleansApt reports whether apt in the image deletes what it downloads, unless a step says otherwise.
func (i Image) CleansApt() bool { return i.fact("apt") == "clean" }

// Kit is the command of the build tool that the image is made for, such as go; "" for an image that is for something
// else.
func (i Image) Kit() string { return i.fact("kit") }
