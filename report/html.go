package report

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	_ "embed" // the page and its script
	"encoding/base64"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/internal/fix"
	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// The page of the format html, with words in capitals in place of what it shows, and its script, which only filters. It loads nothing.
//
//go:embed findings.html
var findingsPage string

//go:embed findings.js
var findingsScript string

const (
	maxHTMLFindings = 5000 // on a page; a browser takes seconds for more
	htmlWidth       = 180  // columns of a line in a frame
)

// writeHTML writes one self-contained page.
func writeHTML(out io.Writer, r *Report, _ Options) error {
	p := htmlPage{
		w: bufio.NewWriter(out), report: r, stats: newStatistics(r), frames: text{sources: sources{report: r}},
		escape: strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;"),
	}
	sum := sha256.Sum256([]byte(findingsScript))
	page := findingsPage
	part := func(until string) { // what is before a word in capitals
		before, after, _ := strings.Cut(page, until)
		p.raw(before)
		page = after
	}
	part("SCRIPTHASH")
	p.raw(base64.StdEncoding.EncodeToString(sum[:]))
	part("TITLE")
	p.text("dockvet: " + p.headline())
	part("BODY")
	p.body()
	part("SCRIPT")
	p.raw(findingsScript)
	p.raw(page)
	return p.w.Flush()
}

// htmlPage writes HTML. The writer keeps its first error.
type htmlPage struct {
	w      *bufio.Writer
	report *Report
	stats  *statistics
	frames text
	escape *strings.Replacer
}

//go:noinline
func (p *htmlPage) raw(s string) { _, _ = p.w.WriteString(s) }

// text writes s, which may say anything, as text or as the value of an attribute in quotes.
func (p *htmlPage) text(s string) { _, _ = p.escape.WriteString(p.w, clean(s)) }

// element writes an element with text in it.
func (p *htmlPage) element(name, class, s string) {
	p.open(name, "class", class)
	p.text(s)
	p.raw("</" + name + ">")
}

// open writes the beginning of an element. The attributes are names and values in turn; one without a value is left out.
func (p *htmlPage) open(name string, attributes ...string) {
	p.raw("<" + name)
	for i := 0; i+1 < len(attributes); i += 2 {
		if attributes[i+1] == "" {
			continue
		}
		p.raw(" " + attributes[i] + `="`)
		p.text(attributes[i+1])
		p.raw(`"`)
	}
	p.raw(">")
}

// words writes a message, whose code is in backticks.
func (p *htmlPage) words(s string) {
	parts := strings.Split(s, "`")
	for i, part := range parts {
		switch {
		case len(parts)%2 == 0: // a backtick that does not close
			p.text(s)
			return
		case i%2 == 1:
			p.element("code", "", part)
		default:
			p.text(part)
		}
	}
}

func (p *htmlPage) headline() string {
	if p.stats.all.findings == 0 {
		return "nothing found"
	}
	return amount(p.stats.all.findings, "finding") + " in " + amount(len(p.stats.files), "file")
}

func (p *htmlPage) body() {
	r, n := p.report, p.stats.all
	p.raw("<header>\n<h1>")
	head := p.headline()
	p.text(strings.ToUpper(head[:1]) + head[1:])
	p.raw("</h1>\n<p class=\"soft\">")
	p.text(plural(r.Files, "file") + " checked with dockvet " + r.Version + ".")
	if parts := r.Suppressed.parts(); len(parts) > 0 {
		p.text(" Not reported: " + strings.Join(parts, ", ") + ".")
	}
	p.raw("</p>\n")
	if len(r.Findings) > 0 {
		p.raw("<div class=\"cards\">")
		for _, c := range []struct {
			class string
			n     int
			what  string
		}{
			{"error", n.errors, "errors"},
			{"warning", n.warnings, "warnings"},
			{"info", n.infos, "infos"},
			{"fixable", n.fixable - n.unsafe, "fixed by --fix"},
			{"fixable", n.unsafe, "more by --unsafe-fixes"},
		} {
			p.open("div", "class", "card "+c.class)
			p.element("b", "", number(c.n))
			p.text(c.what)
			p.raw("</div>")
		}
		p.raw("</div>\n")
	}
	p.raw("</header>\n<main>\n")
	if len(r.Findings) > 0 {
		p.directories()
		p.filter()
		p.findings()
	}
	p.raw("</main>\n<footer><p>")
	p.text("This page is complete: it loads nothing. Columns count bytes from 1.")
	p.raw("</p></footer>\n")
}

// directories writes a bar for each directory.
func (p *htmlPage) directories() {
	list := most(p.stats.directories)
	if len(list) == 0 {
		return
	}
	p.raw("<section class=\"panel\" aria-label=\"Directories\"><h2>Where the findings are")
	if n := len(list); n > 1 {
		p.element("span", "soft", ": "+number(n)+" directories")
	}
	p.raw("</h2>\n<div class=\"dirs\">\n")
	widest := list[0].findings
	for _, x := range list {
		p.open("button", "type", "button", "class", "dir", "data-dir", attribute(x.name), "title",
			fmt.Sprintf("%s: %d errors, %d warnings, %d infos", clean(x.name), x.errors, x.warnings, x.infos))
		p.raw("<span><bdi>")
		p.text(x.name + "/")
		p.raw("</bdi></span><span class=\"bar\">")
		for _, part := range []struct {
			class string
			n     int
		}{{"error", x.errors}, {"warning", x.warnings}, {"info", x.infos}} {
			if part.n > 0 {
				p.raw(fmt.Sprintf(`<i class="%s" style="width:%.2f%%"></i>`, part.class, 100*float64(part.n)/float64(widest)))
			}
		}
		p.raw("</span>")
		p.element("span", "n", number(x.findings))
		p.raw("</button>\n")
	}
	p.raw("</div></section>\n")
}

// attribute is a name as the script compares it. Two that look alike stay different.
func attribute(name string) string {
	if c := clean(name); c == name {
		return c
	}
	return strconv.QuoteToASCII(name)
}

// filter writes what chooses findings. It is shown if there is a script.
func (p *htmlPage) filter() {
	s := p.stats
	p.raw("<form class=\"panel filter\">\n")
	choose := func(id, label, every string, list []*stat) {
		class := "wide"
		if id == "severity" {
			class = ""
		}
		p.open("label", "class", class)
		p.text(label)
		p.raw(` <select id="` + id + `"><option value="">` + every + "</option>")
		for _, x := range list {
			p.open("option", "value", attribute(x.name))
			p.text(fmt.Sprintf("%s (%s)", clean(x.name), number(x.findings)))
			p.raw("</option>")
		}
		p.raw("</select></label>\n")
	}
	files := map[string]*stat{}
	var severities []*stat
	for _, f := range p.report.Findings {
		if f.Suppressed == "" {
			add(files, slashed(f.Source.Name), "", f)
		}
	}
	names := most(files)
	order.By(names, func(a, b *stat) int { return strings.Compare(a.name, b.name) })
	for _, x := range []*stat{{name: "error", tally: tally{findings: s.all.errors}}, {name: "warning", tally: tally{findings: s.all.warnings}}, {name: "info", tally: tally{findings: s.all.infos}}} {
		if x.findings > 0 {
			severities = append(severities, x)
		}
	}
	choose("rule", "Rule", "all rules", most(s.rules))
	choose("file", "File", "all files", names)
	choose("severity", "Severity", "all", severities)
	p.raw("<button type=\"button\" id=\"reset\">Show all</button><output></output>\n</form>\n<p id=\"none\" class=\"panel\" hidden>No finding matches.</p>\n")
}

func (p *htmlPage) findings() {
	left := maxHTMLFindings
	for _, list := range byFile(p.report.Findings) {
		if left == 0 {
			break
		}
		name := slashed(list[0].Source.Name)
		p.open("section", "class", "file", "data-file", attribute(name), "data-dir", attribute(path.Dir(name)))
		p.raw("<h2>")
		p.text(name)
		p.element("span", "soft", "  "+plural(len(list), "finding"))
		p.raw("</h2>\n")
		list = list[:min(len(list), left)]
		left -= len(list)
		for _, f := range list {
			p.finding(f)
		}
		p.raw("</section>\n")
	}
	if n := len(p.report.Findings) - maxHTMLFindings; n > 0 {
		p.element("p", "panel", plural(n, "finding")+" more, not shown here. The figures above count all.")
		p.raw("\n")
	}
}

func (p *htmlPage) finding(f *lint.Finding) {
	class := f.Severity.String()
	if f.Suppressed != "" {
		class += " suppressed"
	}
	p.open("article", "class", class, "data-rule", f.Rule.Name, "data-severity", f.Severity.String())
	p.raw("<h3>")
	p.words(f.Message)
	p.raw("</h3>\n<p class=\"meta\">")
	p.element("b", f.Severity.String(), f.Severity.String())
	if url := p.report.url(f.Rule); strings.HasPrefix(url, "https://") {
		p.open("a", "href", url, "rel", "noreferrer")
		p.text(f.Rule.Name)
		p.raw("</a>")
	} else {
		p.element("span", "", f.Rule.Name)
	}
	at := f.Source.Lines.Position(f.Span.Start)
	p.element("span", "", fmt.Sprintf("line %d, column %d", at.Line, at.Column))
	if f.Stage != "" {
		p.element("span", "", "stage "+f.Stage)
	}
	if len(f.Aliases) > 0 {
		p.element("span", "", strings.Join(f.Aliases, ", "))
	}
	if f.Suppressed != "" {
		p.element("span", "", "not reported: "+string(f.Suppressed))
	}
	if f.Preview {
		p.element("span", "", "preview")
	}
	p.raw("</p>\n")
	for i, fr := range p.frames.frames(f) {
		p.frame(fr, i > 0)
	}
	p.notes(f)
	for _, x := range f.Fixes {
		p.fix(f, x)
	}
	p.raw("</article>\n")
}

func (p *htmlPage) notes(f *lint.Finding) {
	if f.Note+f.Help+f.Doubt == "" && !f.Preview {
		return
	}
	p.raw("<dl>")
	for _, x := range [][2]string{{"Why", f.Note}, {"What to do", f.Help}, {"Doubt", f.Doubt}} {
		if x[1] != "" {
			p.element("dt", "", x[0])
			p.raw("<dd>")
			p.words(x[1])
			p.raw("</dd>")
		}
	}
	if f.Preview {
		p.element("dt", "", "Preview")
		p.element("dd", "", previewNote)
	}
	p.raw("</dl>\n")
}

// frame writes the marked lines of a file.
func (p *htmlPage) frame(fr frameOf, titled bool) {
	if fr.source == nil || len(fr.source.bytes) == 0 {
		if titled {
			p.raw("<pre><span class=\"title\">")
			p.text(fr.title)
			p.raw("</span></pre>\n")
		}
		return
	}
	p.raw("<pre>")
	if titled {
		p.raw("<span class=\"title\">")
		p.text(fr.title)
		p.raw("</span>")
	}
	var all []underline
	for _, m := range fr.marks {
		all = append(all, m.underlines(fr.source)...)
	}
	order.By(all, func(a, b underline) int { return a.line - b.line })
	if fr.head > 0 && fr.head < all[0].line {
		all = append([]underline{{line: fr.head, start: -1}}, all...)
	}
	previous := 0
	for i := 0; i < len(all); {
		line := all[i].line
		of := all[i:]
		of = of[:slices.IndexFunc(append(slices.Clone(of), underline{}), func(u underline) bool { return u.line != line })]
		i += len(of)
		switch gap := line - previous - 1; {
		case previous == 0 || gap == 0:
		case gap == 1:
			p.line(fr.source, line-1, nil)
		default:
			p.raw("<span class=\"soft\"><span class=\"no\">⋮</span></span>")
		}
		p.line(fr.source, line, of)
		previous = line
	}
	p.raw("</pre>\n")
}

// line writes one line with its marks, and what they say below it.
func (p *htmlPage) line(src *source, n int, marks []underline) {
	focus := underline{line: n, start: -1}
	for _, u := range marks {
		if u.primary || focus.start < 0 {
			focus = u
		}
	}
	v := window(src, focus, htmlWidth)
	p.raw("<span>")
	p.element("span", "no", strconv.Itoa(n))
	if v.left {
		p.raw("…")
	}
	class := func(c cell) string {
		out := ""
		for _, u := range marks {
			if u.start >= 0 && c.start < u.end && u.start < c.end {
				if u.primary {
					return "primary"
				}
				out = "also"
			}
		}
		return out
	}
	now := ""
	shut := func(next string) {
		if now == next {
			return
		}
		if now != "" {
			p.raw("</mark>")
		}
		if next != "" {
			p.raw(`<mark class="` + next + `">`)
		}
		now = next
	}
	empty := slices.DeleteFunc(slices.Clone(marks), func(u underline) bool { return u.start < 0 || u.start < u.end })
	place := func(at int) {
		for len(empty) > 0 && empty[0].start <= at {
			shut("")
			p.raw(`<mark class="primary"></mark>`)
			empty = empty[1:]
		}
	}
	for _, c := range v.cells {
		place(c.start)
		shut(class(c))
		p.cell(c.text)
	}
	shut("")
	place(len(src.bytes))
	if v.right {
		p.raw("…")
	}
	p.raw("</span>")
	for _, u := range marks {
		if u.label != "" {
			p.raw("<span><span class=\"no\"></span><span class=\"label\">↑ ")
			p.text(u.label)
			p.raw("</span></span>")
		}
	}
}

// cell writes what a terminal would show as one character; it was cleaned.
func (p *htmlPage) cell(s string) { _, _ = p.escape.WriteString(p.w, s) }

// fix writes a fix with what it changes.
func (p *htmlPage) fix(f *lint.Finding, x lint.Fix) {
	p.raw("<details><summary>")
	p.words(x.Title)
	p.element("span", "soft", "  "+fixKind(x.Safety))
	p.raw("</summary><pre>")
	for _, h := range hunks(f.Source, x.Edits) {
		old := f.Source.Bytes[h.span.Start:h.span.End]
		local := slices.Clone(h.edits)
		size := len(old)
		for i := range local {
			local[i].Span.Start -= h.span.Start
			local[i].Span.End -= h.span.Start
			size += len(local[i].Text)
		}
		if size > maxTouched {
			p.raw("<span class=\"title\">too long to be shown</span>")
			continue
		}
		if text, refused := fix.Apply(old, local); refused == nil {
			p.changed(f.Source.Lines.Line(h.span.Start), old, text)
		}
	}
	for _, e := range x.Edits {
		if e.File == "" || len(e.Text) > maxTouched {
			continue
		}
		title := p.report.contextPath(f.Source.Name, e.File)
		if e.Create {
			title += " (new)"
		}
		p.element("span", "title", title)
		p.changed(1, nil, []byte(e.Text))
	}
	p.raw("</pre></details>\n")
}

// changed writes the lines of old that text does not have, and the other way round.
func (p *htmlPage) changed(from int, old, text []byte) {
	a, b := bytes.SplitAfter(old, []byte("\n")), bytes.SplitAfter(text, []byte("\n"))
	for len(a) > 0 && len(b) > 0 && bytes.Equal(a[0], b[0]) {
		a, b, from = a[1:], b[1:], from+1
	}
	for len(a) > 0 && len(b) > 0 && bytes.Equal(a[len(a)-1], b[len(b)-1]) {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	write := func(class, sign string, lines [][]byte) {
		for i, line := range lines {
			if len(line) == 0 {
				continue // the end of the file
			}
			src := &source{line, parser.NewLines(line)}
			p.open("span", "class", class)
			p.element("span", "no", strconv.Itoa(from+i))
			p.raw(sign + " ")
			p.cell(window(src, underline{line: 1, start: -1}, htmlWidth).String())
			p.raw("</span>")
		}
	}
	write("del", "-", a)
	write("add", "+", b)
}
