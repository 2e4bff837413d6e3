package report

import (
	"bufio"
	"bytes"
	"cmp"
	"io"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// Limits of GitHub code scanning: a run with more results is refused, of the tags only the first ten are kept, and
// longer descriptions are refused.
const (
	sarifResults     = 25_000
	sarifTags        = 10
	sarifDescription = 1024
	sarifSnippet     = 1024 // bytes; what is longer is not repeated
)

type (
	sarifRule struct {
		ID            string      `json:"id"`
		Name          string      `json:"name,omitempty"` // in PascalCase, as viewers expect; not the same word as ID
		Short         sarifText   `json:"shortDescription"`
		Full          sarifText   `json:"fullDescription"`
		HelpURI       string      `json:"helpUri,omitempty"` // an empty one makes GitHub refuse the file
		Help          sarifText   `json:"help"`
		Configuration sarifConfig `json:"defaultConfiguration"`
		Properties    sarifTraits `json:"properties"`
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifConfig struct {
		Level string `json:"level"`
	}
	sarifTraits struct {
		Precision        string   `json:"precision"`
		ProblemSeverity  string   `json:"problem.severity"`
		SecuritySeverity string   `json:"security-severity,omitempty"`
		Tags             []string `json:"tags"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    int                `json:"ruleIndex"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Related      []sarifLocation    `json:"relatedLocations,omitempty"`
		Fixes        []sarifFix         `json:"fixes,omitempty"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
		// Properties are what SARIF has no word for.
		Properties *sarifExtra `json:"properties,omitempty"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Justification string `json:"justification"`
	}
	sarifExtra struct {
		Preview bool     `json:"preview,omitempty"`
		Breaks  string   `json:"breaks,omitempty"` // frontend or build
		Aliases []string `json:"aliases,omitempty"`
	}
	sarifLocation struct {
		ID       int           `json:"id,omitempty"`
		Physical sarifPhysical `json:"physicalLocation"`
		Message  *sarifText    `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI    string `json:"uri"`
		BaseID string `json:"uriBaseId,omitempty"`
	}
	sarifRegion struct {
		StartLine   int        `json:"startLine"`
		StartColumn int        `json:"startColumn"`
		EndLine     int        `json:"endLine"`
		EndColumn   int        `json:"endColumn"`
		Snippet     *sarifText `json:"snippet,omitempty"`
	}
	sarifFix struct {
		Description sarifText     `json:"description"`
		Changes     []sarifChange `json:"artifactChanges"`
	}
	sarifChange struct {
		Artifact     sarifArtifact      `json:"artifactLocation"`
		Replacements []sarifReplacement `json:"replacements"`
	}
	sarifReplacement struct {
		Deleted  sarifRegion `json:"deletedRegion"`
		Inserted sarifText   `json:"insertedContent"`
	}
)

// writeSARIF writes one run for all files, since GitHub refuses a second run of one tool and category. It sets no
// fingerprint: GitHub only uses its own, computed from the line.
func writeSARIF(out io.Writer, r *Report, _ Options) error {
	s := sarif{sources: sources{report: r}, index: map[string]int{}}
	// All rules, also those without a result: GitHub wants the list non-empty also for a clean run, and knows by it
	// which alerts a run could have confirmed.
	for _, rule := range r.Rules {
		s.rule(rule)
	}
	results := gravest{limit: sarifResults}
	var buf bytes.Buffer
	for f := range r.all() {
		value, err := indented(&buf, sarifPrefix, s.result(f))
		if err == nil {
			err = results.add(f.Severity, value)
		}
		if err != nil {
			return err
		}
	}
	version := strings.TrimPrefix(r.Version, "v")
	if version == "" || version[0] < '0' || version[0] > '9' {
		version = "0.0.0" // a build that is not a release
	}
	value, err := indented(&buf, "", version)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(out, 1<<16) // keeps its first error
	_, _ = w.WriteString("{\n \"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n \"version\": \"2.1.0\",\n \"runs\": [\n  {\n" +
		"   \"tool\": {\n    \"driver\": {\n     \"name\": \"dockvet\",\n     \"informationUri\": \"https://github.com/dockvet/dockvet\",\n" +
		"     \"version\": " + string(value) + ",\n     \"rules\": ")
	rules := list{w: w, prefix: "      "}
	for _, rule := range s.rules {
		if err := rules.add(s.describe(rule)); err != nil {
			return err
		}
	}
	rules.end("     ")
	_, _ = w.WriteString("\n    }\n   },\n   \"columnKind\": \"utf16CodeUnits\",\n   \"results\": ")
	items := list{w: w, prefix: sarifPrefix}
	if err := results.write(items.put); err != nil {
		return err
	}
	items.end("   ")
	_, _ = w.WriteString("\n  }\n ]\n}\n")
	return w.Flush()
}

const sarifPrefix = "    " // of the lines of a result

type sarif struct {
	sources sources
	rules   []*lint.Rule
	index   map[string]int // by name: several configurations may define the same house rule
}

// rule is the number of the rule in the run's list, which it joins if it is not there.
func (s *sarif) rule(r *lint.Rule) int {
	if i, ok := s.index[r.Name]; ok {
		return i
	}
	s.rules = append(s.rules, r)
	s.index[r.Name] = len(s.rules) - 1
	return s.index[r.Name]
}

func (s *sarif) describe(r *lint.Rule) sarifRule {
	page := s.sources.report.page(r)
	d := sarifRule{
		ID: r.Name, Name: pascalCase(r.Name), Short: sarifText{Text: cut(r.Summary, sarifDescription)}, Full: sarifText{Text: cut(r.Summary, sarifDescription)},
		HelpURI: s.sources.report.url(r), Configuration: sarifConfig{sarifLevel(r.Severity)},
	}
	if text := intro(page); text != "" {
		d.Full.Text = cut(text, sarifDescription)
	}
	d.Help = sarifText{Text: d.Full.Text, Markdown: page}
	if page == "" {
		d.Help.Markdown = d.Full.Text
	}
	if d.HelpURI != "" {
		d.Help.Text += "\n\n" + d.HelpURI
	}
	d.Properties = sarifTraits{Precision: "high", ProblemSeverity: "recommendation", Tags: []string{"dockerfile", string(r.Category)}}
	if r.Profile == lint.Strict {
		d.Properties.Precision = "medium"
	}
	switch r.Severity {
	case lint.Error:
		d.Properties.ProblemSeverity = "error"
	case lint.Warning:
		d.Properties.ProblemSeverity = "warning"
	case lint.Info:
	}
	if r.Category == lint.Security {
		// It turns alerts into security alerts, so no other rule has it.
		d.Properties.SecuritySeverity = [...]string{lint.Info: "2.0", lint.Warning: "5.0", lint.Error: "8.0"}[r.Severity]
	}
	d.Properties.Tags = append(d.Properties.Tags, r.Aliases...)
	d.Properties.Tags = d.Properties.Tags[:min(len(d.Properties.Tags), sarifTags)]
	return d
}

func (s *sarif) result(f *lint.Finding) sarifResult {
	level := sarifLevel(f.Severity)
	if f.Preview {
		level = sarifLevel(lint.Info) // a preview must not fail the check that GitHub makes of errors
	}
	out := sarifResult{
		RuleID: f.Rule.Name, RuleIndex: s.rule(f.Rule), Level: level,
		Message:   sarifText{Text: sarifPlain(strings.Join(paragraphs(f), ". ") + ".")},
		Locations: []sarifLocation{{Physical: sarifPhysical{artifact(f.Source.Name), region(f.Source.Bytes, f.Source.Lines, f.Span)}}},
	}
	at := tight(f.Source.Bytes, f.Span)
	// GitHub would treat what looks like a link as one.
	if text := f.Source.Bytes[at.Start:at.End]; len(text) > 0 && len(text) <= sarifSnippet && utf8.Valid(text) && !bytes.Contains(text, []byte("](")) {
		out.Locations[0].Physical.Region.Snippet = &sarifText{Text: string(text)}
	}
	if f.Preview || f.Breaks != "" || len(f.Aliases) > 0 {
		out.Properties = &sarifExtra{f.Preview, string(f.Breaks), f.Aliases}
	}
	switch f.Suppressed {
	case lint.ByComment:
		out.Suppressions = []sarifSuppression{{"inSource", "an ignore comment"}}
	case lint.ByBaseline:
		out.Suppressions = []sarifSuppression{{"external", "the baseline"}}
	case lint.ByUnchanged:
		out.Suppressions = []sarifSuppression{{"external", "not affected by the change"}}
	}
	for i, x := range f.Related {
		loc := sarifLocation{ID: i + 1, Message: &sarifText{Text: sarifPlain(clean(x.Message))}}
		if x.File == "" {
			own := cmp.Or(x.Source, f.Source)
			loc.Physical = sarifPhysical{artifact(own.Name), region(own.Bytes, own.Lines, x.Span)}
		} else {
			loc.Physical.Artifact = artifact(s.sources.report.contextPath(f.Source.Name, x.File))
			loc.Physical.Region = sarifRegion{StartLine: x.Line, StartColumn: 1, EndLine: x.Line, EndColumn: 1}
			if src := s.sources.get(f.Source.Name, x.File); src != nil {
				loc.Physical.Region = region(src.bytes, src.lines, src.lines.Span(x.Line))
			}
		}
		out.Related = append(out.Related, loc)
	}
	for _, fix := range f.Fixes {
		if x, ok := s.fix(f, fix); ok {
			out.Fixes = append(out.Fixes, x)
		}
	}
	return out
}

// sarifPlain is a message without links: `[text](target)` in a plain message is one.
func sarifPlain(s string) string {
	if !strings.Contains(s, "](") {
		return s
	}
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(s)
}

// fix is f's fix for viewers that apply it as it stands: not one that waits for a person's value, nor one in a file
// that cannot be read.
func (s *sarif) fix(f *lint.Finding, fix lint.Fix) (sarifFix, bool) {
	if fix.Safety <= lint.Display || len(fix.Edits) == 0 {
		return sarifFix{}, false
	}
	out := sarifFix{Description: sarifText{Text: sarifPlain(clean(fix.Title))}}
	for _, e := range fix.Edits {
		where, at := artifact(f.Source.Name), sarifRegion{StartLine: 1, StartColumn: 1, EndLine: 1, EndColumn: 1}
		switch {
		case e.File == "":
			at = exactRegion(f.Source.Lines, e.Span)
		case e.Create:
			where = artifact(s.sources.report.contextPath(f.Source.Name, e.File))
		default:
			src := s.sources.get(f.Source.Name, e.File)
			if src == nil {
				return sarifFix{}, false
			}
			e.Span, e.Text = src.end(e.Text)
			where, at = artifact(s.sources.report.contextPath(f.Source.Name, e.File)), exactRegion(src.lines, e.Span)
		}
		i := slices.IndexFunc(out.Changes, func(c sarifChange) bool { return c.Artifact == where })
		if i < 0 {
			i = len(out.Changes)
			out.Changes = append(out.Changes, sarifChange{Artifact: where})
		}
		out.Changes[i].Replacements = append(out.Changes[i].Replacements, sarifReplacement{at, sarifText{Text: e.Text}})
	}
	return out, true
}

// region is what annotations mark: GitHub shows one in a pull request only if all its lines are in the diff.
func region(src []byte, lines *parser.Lines, s parser.Span) sarifRegion {
	return exactRegion(lines, tight(src, s))
}

func exactRegion(lines *parser.Lines, s parser.Span) sarifRegion {
	return sarifRegion{
		StartLine: lines.Line(s.Start), StartColumn: lines.UTF16Column(s.Start), EndLine: lines.Line(s.End), EndColumn: lines.UTF16Column(s.End),
	}
}

// artifact is a file by a URI relative to the repository's root, where dockvet is run. An absolute path stays one.
func artifact(name string) sarifArtifact {
	name = path.Clean(filepath.ToSlash(name))
	if path.IsAbs(name) {
		return sarifArtifact{URI: (&url.URL{Scheme: "file", Path: name}).String()}
	}
	// A url.URL writes ./ before a first part with a colon, which GitHub would treat as a directory.
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return sarifArtifact{strings.ReplaceAll(strings.Join(parts, "/"), ":", "%3A"), "%SRCROOT%"}
}

func sarifLevel(s lint.Severity) string {
	return [...]string{lint.Info: "note", lint.Warning: "warning", lint.Error: "error"}[s]
}

// pascalCase is LatestTag for latest-tag, and "" for a single word, which would only repeat it.
func pascalCase(name string) string {
	if !strings.ContainsAny(name, "-/") {
		return ""
	}
	var out strings.Builder
	for part := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '-' || r == '/' }) {
		out.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return out.String()
}

// intro is the first paragraph of a page, in one line.
func intro(page string) string {
	_, body, _ := strings.Cut(page, "\n")
	for _, paragraph := range strings.Split(strings.ReplaceAll(body, "\r\n", "\n"), "\n\n") {
		if p := strings.TrimSpace(paragraph); p != "" && !strings.HasPrefix(p, "#") {
			return strings.Join(strings.Fields(p), " ")
		}
	}
	return ""
}

// cut is s in at most n characters.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
