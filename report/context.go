package report

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/console"
	"github.com/dockvet/dockvet/internal/order"
)

// BuildContext is a build context as `dockvet context` shows it.
type BuildContext struct {
	Dir        string             // as reports print it
	Dockerfile string             // that it is seen for; "" without one
	Ignore     string             // the ignore file in effect; "" without one
	Root       *buildcontext.Part // of the survey
	Cut        bool               // the survey left out what is beyond buildcontext.MaxSurvey files
	Copies     []ContextCopy
	Lines      []ContextLine // to add to the ignore file
	LinesKnown bool          // false where a variable hides what is copied, so that no line is safe to propose
	Depth      int           // levels of directories to show
}

// ContextCopy is a COPY or ADD with what it copies from the build context.
type ContextCopy struct {
	Line    int    // in the Dockerfile, from 1
	Text    string // of the instruction, on one line
	Sources []ContextSource
}

// ContextSource is one source of a COPY or ADD.
type ContextSource struct {
	Name  string
	Known bool // false where a variable hides it
	buildcontext.Taken
}

// ContextLine is a line for an ignore file, with what it keeps out that the lines above it leave in.
type ContextLine struct {
	Pattern string
	Weight  buildcontext.Weight
}

// plainWidth is the width of the page where no terminal says so.
const plainWidth = 100

// maxLargest is how many of the largest files are listed.
const maxLargest = 10

// WriteText writes c for people, no wider than o.Width.
func (c *BuildContext) WriteText(out io.Writer, o Options) error {
	p := &page{w: bufio.NewWriter(out), color: o.Color, width: o.Width}
	if p.width <= 0 {
		p.width = plainWidth
	}
	p.contents(c)
	return p.w.Flush()
}

// WriteJSON writes c for programs. Arrays are never null, except `dockerignore` where its lines are not known.
func (c *BuildContext) WriteJSON(out io.Writer) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(c.describe())
}

// page prints a build context for people.
type page struct {
	w     *bufio.Writer
	color bool
	width int
	files int // columns of a number of files
}

// The styles.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
)

// part is a piece of a line in one style, "" for plain.
type part struct{ code, text string }

// line prints parts, cut at the page's width.
func (p *page) line(parts ...part) {
	left := p.width
	for _, x := range parts {
		text := clean(x.text)
		if n := console.Width(text); n > left {
			text = shorten(text, left)
			left = 0
		} else {
			left -= n
		}
		if text != "" && x.code != "" {
			text = console.Style(p.color, x.code, text)
		}
		console.Put(p.w, text)
		if left == 0 {
			break
		}
	}
	console.Put(p.w, "\n")
}

// shorten cuts s to width columns; an ellipsis shows that it is cut.
func shorten(s string, width int) string {
	if console.Width(s) <= width {
		return s
	}
	if width <= 0 {
		return ""
	}
	var b strings.Builder
	used := 0
	for text, n := range console.Clusters(s) {
		if used+n > width-1 {
			break
		}
		used += n
		b.WriteString(text)
	}
	return b.String() + "…"
}

func (p *page) heading(s string) {
	console.Put(p.w, "\n")
	p.line(part{bold, s})
}

func (p *page) contents(c *BuildContext) {
	p.files = len(amount(c.Root.Sent.Files+c.Root.Kept.Files, "file"))
	title := []part{{bold, "Build context " + c.Dir}}
	if c.Dockerfile != "" {
		title = append(title, part{dim, " for " + c.Dockerfile})
	}
	p.line(title...)
	sum := "sent " + weight(c.Root.Sent)
	if c.Ignore == "" {
		p.line(part{"", sum}, part{dim, ", no .dockerignore"})
	} else {
		p.line(part{"", sum}, part{dim, ", kept out by " + c.Ignore + " " + weight(c.Root.Kept)})
	}
	if c.Cut {
		p.line(part{yellow, "more than " + number(buildcontext.MaxSurvey) + " files; the rest is left out"})
	}
	p.tree(c)
	p.largest(c)
	p.copies(c)
	p.lines(c)
}

// barWidth is the columns of a bar in the tree.
func (p *page) barWidth() int {
	switch {
	case p.width < 70:
		return 0
	case p.width < 110:
		return 10
	}
	return 20
}

const sizeWidth = 8 // columns of a size

func (p *page) tree(c *BuildContext) {
	p.heading("By size")
	total := c.Root.Sent.Bytes + c.Root.Kept.Bytes
	var show func(x *buildcontext.Part, indent string, level int)
	show = func(x *buildcontext.Part, indent string, level int) {
		shown, rest := choose(x.Below, total, level)
		if len(shown) == 0 {
			return // "38 more" would repeat the row above
		}
		for i, b := range shown {
			branch, next := "├─ ", "│  "
			if i == len(shown)-1 && len(rest) == 0 {
				branch, next = "└─ ", "   "
			}
			p.row(b, indent+branch, total)
			if b.Dir && level < c.Depth && b.Sent.Files > 0 && (b.Sent.Bytes+b.Kept.Bytes)*20 >= total {
				show(b, indent+next, level+1)
			}
		}
		if len(rest) > 0 {
			var w buildcontext.Weight
			for _, b := range rest {
				w.Files += b.Sent.Files + b.Kept.Files
				w.Bytes += b.Sent.Bytes + b.Kept.Bytes
			}
			gap := strings.Repeat(" ", p.barWidth()) + "  "
			p.line(part{dim, p.figures(w)}, part{"", gap}, part{dim, indent + "└─ " + number(len(rest)) + " more"})
		}
	}
	show(c.Root, "", 1)
}

// choose splits what is in a directory into what is worth a row and the rest, by total size.
func choose(below []*buildcontext.Part, total int64, level int) (shown, rest []*buildcontext.Part) {
	all := slices.Clone(below)
	weight := func(x *buildcontext.Part) int64 { return x.Sent.Bytes + x.Kept.Bytes }
	order.By(all, func(a, b *buildcontext.Part) int { return cmp.Compare(weight(b), weight(a)) })
	n := 0
	for n < len(all) && (n < 3 && level == 1 || weight(all[n])*100 >= total) && n < 12 {
		n++
	}
	if n == len(all)-1 {
		n++ // one more row says as much as "1 more"
	}
	return all[:n], all[n:]
}

func (p *page) figures(w buildcontext.Weight) string {
	return fmt.Sprintf("%*s  %*s  ", sizeWidth, size(w.Bytes), p.files, amount(w.Files, "file"))
}

// row is one line of the tree: a full bar for what is sent, a light one for what is kept out.
func (p *page) row(x *buildcontext.Part, indent string, total int64) {
	name := path.Base(x.Name)
	if x.Dir {
		name += "/"
	}
	full, light := 0, 0
	if total > 0 {
		width := int64(p.barWidth())
		full = int((x.Sent.Bytes*width + total/2) / total)
		light = int((x.Kept.Bytes*width + total/2) / total)
		light = min(light, int(width)-full)
	}
	bar := []part{
		{cyan, strings.Repeat("█", full)},
		{dim, strings.Repeat("░", light)},
		{"", strings.Repeat(" ", p.barWidth()-full-light) + "  "},
	}
	code, note := "", ""
	w := x.Sent
	switch {
	case x.Sent.Files == 0 && x.Kept.Files > 0:
		code, w = dim, x.Kept
		if note = "ignored"; x.By != nil {
			note = fmt.Sprintf("ignored, line %d: %s", x.By.Line, x.By.Text)
		}
	case x.Kept.Files > 0:
		note = "and " + size(x.Kept.Bytes) + " ignored"
	}
	if x.Link {
		note = strings.TrimPrefix(note+", link", ", ")
	}
	parts := append([]part{{code, p.figures(w)}}, bar...)
	used := sizeWidth + p.files + 4 + p.barWidth() + 2 + console.Width(indent)
	noteWidth := console.Width(clean(note))
	room := p.width - used
	if note != "" && noteWidth+2 < room-8 {
		room -= noteWidth + 2
	}
	parts = append(parts, part{dim, indent}, part{code, shorten(clean(name), max(room, 8))})
	if note != "" {
		parts = append(parts, part{dim, "  " + note})
	}
	p.line(parts...)
}

func (p *page) largest(c *BuildContext) {
	all := c.largest()
	if len(all) == 0 {
		return
	}
	p.heading("Largest files sent")
	for _, x := range all {
		name := x.Name
		// The end of a path says more than its beginning.
		if room := p.width - sizeWidth - 2; console.Width(clean(name)) > room {
			runes := []rune(clean(name))
			for len(runes) > 0 && console.Width(string(runes)) > room-1 {
				runes = runes[1:]
			}
			name = "…" + string(runes)
		}
		p.line(part{"", fmt.Sprintf("%*s  ", sizeWidth, size(x.Sent.Bytes))}, part{"", name})
	}
}

func (p *page) copies(c *BuildContext) {
	if c.Dockerfile == "" {
		console.Put(p.w, "\n")
		p.line(part{dim, "No Dockerfile in " + c.Dir + ", so what COPY copies is unknown."})
		return
	}
	if len(c.Copies) == 0 {
		return
	}
	p.heading("What each COPY copies")
	digits := len(fmt.Sprint(c.Copies[len(c.Copies)-1].Line))
	for _, x := range c.Copies {
		var w buildcontext.Weight
		var notes []string
		for _, s := range x.Sources {
			w.Files += len(s.Files)
			w.Bytes += s.Bytes()
			if note := fault(s.Known, s.Taken, c.Ignore); note != "" {
				notes = append(notes, "`"+s.Name+"` "+note)
			}
		}
		p.line(part{"", p.figures(w)}, part{dim, fmt.Sprintf("%*d  ", digits, x.Line)}, part{"", x.Text})
		for _, n := range notes {
			p.line(part{"", strings.Repeat(" ", sizeWidth+p.files+4+digits+2)}, part{yellow, n})
		}
	}
}

// fault says why a source copies nothing, "" if it copies something.
func fault(known bool, t buildcontext.Taken, ignore string) string {
	switch {
	case !known:
		return "is hidden by a variable"
	case t.Ignored:
		return "is ignored by " + ignore
	case t.Other != "":
		return "does not exist; `" + t.Other + "` does"
	case !t.Exists:
		return "does not exist"
	case t.Cut:
		return "has more files than were counted"
	}
	return ""
}

func (p *page) lines(c *BuildContext) {
	switch {
	case !c.LinesKnown:
		console.Put(p.w, "\n")
		p.line(part{dim, "A variable hides what is copied, so no .dockerignore line is safe to propose."})
		return
	case len(c.Lines) == 0:
		console.Put(p.w, "\n")
		p.line(part{green, "Nothing to add to .dockerignore."})
		return
	}
	var w buildcontext.Weight
	for _, l := range c.Lines {
		w.Files += l.Weight.Files
		w.Bytes += l.Weight.Bytes
	}
	heading := "Lines for a new .dockerignore"
	if c.Ignore != "" {
		heading = "Lines to add to " + c.Ignore
	}
	console.Put(p.w, "\n")
	p.line(part{bold, heading}, part{dim, ", to keep out " + weight(w)})
	for _, l := range c.Lines {
		p.line(part{dim, p.figures(l.Weight)}, part{green, l.Pattern})
	}
}

func weight(w buildcontext.Weight) string { return size(w.Bytes) + " in " + amount(w.Files, "file") }

func amount(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return number(n) + " " + what
}

// number is n with commas between thousands.
func number(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// size is n bytes in decimal units, as docker prints them.
func size(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	x, unit := float64(n)/1000, 0
	for x >= 999.5 && unit < 4 {
		x /= 1000
		unit++
	}
	digits := 1
	if x >= 99.95 {
		digits = 0
	}
	return fmt.Sprintf("%.*f %cB", digits, x, "kMGTP"[unit])
}

// largest are the largest files that are sent, the largest first.
func (c *BuildContext) largest() []*buildcontext.Part {
	var out []*buildcontext.Part
	collect(c.Root, &out)
	return out
}

// collect adds the largest files of p that are sent, up to maxLargest.
func collect(p *buildcontext.Part, out *[]*buildcontext.Part) {
	if p.Dir {
		for _, b := range p.Below {
			collect(b, out)
		}
		return
	}
	if p.Sent.Bytes == 0 || len(*out) == maxLargest && (*out)[maxLargest-1].Sent.Bytes >= p.Sent.Bytes {
		return
	}
	i, _ := slices.BinarySearchFunc(*out, p, func(a, b *buildcontext.Part) int {
		return cmp.Or(cmp.Compare(b.Sent.Bytes, a.Sent.Bytes), strings.Compare(a.Name, b.Name))
	})
	*out = slices.Insert(*out, i, p)
	*out = (*out)[:min(len(*out), maxLargest)]
}

// The JSON form.
type (
	jsonWeight struct {
		Files int   `json:"files"`
		Bytes int64 `json:"bytes"`
	}
	jsonContext struct {
		Context    string     `json:"context"`
		Dockerfile *string    `json:"dockerfile"`
		Ignore     *string    `json:"ignoreFile"`
		Complete   bool       `json:"complete"`
		Sent       jsonWeight `json:"sent"`
		Ignored    jsonWeight `json:"ignored"`
		Tree       []jsonPart `json:"tree"`
		Largest    []jsonFile `json:"largest"`
		Copies     []jsonCopy `json:"copies"`
		Lines      []jsonLine `json:"dockerignore"` // null: unknown
	}
	jsonPart struct {
		Name    string      `json:"name"`
		Folder  bool        `json:"folder"`
		Sent    jsonWeight  `json:"sent"`
		Ignored jsonWeight  `json:"ignored"`
		By      *jsonIgnore `json:"ignoredBy"`
		Below   []jsonPart  `json:"below,omitempty"`
	}
	jsonIgnore struct {
		Line    int    `json:"line"`
		Pattern string `json:"pattern"`
	}
	jsonFile struct {
		Name  string `json:"name"`
		Bytes int64  `json:"bytes"`
	}
	jsonCopy struct {
		Line    int          `json:"line"`
		Sources []jsonSource `json:"sources"`
	}
	jsonSource struct {
		Source  string     `json:"source"`
		Known   bool       `json:"known"`
		Exists  bool       `json:"exists"`
		Ignored bool       `json:"ignored"`
		Partly  bool       `json:"partlyIgnored"`
		Other   string     `json:"otherCase,omitempty"`
		Takes   jsonWeight `json:"takes"`
	}
	jsonLine struct {
		Pattern string     `json:"pattern"`
		Saves   jsonWeight `json:"keepsOut"`
	}
)

// describe is c as programs see it.
func (c *BuildContext) describe() jsonContext {
	out := jsonContext{
		Context: c.Dir, Complete: !c.Cut, Sent: jsonWeight(c.Root.Sent), Ignored: jsonWeight(c.Root.Kept),
		Tree: c.parts(c.Root, 1), Largest: []jsonFile{}, Copies: []jsonCopy{},
	}
	if c.Dockerfile != "" {
		out.Dockerfile = &c.Dockerfile
	}
	if c.Ignore != "" {
		out.Ignore = &c.Ignore
	}
	for _, x := range c.largest() {
		out.Largest = append(out.Largest, jsonFile{x.Name, x.Sent.Bytes})
	}
	for _, x := range c.Copies {
		j := jsonCopy{Line: x.Line, Sources: []jsonSource{}}
		for _, s := range x.Sources {
			takes := jsonWeight{len(s.Files), s.Bytes()}
			j.Sources = append(j.Sources, jsonSource{s.Name, s.Known, s.Exists, s.Ignored, s.Partly, s.Other, takes})
		}
		out.Copies = append(out.Copies, j)
	}
	if c.LinesKnown {
		out.Lines = []jsonLine{}
		for _, l := range c.Lines {
			out.Lines = append(out.Lines, jsonLine{l.Pattern, jsonWeight(l.Weight)})
		}
	}
	return out
}

func (c *BuildContext) parts(p *buildcontext.Part, level int) []jsonPart {
	out := []jsonPart{}
	for _, b := range p.Below {
		j := jsonPart{Name: b.Name, Folder: b.Dir, Sent: jsonWeight(b.Sent), Ignored: jsonWeight(b.Kept)}
		if b.By != nil {
			j.By = &jsonIgnore{b.By.Line, b.By.Text}
		}
		if b.Dir && level < c.Depth {
			j.Below = c.parts(b, level+1)
		}
		out = append(out, j)
	}
	return out
}
