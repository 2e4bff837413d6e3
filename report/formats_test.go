package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/internal/fix"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// hostile is text that means something to the readers of one format or another.
const hostile = "a<b>&\"'`x`|[y](z) <!-- --> ]]> @user #1 ![i](j) *k* _l_ ~m~ $n$ \\o https://evil.example \ufffe\uffff\x00\x1b[1m\r\n\xff\u2028"

func hostileReport() *Report {
	f := parser.Parse("x y`|<&>\"\n.Dockerfile", []byte("FROM x\n"))
	x := &lint.Finding{Rule: latestTag, Severity: lint.Warning, Source: f.Source, Span: parser.Span{Start: 0, End: 4}, Message: hostile}
	x.Note, x.Help = hostile, hostile
	x.Relate(parser.Span{Start: 5, End: 6}, hostile)
	x.Offer(lint.Safe, hostile, lint.Insert(0, "#\x00\n"))
	return &Report{Files: 1, Findings: []*lint.Finding{x}}
}

// TestXML checks with the standard library that the XML says what the findings say.
func TestXML(t *testing.T) {
	for _, r := range []*Report{sample(), hostileReport()} {
		var check struct {
			Files []struct {
				Name   string `xml:"name,attr"`
				Errors []struct {
					Line    int    `xml:"line,attr"`
					Message string `xml:"message,attr"`
					Source  string `xml:"source,attr"`
				} `xml:"error"`
			} `xml:"file"`
		}
		if err := xml.Unmarshal(write(t, "checkstyle", r, Options{}), &check); err != nil {
			t.Fatal(err)
		}
		var unit struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Suites   []struct {
				Name  string `xml:"name,attr"`
				Tests int    `xml:"tests,attr"`
				Cases []struct {
					Name    string `xml:"name,attr"`
					Failure string `xml:"failure"`
					Skipped string `xml:"skipped"`
				} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		if err := xml.Unmarshal(write(t, "junit", r, Options{}), &unit); err != nil {
			t.Fatal(err)
		}
		if n := len(r.Findings); unit.Tests != n || unit.Failures != n-count(r.Findings).previews {
			t.Errorf("%d tests, %d failures", unit.Tests, unit.Failures)
		}
		replace := strings.NewReplacer("\ufffe", "\ufffd", "\uffff", "\ufffd")
		i, names := 0, map[string]bool{}
		for k, file := range check.Files {
			if suite := unit.Suites[k]; file.Name != suite.Name || suite.Tests != len(suite.Cases) || len(suite.Cases) != len(file.Errors) {
				t.Errorf("file %q, suite %q", file.Name, suite.Name)
			}
			for n, e := range file.Errors {
				f, test := r.Findings[i], unit.Suites[k].Cases[n]
				i++
				if want := replace.Replace(sentence(f)); e.Message != want || file.Name != clean(f.Source.Name) ||
					e.Line != f.Source.Lines.Line(f.Span.Start) || !strings.HasSuffix(e.Source, "."+f.Rule.Name) {
					t.Errorf("got %+v, want %q", e, want)
				}
				if want := replace.Replace(place(f) + ": " + strings.Join(paragraphs(f), "\n")); test.Failure+test.Skipped != want {
					t.Errorf("got %+v, want %q", test, want)
				}
				if names[file.Name+test.Name] {
					t.Errorf("two tests are called %q", test.Name)
				}
				names[file.Name+test.Name] = true
			}
		}
		if i != len(r.Findings) {
			t.Errorf("%d of %d findings", i, len(r.Findings))
		}
	}
}

// TestFingerprints checks that findings are told apart, and recognized after lines were moved and indented differently.
func TestFingerprints(t *testing.T) {
	findings := func(src string) []string {
		f := parser.Parse("./a/Dockerfile", []byte(src))
		var out []*lint.Finding
		for _, in := range f.Instructions {
			at := strings.Index(src[in.Span.Start:in.Span.End], "curl")
			if at < 0 {
				continue
			}
			out = append(out, &lint.Finding{
				Rule: latestTag, Source: f.Source, Span: parser.Span{Start: in.Span.Start + at, End: in.Span.Start + at + 4},
				Instruction: lint.Instruction{Name: in.Name, Span: in.Span}, Message: in.Name,
			})
		}
		return printsOf(out)
	}
	before := findings("FROM x\nRUN curl a && \\\n  curl b\nRUN curl c\nRUN curl c\n")
	after := findings("FROM x\n# more\nUSER y\n\n  RUN   curl a && \\\n\t\tcurl b\nLABEL a=b\nRUN curl c\n\nRUN curl c")
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
	slices.Sort(before)
	if len(before) != 3 || len(slices.Compact(before)) != 3 {
		t.Errorf("not unique: %v", before)
	}
	all := printsOf(sample().Findings)
	slices.Sort(all)
	if len(slices.Compact(all)) != len(sample().Findings) {
		t.Error("two findings of the sample share a fingerprint")
	}
}

func printsOf(findings []*lint.Finding) (out []string) {
	var p fingerprints
	for _, f := range findings {
		out = append(out, p.of(f))
	}
	return out
}

// TestSonarQubePlaces checks what SonarQube requires: places within lines, not empty, counted without a byte order mark.
func TestSonarQubePlaces(t *testing.T) {
	for _, c := range []struct {
		name, src string
		span      parser.Span
		want      string
	}{
		{"a word", "FROM x\n", parser.Span{Start: 5, End: 6}, "1:5-1:6"},
		{"empty", "FROM x\n", parser.Span{Start: 5, End: 5}, "1"},
		{"at the end", "FROM x\n", parser.Span{Start: 7, End: 7}, "2"},
		{"a line end", "FROM x\r\nUSER y\r\n", parser.Span{Start: 5, End: 8}, "1:5-1:6"},
		{"two lines", "FROM x\nUSER y\n", parser.Span{Start: 5, End: 11}, "1:5-2:4"},
		{"after emoji", "#👩 x\n", parser.Span{Start: 6, End: 7}, "1:4-1:5"},
		{"after a byte order mark", "\ufeffFROM x\nUSER y\n", parser.Span{Start: 8, End: 9}, "1:5-1:6"},
		{"a byte order mark", "\ufeffFROM x\n", parser.Span{Start: 0, End: 7}, "1:0-1:4"},
		{"nothing but it", "\ufeff", parser.Span{Start: 0, End: 3}, "1"},
		{"invalid", "FROM \xffx\n", parser.Span{Start: 6, End: 7}, "1"},
		{"after a lone carriage return", "#a\rb\nFROM x\n", parser.Span{Start: 10, End: 11}, "3"},
		{"empty file", "", parser.Span{}, "1"},
	} {
		src := []byte(c.src)
		p, err := json.Marshal(sonarPlace(src, parser.NewLines(src), c.span))
		if err != nil {
			t.Fatal(err)
		}
		got := strings.NewReplacer(`{"startLine":`, "", `,"endLine":`, "-", `,"startColumn":`, ":", `,"endColumn":`, ":", "}", "").Replace(string(p))
		if parts := strings.FieldsFunc(got, func(r rune) bool { return r == ':' || r == '-' }); len(parts) == 4 {
			got = parts[0] + ":" + parts[2] + "-" + parts[1] + ":" + parts[3]
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// TestMerged checks that one suggestion does what the edits do, and never ends after the last line.
func TestMerged(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	alphabet := []string{"a", "é", "\n", "\n", "\r\n", "👩‍💻", " "}
	text := func(n int) string {
		var b strings.Builder
		for range rnd.IntN(n) {
			b.WriteString(alphabet[rnd.IntN(len(alphabet))])
		}
		return b.String()
	}
	boundary := func(src []byte) int {
		at := rnd.IntN(len(src) + 1)
		for at < len(src) && !utf8.RuneStart(src[at]) {
			at++
		}
		return at
	}
	for range 20_000 {
		src := []byte(text(12))
		var edits []lint.Edit
		for range 1 + rnd.IntN(3) {
			a, b := boundary(src), boundary(src)
			edits = append(edits, lint.Replace(parser.Span{Start: min(a, b), End: max(a, b)}, text(4)))
		}
		want, refused := fix.Apply(src, edits)
		span, insert, ok := merged(src, edits)
		if refused != nil {
			if ok {
				t.Fatalf("%q: suggests edits that overlap: %v", src, edits)
			}
			continue
		}
		if !ok {
			t.Fatalf("%q: %v is no suggestion", src, edits)
		}
		if got := string(src[:span.Start]) + insert + string(src[span.End:]); got != string(want) {
			t.Fatalf("%q, %v: got %q, want %q", src, edits, got, want)
		}
	}
	src := []byte("FROM x\r\nUSER y\r\n")
	for _, c := range []struct {
		edit lint.Edit
		span parser.Span
		text string
	}{
		{lint.Insert(len(src), "CMD z\r\n"), parser.Span{Start: 14, End: 14}, "\r\nCMD z"},
		{lint.Delete(parser.Span{Start: 8, End: 16}), parser.Span{Start: 6, End: 14}, ""},
		{lint.Insert(8, "CMD z\r\n"), parser.Span{Start: 8, End: 8}, "CMD z\r\n"},
	} {
		if span, text, ok := merged(src, []lint.Edit{c.edit}); span != c.span || text != c.text || !ok {
			t.Errorf("%v: got %v %q", c.edit, span, text)
		}
	}
	for _, e := range []lint.Edit{{File: "x", Create: true, Text: "y"}, lint.Insert(0, "\xff")} {
		if _, _, ok := merged(src, []lint.Edit{e}); ok {
			t.Errorf("%v is a suggestion", e)
		}
	}
}

// rdResult is the whole of what writeRDJSON writes.
type rdResult struct {
	Source struct {
		Name string `json:"name"`
	} `json:"source"`
	Diagnostics []rdDiagnostic `json:"diagnostics"`
}

// TestRDJSONSuggestion checks that a finding has one suggestion, the safest.
func TestRDJSONSuggestion(t *testing.T) {
	f := parser.Parse("x", []byte("FROM x\n"))
	x := &lint.Finding{Rule: style1, Source: f.Source, Span: parser.Span{Start: 5, End: 6}, Message: "m"}
	x.Offer(lint.Display, "d", lint.Insert(0, "d")).Offer(lint.Unsafe, "u", lint.Insert(0, "u")).Offer(lint.Safe, "s", lint.Insert(0, "s"))
	r := &Report{Findings: []*lint.Finding{x}}
	for range 3 {
		var got rdResult
		if err := json.Unmarshal(write(t, "rdjson", r, Options{}), &got); err != nil {
			t.Fatal(err)
		}
		d := got.Diagnostics[0]
		switch len(x.Fixes) {
		case 3:
			if len(d.Suggestions) != 1 || d.Suggestions[0].Text != "s" || d.Message != "m\nfix: s" {
				t.Errorf("got %+v", d)
			}
		case 2:
			if len(d.Suggestions) != 1 || d.Suggestions[0].Text != "u" || d.Message != "m\nfix (changes the build): u" {
				t.Errorf("got %+v", d)
			}
		case 1:
			if len(d.Suggestions) != 0 || d.Message != "m" {
				t.Errorf("got %+v", d)
			}
		}
		x.Fixes = x.Fixes[:len(x.Fixes)-1]
	}
}

// TestMarkdownLimit checks that a comment stays one that GitHub takes, and says what it leaves out.
func TestMarkdownLimit(t *testing.T) {
	r := sample()
	for len(r.Findings) < 2000 {
		r.Findings = append(r.Findings, r.Findings[0])
	}
	out := string(write(t, "markdown", r, Options{}))
	if n := utf8.RuneCountInString(out); n > 65_536 || n < maxMarkdown/2 {
		t.Errorf("%d characters", n)
	}
	left := len(r.Findings) - strings.Count(out, "\n- **")
	if want := plural(left, "finding") + " more, not shown here.\n"; !strings.HasSuffix(out, want) {
		t.Errorf("does not end in %q", want)
	}
	if out := write(t, "markdown", sample(), Options{Quiet: true}); !bytes.HasPrefix(out, []byte("#### `app/Dockerfile`")) {
		t.Errorf("quiet begins %q", out[:20])
	}
}

// TestHostileFormats checks that no format prints what commands a terminal, or more lines than it has findings to tell of.
func TestHostileFormats(t *testing.T) {
	r := hostileReport()
	if out := string(write(t, "compact", r, Options{})); strings.Count(out, "\n") != 1 {
		t.Errorf("compact:\n%s", out)
	}
	out := regexp.MustCompile(`\\[[:punct:]]`).ReplaceAllString(string(write(t, "markdown", r, Options{})), "")
	for _, bad := range []string{"<b>", "<!--", "[y]", "![i", "@user", "#1 ", "https://", "|[", "*k*"} {
		if strings.Contains(out, bad) {
			t.Errorf("markdown prints %s:\n%s", bad, out)
		}
	}
}

func TestMarkdownText(t *testing.T) {
	for in, want := range map[string]string{
		"tag `a*b` of `c`": "tag `a*b` of `c`",
		"one ` only":       "one \\` only",
		"`` empty":         "\\`\\` empty",
		"a_b <c>":          "a\\_b \\<c\\>",
	} {
		if got := markdownText(in); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
	for _, c := range [][2]string{{"a`b", "``a`b``"}, {"`", "`` ` ``"}, {"``a", "``` ``a ```"}, {" a", "`  a `"}} {
		if got := markdownCode(c[0]); got != c[1] {
			t.Errorf("%s: got %s, want %s", c[0], got, c[1])
		}
	}
}

// TestJSONFormats checks that what is JSON has no unknown keys by our own structs, and no null.
func TestJSONFormats(t *testing.T) {
	for name, into := range map[string]any{"gitlab": &[]gitlabIssue{}, "sonarqube": &sonarReport{}, "rdjson": &rdResult{}} {
		for _, r := range []*Report{sample(), hostileReport(), {}} {
			out := write(t, name, r, Options{})
			d := json.NewDecoder(bytes.NewReader(out))
			d.DisallowUnknownFields()
			if err := d.Decode(into); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := d.Token(); !errors.Is(err, io.EOF) {
				t.Errorf("%s has more than one value", name)
			}
			if bytes.Contains(out, []byte("null")) {
				t.Errorf("%s has null", name)
			}
		}
	}
}
