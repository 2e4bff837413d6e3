// Package report prints findings: one file for each format, one table of formats.
package report

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"iter"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// Report is what a run found.
type Report struct {
	Version string // of dockvet
	Files   int    // how many Dockerfiles were checked
	// Findings are ordered by file as given, then by offset, then by rule. Those with a Suppression are not reported, but marked by
	// the formats that can; the others leave them out.
	Findings []*lint.Finding
	Builds   []Build // of the Dockerfiles that were checked
	// Stream gives the findings once, in that order, if Findings does not hold them. StreamBuilds, Files and Suppressed are about what it has given,
	// and Context only reads for the Dockerfile of the finding that it has given last.
	Stream iter.Seq[*lint.Finding]
	// StreamBuilds gives the builds if Builds does not hold them.
	StreamBuilds iter.Seq[Build]
	// Suppressed is what is not reported because the repository says so.
	Suppressed Suppressed
	// Page is a rule's page in Markdown, URL its address on the web; either may return "".
	Page func(*lint.Rule) string
	URL  func(*lint.Rule) string
	// Rules are the rules that could run, for formats that describe them.
	Rules []*lint.Rule
	// Context reads a file of the build context of a Dockerfile for a code frame; nil or an error leaves the frame out.
	Context func(dockerfile, path string) ([]byte, error)
	// ContextPath is where that file lies for the reader, as Dockerfiles are named; nil: beside the Dockerfile.
	ContextPath func(dockerfile, path string) string
}

// Suppressed counts what is not reported, by what suppresses it.
type Suppressed struct {
	Comments  int // findings that ignore comments suppress
	Baseline  int // findings that a baseline has
	Unchanged int // findings that do not have to do with the change that is looked at
	Rules     int // rules that configuration files turn off
	Ignored   int // Dockerfiles that git ignores, as far as they were seen
	Removable int // lines of a baseline that no finding needs
}

// Add counts findings that are suppressed.
func (s *Suppressed) Add(findings []*lint.Finding) {
	for _, f := range findings {
		switch f.Suppressed {
		case lint.ByComment:
			s.Comments++
		case lint.ByBaseline:
			s.Baseline++
		case lint.ByUnchanged:
			s.Unchanged++
		}
	}
}

// Options are the reader's wishes.
type Options struct {
	Color bool
	Quiet bool // findings only, no summary
	Width int  // columns of the terminal, 0 if it is none or unknown
	Links bool // the terminal knows links (OSC 8)
	// Statistics says to count findings by rule and directory instead of printing them. The formats text and json do.
	Statistics bool
}

// Format prints reports.
type Format struct {
	Name    string
	Summary string // one line: lower-case, no full stop
	Write   func(io.Writer, *Report, Options) error
	Streams bool // it takes findings from Report.Stream; others need Report.Findings
}

// Formats are all formats, the default first.
func Formats() []Format {
	return []Format{
		{"text", "code frames for people at a terminal", writeText, true},
		{"json", "everything, for programs and editors", writeJSON, true},
		{"sarif", "SARIF 2.1.0 for GitHub code scanning and other viewers", writeSARIF, true},
		{"github", "annotations of a GitHub Actions run", reported(writeGitHub), true},
		{"gitlab", "GitLab Code Quality", reported(writeGitLab), true},
		{"checkstyle", "Checkstyle's XML for Jenkins and other servers", reported(writeCheckstyle), true},
		{"junit", "JUnit's XML, a failed test for each finding", reported(writeJUnit), false},
		{"sonarqube", "SonarQube's generic format for external issues", reported(writeSonarQube), false},
		{"rdjson", "diagnostics and suggestions for reviewdog", reported(writeRDJSON), true},
		{"compact", "a line for each finding, for Vim, Emacs and grep", reported(writeCompact), true},
		{"html", "one page for a browser, which loads nothing", writeHTML, false},
		{"markdown", "a comment for a pull request or the summary of a job", reported(writeMarkdown), false},
	}
}

// reported is write for a format that cannot mark what is suppressed.
func reported(write func(io.Writer, *Report, Options) error) func(io.Writer, *Report, Options) error {
	return func(out io.Writer, r *Report, o Options) error {
		left := *r
		if r.Stream != nil {
			left.Stream = func(yield func(*lint.Finding) bool) {
				for f := range r.Stream {
					if f.Suppressed == "" && !yield(f) {
						return
					}
				}
			}
		}
		left.Findings = slices.DeleteFunc(slices.Clone(r.Findings), func(f *lint.Finding) bool { return f.Suppressed != "" })
		return write(out, &left, o)
	}
}

// Lookup is the format called name.
func Lookup(name string) (Format, bool) {
	for _, f := range Formats() {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}

// all are the findings, of Stream if there is one. Only one format may ask, and only once.
func (r *Report) all() iter.Seq[*lint.Finding] {
	if r.Stream != nil {
		return r.Stream
	}
	return slices.Values(r.Findings)
}

// builds are the builds, of StreamBuilds if there is one.
func (r *Report) builds() iter.Seq[Build] {
	if r.StreamBuilds != nil {
		return r.StreamBuilds
	}
	return slices.Values(r.Builds)
}

// shown is the severity of f in formats that have no word for a preview, which fails nothing.
func shown(f *lint.Finding) lint.Severity {
	if f.Preview {
		return lint.Info
	}
	return f.Severity
}

// byFile parts findings, which are in the order of their files, by file.
func byFile(findings []*lint.Finding) [][]*lint.Finding {
	var out [][]*lint.Finding
	start := 0
	for i, f := range findings {
		if i+1 == len(findings) || findings[i+1].Source.Name != f.Source.Name {
			out = append(out, findings[start:i+1])
			start = i + 1
		}
	}
	return out
}

// sentence is all that a finding says, for formats with one line for it.
func sentence(f *lint.Finding) string { return strings.Join(paragraphs(f), ". ") }

// encode writes v as indented JSON.
func encode(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	return e.Encode(v)
}

// list writes the items of a JSON array, indented as encode does, as they come.
type list struct {
	w      *bufio.Writer // keeps its first error
	prefix string        // of each line of an item
	items  int
	buf    bytes.Buffer
}

func (l *list) add(v any) error {
	item, err := indented(&l.buf, l.prefix, v)
	if err != nil {
		return err
	}
	return l.put(item)
}

// put adds an item that is already indented.
func (l *list) put(item []byte) error {
	if l.items++; l.items == 1 {
		_, _ = l.w.WriteString("[\n" + l.prefix)
	} else {
		_, _ = l.w.WriteString(",\n" + l.prefix)
	}
	_, err := l.w.Write(item)
	return err
}

// indented is v as encode writes it, each line but the first after prefix. It is in buf.
func indented(buf *bytes.Buffer, prefix string, v any) ([]byte, error) {
	buf.Reset()
	e := json.NewEncoder(buf)
	e.SetEscapeHTML(false)
	e.SetIndent(prefix, " ")
	err := e.Encode(v)
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), err
}

// end ends the array with outer, the prefix of the lines around it.
func (l *list) end(outer string) {
	if l.items == 0 {
		_, _ = l.w.WriteString("[]") // never null
		return
	}
	_, _ = l.w.WriteString("\n" + outer + "]")
}

// tally counts what the summaries of several formats say. A finding is fixable if a program can apply one of its fixes, and
// unsafe if all that it can apply change the build.
type tally struct{ findings, errors, warnings, infos, fixable, unsafe, previews int }

func count(findings []*lint.Finding) tally {
	var t tally
	for _, f := range findings {
		t.add(f)
	}
	return t
}

func (t *tally) add(f *lint.Finding) {
	if f.Suppressed != "" {
		return
	}
	t.findings++
	switch f.Severity {
	case lint.Error:
		t.errors++
	case lint.Warning:
		t.warnings++
	case lint.Info:
		t.infos++
	}
	best := lint.NoFix
	for _, fix := range f.Fixes {
		best = max(best, fix.Safety)
	}
	if best > lint.Display {
		t.fixable++
	}
	if best == lint.Unsafe {
		t.unsafe++
	}
	if f.Preview {
		t.previews++
	}
}

func (r *Report) page(rule *lint.Rule) string {
	if r.Page == nil {
		return ""
	}
	return r.Page(rule)
}

func (r *Report) url(rule *lint.Rule) string {
	if r.URL == nil {
		return ""
	}
	return r.URL(rule)
}

func (r *Report) contextPath(dockerfile, name string) string {
	if r.ContextPath != nil {
		return r.ContextPath(dockerfile, name)
	}
	return path.Join(path.Dir(filepath.ToSlash(dockerfile)), name)
}

// source is a file that findings point into.
type source struct {
	bytes []byte
	lines *parser.Lines
}

// sources reads each file of a build context once for the findings of a Dockerfile.
type sources struct {
	report     *Report
	dockerfile string             // that of read
	read       map[string]*source // by name
}

// get is the file at name in the build context of dockerfile, or nil if it cannot be read.
func (s *sources) get(dockerfile, name string) *source {
	if s.report.Context == nil {
		return nil
	}
	if s.dockerfile != dockerfile {
		s.dockerfile = dockerfile
		clear(s.read)
	}
	if src, ok := s.read[name]; ok {
		return src
	}
	var src *source
	if b, err := s.report.Context(dockerfile, name); err == nil {
		src = &source{b, parser.NewLines(b)}
	}
	if s.read == nil {
		s.read = map[string]*source{}
	}
	s.read[name] = src
	return src
}

// related is another place that f points at: the file's name for the reader, the file and the span. The file is nil if it cannot be
// read.
func (s *sources) related(f *lint.Finding, x lint.Related) (name string, src *source, span parser.Span) {
	if x.File == "" {
		own := cmp.Or(x.Source, f.Source)
		return slashed(own.Name), &source{own.Bytes, own.Lines}, x.Span
	}
	name = s.report.contextPath(f.Source.Name, x.File)
	if src = s.get(f.Source.Name, x.File); src != nil {
		span = src.lines.Span(x.Line)
	}
	return name, src, span
}

// end is where text is added to src, and text so that it begins a line of its own.
func (src *source) end(text string) (parser.Span, string) {
	n := len(src.bytes)
	if n > 0 && src.bytes[n-1] != '\n' {
		text = "\n" + text
	}
	return parser.Span{Start: n, End: n}, text
}

// tight is s without line ends at its end: what a reader sees of it. Formats that mark whole lines would else mark one too many.
func tight(src []byte, s parser.Span) parser.Span {
	for s.End > s.Start && (src[s.End-1] == '\n' || src[s.End-1] == '\r') {
		s.End--
	}
	return s
}
