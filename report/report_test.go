package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

var update = flag.Bool("update", false, "rewrite the files of testdata")

// Rules as packages of rules declare them. The real ones change too often to be printed here.
var (
	latestTag = &lint.Rule{
		Name: "latest-tag", Summary: "the tag `latest` moves", Category: lint.Base, Aliases: []string{"DL3007"},
		Severity: lint.Warning, Profile: lint.Recommended, Since: "2026.1",
	}
	rootUser = &lint.Rule{
		Name: "root-user", Summary: "the container runs as root", Category: lint.Security, Aliases: []string{"DL3002", "DS-0002"},
		Severity: lint.Error, Profile: lint.Recommended, Since: "2026.1", Fix: lint.Display,
	}
	style1 = &lint.Rule{
		Name: "surplus-space", Summary: "more blanks than one", Category: lint.Metadata,
		Severity: lint.Info, Profile: lint.Strict, Since: "2027.1", Fix: lint.Safe,
	}
)

// sample is one report with everything that a format must be able to print.
func sample() *Report {
	r := &Report{
		Version: "1.2.3", Files: 6, Rules: []*lint.Rule{latestTag, rootUser, style1},
		Page: func(r *lint.Rule) string {
			if r == latestTag {
				return "# latest-tag (DL3007)\n\nAn image is taken by\nits tag `latest`.\n\n## Why\n\nIt moves.\n"
			}
			return ""
		},
		URL: func(r *lint.Rule) string {
			if r == latestTag {
				return "https://dockvet.example/rules/latest-tag"
			}
			return ""
		},
		Context: func(_, path string) ([]byte, error) {
			if path == "src/app.py" {
				return []byte("import web\n\n\tweb.run(port=8000)\n"), nil
			}
			return nil, errors.New("no such file")
		},
	}
	add := func(f *parser.File, rule *lint.Rule, what, message string) *lint.Finding {
		at := strings.Index(string(f.Bytes), what)
		if at < 0 {
			panic(what)
		}
		x := &lint.Finding{
			Rule: rule, Severity: rule.Severity, Source: f.Source, Span: parser.Span{Start: at, End: at + len(what)}, Message: message,
		}
		for _, in := range f.Instructions {
			if in.Span.Contains(x.Span) {
				x.Instruction, x.Stage = lint.Instruction{Name: in.Name, Span: in.Span}, "0"
			}
		}
		r.Findings = append(r.Findings, x)
		return x
	}
	span := func(f *parser.File, what string) parser.Span {
		at := strings.Index(string(f.Bytes), what)
		return parser.Span{Start: at, End: at + len(what)}
	}

	plain := parser.Parse("app/Dockerfile", []byte("FROM debian:latest AS build\nUSER root\nRUN make\n\nEXPOSE 80\nUSER app\nUSER root\nONBUILD RUN  true"))
	add(plain, latestTag, "debian:latest", "tag `latest` of `debian` moves").Alias("DL3007").
		Because("a rebuild can pick <another> release & nobody knows").Advise("name the release that you tested")
	x := add(plain, rootUser, "EXPOSE 80", "the container runs as root, 100%: always").Alias("DL3002", "DS-0002").
		Relate(span(plain, "USER root"), "first set here").
		RelateFile("src/app.py", 3, "listens on 8000 here").RelateFile("gone.py", 7, "and here")
	x.Span = parser.Span{Start: strings.LastIndex(string(plain.Bytes), "root"), End: strings.LastIndex(string(plain.Bytes), "root") + 4}
	x.Relate(span(plain, "USER app"), "and left here").
		Offer(lint.Display, "name a user", lint.Edit{Span: x.Span, Text: "NAME"}).
		Doubting("the entry point drops its rights")
	x = add(plain, style1, "  true", "two spaces")
	x.Preview = true
	x.Breaking(lint.BreaksBuild)
	x.Offer(lint.Safe, "use one space", lint.Edit{Span: parser.Span{Start: x.Span.Start, End: x.Span.Start + 2}, Text: " "},
		lint.Edit{File: ".dockerignore", Create: true, Text: "*\n"})
	x.Offer(lint.Unsafe, "rewrite it", lint.Edit{File: "src/app.py", Span: parser.Span{Start: 12, End: 13}, Text: "    "})
	x.Offer(lint.Unsafe, "rewrite what nobody can read", lint.Edit{File: "gone.py", Span: parser.Span{Start: 3, End: 4}})

	crlf := parser.Parse(`b, c:d/ü.Dockerfile`, []byte("\ufeffFROM scratch\r\n\r\nRUN one \\\r\n  two \\\r\n  # three\r\n  four \\\r\n  five\r\nCMD x\r\n"))
	add(crlf, rootUser, "scratch", "byte order mark before")
	add(crlf, rootUser, "two \\\r\n  # three\r\n  four \\\r\n  five\r\n", "several lines")
	add(crlf, rootUser, "two \\\r\n  # three\r\n", "two lines")

	wide := parser.Parse("wide", []byte("FROM scratch\nRUN echo \"日本語\" e\u0301 👩‍💻 \t\tfoo\tbar \x1b[31mred\x07 \xff\xfe $(x) \u202eabc\n\tRUN\tx  \n"))
	add(wide, latestTag, "日本語", "wide")
	add(wide, latestTag, "e\u0301", "combining")
	add(wide, latestTag, "👩‍💻", "joined")
	add(wide, latestTag, "foo\tbar", "a tab inside, and \x1b[31mcolours\x1b[0m\r\nand lines")
	add(wide, latestTag, "$(x)", "after signs that command a terminal")
	add(wide, latestTag, "\tx", "a tab first")
	add(wide, latestTag, "  \n", "blanks at the end")

	long := parser.Parse("long", []byte("FROM scratch\nRUN "+strings.Repeat("lorem ipsum ", 30)+"HERE"+strings.Repeat(" dolor sit", 1000)+"END\n"))
	add(long, latestTag, "HERE", "in the middle of a long line")
	add(long, latestTag, "END", "at its end").Relate(span(long, "HERE"), "far away")
	x = add(long, latestTag, "lorem ipsum", "all of it")
	x.Span = x.Instruction.Span

	empty := parser.Parse("empty", nil)
	add(empty, rootUser, "", "file has no instruction")
	return r
}

func write(t *testing.T, name string, r *Report, o Options) []byte {
	t.Helper()
	f, ok := Lookup(name)
	if !ok {
		t.Fatalf("no format %s", name)
	}
	var b bytes.Buffer
	if err := f.Write(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestGolden prints the sample in each format; `-update` rewrites the files.
func TestGolden(t *testing.T) {
	type kase struct {
		file, format string
		report       *Report
		options      Options
	}
	none := &Report{Version: "1.2.3", Files: 1, Rules: sample().Rules}
	cases := []kase{{"color.txt", "text", sample(), Options{Color: true, Width: 100}}, {"narrow.txt", "text", sample(), Options{Width: 50, Quiet: true}}}
	for _, f := range Formats() {
		cases = append(cases, kase{"all." + f.Name, f.Name, sample(), Options{}}, kase{"none." + f.Name, f.Name, none, Options{}})
	}
	for _, c := range cases {
		t.Run(c.file, func(t *testing.T) {
			got := write(t, c.format, c.report, c.options)
			if again := write(t, c.format, c.report, c.options); !bytes.Equal(got, again) {
				t.Error("the same report gives another text the second time")
			}
			name := filepath.Join("testdata", c.file)
			if *update {
				if err := os.WriteFile(name, got, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestLookup(t *testing.T) {
	var names []string
	for _, f := range Formats() {
		names = append(names, f.Name)
		if f.Summary == "" || strings.HasSuffix(f.Summary, ".") {
			t.Errorf("summary of %s: %q", f.Name, f.Summary)
		}
	}
	if diff := cmp.Diff([]string{
		"text", "json", "sarif", "github", "gitlab", "checkstyle", "junit", "sonarqube", "rdjson", "compact", "html", "markdown",
	}, names); diff != "" {
		t.Error(diff)
	}
	if _, ok := Lookup("Text"); ok {
		t.Error("found a format that does not exist")
	}
}

// TestJSON reads back what the JSON says and holds it against the sample.
func TestJSON(t *testing.T) {
	type place struct{ Line, Column, Offset int }
	var got struct {
		Version int
		Tool    struct{ Name, Version string }
		Summary struct {
			Files, Errors, Warnings, Infos, Fixable int
			Removable                               int
			Suppressed                              struct{ Comments, Rules, Ignored, Baseline, Unchanged int }
		}

		Builds   []any
		Findings []struct {
			Rule, Category, Severity, Message, Note, Help, Doubt, Breaks, Suppressed, URL, File string
			Aliases                                                                             []string
			Start, End                                                                          place
			Instruction                                                                         *struct {
				Keyword, Stage string
				Line           int
			}
			Related []struct {
				Message, File string
				Start, End    place
			}
			Fixes []struct {
				Title, Safety string
				Changes       []string
				Edits         []struct {
					File, Text string
					Create     bool
					Start, End place
				}
			}
		}
	}
	r := sample()
	out := write(t, "json", r, Options{})
	if !utf8.Valid(out) {
		t.Error("not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(out))
	d.DisallowUnknownFields()
	if err := d.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(out), "null") != strings.Count(string(out), `"instruction":null`) {
		t.Error("something else than an instruction is null")
	}
	if got.Version != 1 || got.Tool.Name != "dockvet" || got.Tool.Version != "1.2.3" || len(got.Findings) != len(r.Findings) {
		t.Errorf("head %+v", got)
	}
	sum := got.Summary
	if sum.Files != 6 || sum.Errors+sum.Warnings+sum.Infos != len(r.Findings) || sum.Infos != 1 || sum.Fixable != 1 {
		t.Errorf("summary %+v", sum)
	}
	for i, f := range r.Findings {
		g := got.Findings[i]
		if g.Rule != f.Rule.Name || g.Breaks != string(f.Breaks) || g.Suppressed != string(f.Suppressed) || g.Message != strings.ToValidUTF8(f.Message, "\uFFFD") || g.Severity != f.Severity.String() || g.File != f.Source.Name {
			t.Errorf("finding %d: %+v", i, g)
		}
		for _, p := range []struct {
			got  place
			want int
		}{{g.Start, f.Span.Start}, {g.End, f.Span.End}} {
			at := f.Source.Lines.Position(p.want)
			if p.got != (place{at.Line, at.Column, p.want}) {
				t.Errorf("finding %d: place %+v, want %d", i, p.got, p.want)
			}
		}
	}
	edit := got.Findings[2].Fixes[0].Edits
	if len(edit) != 2 || edit[0].File != "app/Dockerfile" || edit[1].File != "app/.dockerignore" || !edit[1].Create || edit[1].Text != "*\n" {
		t.Errorf("edits %+v", edit)
	}
	if g := got.Findings[2]; g.Instruction.Keyword != "ONBUILD" || g.Instruction.Line != 8 {
		t.Errorf("instruction %+v", g.Instruction)
	}
}

// TestJSONStrings holds the hand-written encoder against the standard library's decoder.
func TestJSONStrings(t *testing.T) {
	for _, s := range []string{"", `a"b\c`, "\x00\x1f\x7f\u0080\t\r\n", "<&>\u2028", "日本語👩‍💻", "\xff\xfea\xc3", "a\xe2\x82z"} {
		var e jsonEncoder
		e.string(s)
		var got string
		if err := json.Unmarshal(e.buf, &got); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if want := string([]rune(s)); got != want { // a conversion to runes replaces invalid bytes one by one
			t.Errorf("got %q, want %q", got, want)
		}
		if !utf8.Valid(e.buf) {
			t.Errorf("%q gives invalid UTF-8", s)
		}
	}
}

// TestText prints findings at random places of hostile bytes: no panic, no sign that commands the terminal, and a caret for
// each place.
func TestText(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	alphabet := []string{"a", "RUN ", "\t", " ", "\r", "\n", "\\\n", "日", "\u0301", "👩‍💻", "\x1b[31m", "\x9b", "\xff", "\u202e", "\ufeff", "\u2028", "#", "\x00"}
	for range 300 {
		var src []byte
		for range rnd.IntN(400) {
			src = append(src, alphabet[rnd.IntN(len(alphabet))]...)
		}
		f := parser.Parse("x\x1b]0;evil\x07", src)
		r := &Report{Files: 1}
		for range 5 {
			a, b := rnd.IntN(len(src)+1), rnd.IntN(len(src)+1)
			x := &lint.Finding{Rule: style1, Source: f.Source, Span: parser.Span{Start: min(a, b), End: max(a, b)}, Message: "m\x1b[0m"}
			x.Relate(parser.Span{Start: a, End: a}, "here\u202e")
			x.Offer(lint.Safe, "fix\x1b", lint.Edit{Span: x.Span, Text: alphabet[rnd.IntN(len(alphabet))]})
			r.Findings = append(r.Findings, x)
		}
		for _, width := range []int{0, 20, 60} {
			out := string(write(t, "text", r, Options{Width: width}))
			for _, c := range out {
				if c != '\n' && c != '\t' && c != '\u200d' && (unicode.IsControl(c) || unicode.Is(unicode.Cf, c)) {
					t.Fatalf("prints %q:\n%q", c, out)
				}
			}
			if len(src) > 0 && strings.Count(out, "^") < len(r.Findings) {
				t.Fatalf("a place has no caret:\n%s", out)
			}
		}
		for _, format := range Formats()[1:] {
			out := write(t, format.Name, r, Options{})
			if !utf8.Valid(out) {
				t.Errorf("%s is not UTF-8", format.Name)
			}
			tabs := format.Name == "html" // in code
			if i := bytes.IndexFunc(out, func(c rune) bool { return c != '\n' && (c != '\t' || !tabs) && unicode.IsControl(c) && c < 0x80 }); i >= 0 {
				t.Errorf("%s prints %q", format.Name, out[i:min(len(out), i+20)])
			}
		}
	}
}

// TestTextEndlessLine holds that an endless line is shown around each finding in it.
func TestTextEndlessLine(t *testing.T) {
	short := []byte("RUN " + strings.Repeat("0123456789", 400))
	x := &lint.Finding{Rule: style1, Source: parser.NewSource("x", short), Message: "m"}
	x.Offer(lint.Safe, "f", lint.Edit{Span: parser.Span{Start: 2004, End: 2005}, Text: "HERE"})
	if out := string(write(t, "text", &Report{Files: 1, Findings: []*lint.Finding{x}}, Options{Width: 80})); !strings.Contains(out, "1 + …") || !strings.Contains(out, "89HERE12") {
		t.Errorf("the change of a long line is out of sight:\n%s", out)
	}

	src := []byte("RUN " + strings.Repeat("0123456789", 400_000))
	f := parser.NewSource("x", src)
	r := &Report{Files: 1}
	for i := range 1000 {
		r.Findings = append(r.Findings, &lint.Finding{Rule: style1, Source: f, Span: parser.Span{Start: i * 4000, End: i*4000 + 5}, Message: "m"})
		r.Findings[i].Offer(lint.Safe, "f", lint.Delete(r.Findings[i].Span))
	}
	out := write(t, "text", r, Options{Width: 80})
	for line := range strings.Lines(string(out)) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
			t.Fatalf("line of %d columns: %s", n, line)
		}
	}
}

func TestSummary(t *testing.T) {
	r := sample()
	out := strings.TrimSuffix(string(write(t, "text", r, Options{})), "\n")
	want := "6 files, 17 findings: 5 errors, 11 warnings, 1 info, 1 of them preview, 1 fixable with --fix"
	if got := out[strings.LastIndex(out, "\n")+1:]; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if out := string(write(t, "text", r, Options{Quiet: true})); strings.Contains(out, "6 files") {
		t.Error("quiet prints a summary")
	}
	if got := string(write(t, "text", &Report{Files: 1}, Options{})); got != "1 file, nothing found\n" {
		t.Errorf("got %q", got)
	}
}

func TestFixable(t *testing.T) {
	f := parser.Parse("x", []byte("FROM x\n"))
	offer := func(list ...lint.Safety) *lint.Finding {
		x := &lint.Finding{Rule: style1, Source: f.Source}
		for _, s := range list {
			x.Offer(s, "do it")
		}
		return x
	}
	for _, c := range []struct {
		findings []*lint.Finding
		want     string
	}{
		{[]*lint.Finding{offer(lint.Display)}, "1 info"},
		{[]*lint.Finding{offer(lint.Display, lint.Unsafe)}, "1 info, 1 fixable with --unsafe-fixes"},
		{[]*lint.Finding{offer(lint.Unsafe, lint.Safe), offer(lint.Unsafe)}, "2 infos, 1 fixable with --fix, 1 more with --unsafe-fixes"},
	} {
		out := string(write(t, "text", &Report{Files: 1, Findings: c.findings}, Options{}))
		if !strings.HasSuffix(out, ": "+c.want+"\n") {
			t.Errorf("want %q, got\n%s", c.want, out)
		}
	}
}

// TestEdits holds how a fix is shown below its finding.
func TestEdits(t *testing.T) {
	src := "FROM x\r\nENV a b\r\nENV c d\r\n# gone\r\nUSER a"
	f := parser.Parse("x", []byte(src))
	at := func(what, text string) lint.Edit {
		i := strings.Index(src, what)
		return lint.Edit{Span: parser.Span{Start: i, End: i + len(what)}, Text: text}
	}
	for _, c := range []struct {
		name  string
		edits []lint.Edit
		want  string
	}{
		{"edits that overlap", []lint.Edit{at("b", "B"), at("a b", "A ")}, ""},
		{"two places of a line", []lint.Edit{at(" b", "=b"), at("a b", "")}, ""},
		{"one line", []lint.Edit{at(" b", "=b")}, "|;2 - ENV a b;2 + ENV a=b;"},
		{"a line goes", []lint.Edit{at("# gone\r\n", "")}, "|;4 - # gone;"},
		{"a line comes, and moves the next hunk", []lint.Edit{at("USER a", "USER b"), {Span: parser.Span{Start: 8, End: 8}, Text: "ARG\tx\r\n"}}, "|;2 + ARG\tx;|;5 - USER a;6 + USER b;"},
		{"last line goes", []lint.Edit{at("\r\nUSER a", "")}, "|;4 - # gone;5 - USER a;4 + # gone;"},
		{"at the end", []lint.Edit{{Span: parser.Span{Start: len(src), End: len(src)}, Text: "\nCMD\x1b x"}}, "|;5 - USER a;5 + USER a;6 + CMD␛ x;"},
		{"lines are joined", []lint.Edit{at("\r\nENV c", "")}, "|;2 - ENV a b;3 - ENV c d;2 + ENV a b d;"},
		{"a file comes", []lint.Edit{{File: "a/b", Create: true, Text: "x\ny"}}, ":::;|;1 + x;2 + y;"},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := &lint.Finding{Rule: style1, Source: f.Source, Span: parser.Span{Start: 0, End: 4}}
			x.Offer(lint.Safe, "do it", c.edits...)
			out := string(write(t, "text", &Report{Files: 1, Findings: []*lint.Finding{x}}, Options{Quiet: true}))
			_, out, _ = strings.Cut(out, "fix available: do it\n")
			got := ""
			for line := range strings.Lines(strings.TrimRight(out, "\n")) {
				line = strings.TrimSpace(line)
				if strings.HasPrefix(line, ":::") {
					line = ":::"
				}
				got += line + ";"
			}
			if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestDiff(t *testing.T) {
	changes := []Change{
		{Name: "same", Before: []byte("x\n"), After: []byte("x\n")},
		{Name: "a/.dockerignore", Create: true, After: []byte(".git\n")},
		{Name: "/srv/Dockerfile", Before: []byte("FROM x\r\nENV a b\x1b"), After: []byte("FROM x\r\nENV a=b\n")},
	}
	var plain, colored bytes.Buffer
	if err := errors.Join(WriteDiff(&plain, changes, Options{}), WriteDiff(&colored, changes, Options{Color: true})); err != nil {
		t.Fatal(err)
	}
	want := "diff --git a/a/.dockerignore b/a/.dockerignore\nnew file mode 100644\n--- /dev/null\n+++ b/a/.dockerignore\n@@ -0,0 +1,1 @@\n+.git\n" +
		"--- a/srv/Dockerfile\n+++ b/srv/Dockerfile\n@@ -1,2 +1,2 @@\n FROM x\r\n-ENV a b␛\n\\ No newline at end of file\n+ENV a=b\n"
	if diff := cmp.Diff(want, plain.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if out := colored.String(); strings.Contains(out, "\r") || !strings.Contains(out, "\x1b[31m-ENV a b␛\x1b[0m\n") {
		t.Errorf("in colour: %q", out)
	}
	if err := WriteDiff(failing{}, changes, Options{}); err == nil {
		t.Error("the error of the writer is lost")
	}
}

func TestFixed(t *testing.T) {
	var b bytes.Buffer
	if err := errors.Join(WriteFixed(&b, "x", 1, nil), WriteFixed(&b, "y", 2, []string{"user changes", "a\x1b[1m"})); err != nil {
		t.Fatal(err)
	}
	if want := "x: 1 fix, build unchanged\ny: 2 fixes, the build changes:\n  user changes\n  a␛[1m\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

// TestGravest holds that a run too large for GitHub loses its lightest findings, that the others stay in their order, and that little
// of what is lost is kept until the end.
func TestGravest(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, x := range []struct{ values, limit, size int }{
		{0, 5, 1}, {9, 5, 1}, {9, 9, 1}, {9, 0, 1}, {2000, 500, 2000}, {2000, 1900, 2000}, {2000, 3000, 2000}, {300, 100, 2 * packedSize},
	} {
		for _, shares := range [][3]int{{1, 1, 1}, {20, 3, 1}, {1, 0, 0}, {0, 0, 1}, {1, 30, 5}} {
			g := gravest{limit: x.limit}
			var severities []lint.Severity
			count := map[lint.Severity]int{}
			for i := range x.values {
				n := random.IntN(shares[0] + shares[1] + shares[2])
				severity := lint.Error
				if n < shares[0] {
					severity = lint.Info
				} else if n < shares[0]+shares[1] {
					severity = lint.Warning
				}
				severities = append(severities, severity)
				count[severity]++
				if err := g.add(severity, []byte(strconv.Itoa(i)+strings.Repeat(" ", i*7919%x.size))); err != nil {
					t.Fatal(err)
				}
				held := 0
				for s := range g.graded {
					held += g.graded[s].n
				}
				if most := x.limit + 6*(packedSize/(x.size/4+1)+1); held > most && x.size > 1 {
					t.Fatalf("%+v %v: %d values are held, want %d at most", x, shares, held, most)
				}
			}
			left := x.limit
			for _, s := range []lint.Severity{lint.Error, lint.Warning, lint.Info} {
				count[s] = min(count[s], left)
				left -= count[s]
			}
			var want, got []string
			for i, s := range severities {
				if count[s]--; count[s] >= 0 {
					want = append(want, strconv.Itoa(i)+strings.Repeat(" ", i*7919%x.size))
				}
			}
			if err := g.write(func(value []byte) error { got = append(got, string(value)); return nil }); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%+v %v: %d values are left, want %d", x, shares, len(got), len(want))
			}
		}
	}
}

func TestArtifact(t *testing.T) {
	for name, want := range map[string]string{
		"Dockerfile": "Dockerfile", "./a b/Dockerfile": "a%20b/Dockerfile", "ü#?%": "%C3%BC%23%3F%25", "a:b/c": "a%3Ab/c", "../x": "../x",
		"/abs/a b": "file:///abs/a%20b",
	} {
		if got := artifact(name).URI; got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestWriteError(t *testing.T) {
	for _, f := range Formats() {
		if err := f.Write(failing{}, sample(), Options{}); err == nil {
			t.Errorf("%s: the error of the writer is lost", f.Name)
		}
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestBuilds(t *testing.T) {
	builds := []Build{
		{Dockerfile: "Dockerfile", Context: ".", Builder: "buildkit", Kind: "compose", File: "compose.yaml", Line: 3, Services: []string{"web"}},
		{
			Dockerfile: "Dockerfile", Context: "api", Target: "prod", Args: map[string]string{"A": "1", "B": ""}, Builder: "buildah",
			Contexts: map[string]string{"x": "y"}, Platforms: []string{"linux/amd64"}, Kind: "script", File: "a\x1b.sh", Line: 1,
		},
		{Dockerfile: "b/Dockerfile", TargetOpen: true, Builder: "buildkit", Kind: "directory", Assumed: true, Reason: "why"},
	}
	var table, text strings.Builder
	if err := WriteBuilds(&table, builds, Options{}); err != nil {
		t.Fatal(err)
	}
	want := `DOCKERFILE    CONTEXT  TARGET  SAID BY         MORE
Dockerfile    .        -       compose.yaml:3  service web
              api      prod    a␛.sh:1         buildah; A, B; context x; linux/amd64
b/Dockerfile  ?        ?       directory       why
`
	if diff := cmp.Diff(want, table.String()); diff != "" {
		t.Error(diff)
	}
	if err := WriteBuildsJSON(&text, builds); err != nil {
		t.Fatal(err)
	}
	want = `{"version":1,"builds":[
{"dockerfile":"Dockerfile","context":".","target":"","args":{},"contexts":{},"platforms":[],"services":["web"],"builder":"buildkit","source":{"kind":"compose","file":"compose.yaml","line":3},"assumed":false,"reason":""},
{"dockerfile":"Dockerfile","context":"api","target":"prod","args":{"A":"1","B":""},"contexts":{"x":"y"},"platforms":["linux/amd64"],"services":[],"builder":"buildah","source":{"kind":"script","file":"a\u001b.sh","line":1},"assumed":false,"reason":""},
{"dockerfile":"b/Dockerfile","context":null,"target":null,"args":{},"contexts":{},"platforms":[],"services":[],"builder":"buildkit","source":{"kind":"directory","file":null,"line":null},"assumed":true,"reason":"why"}
]}
`
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Error(diff)
	}
	if got := builds[2].String(); got != "b/Dockerfile: build context not known, because why" {
		t.Error(got)
	}
}

// TestSuppressed checks that what is not reported is marked, or left out, and never counted.
func TestSuppressed(t *testing.T) {
	marks := map[string]string{
		"text": "not reported: baseline: two spaces", "json": `"suppressed":"baseline"`, "sarif": `"justification": "the baseline"`,
		"html": "<span>not reported: baseline</span>",
	}
	r := sample()
	for _, f := range r.Findings {
		if f.Rule == style1 {
			f.Suppressed = lint.ByBaseline
		}
	}
	for _, f := range Formats() {
		out := string(write(t, f.Name, r, Options{}))
		if mark := marks[f.Name]; mark != "" && !strings.Contains(out, mark) {
			t.Errorf("%s does not print %s", f.Name, mark)
		} else if mark == "" && strings.Contains(out, "two spaces") {
			t.Errorf("%s reports what is suppressed", f.Name)
		}
		if f.Name == "text" && strings.Contains(out, "1 info") {
			t.Error("the summary counts what is suppressed")
		}
	}
}

// TestLongReport checks that a report with many findings ends in a table that fits the terminal.
func TestLongReport(t *testing.T) {
	r := sample()
	for range 60 {
		r.Findings = append(r.Findings, sample().Findings[0])
	}
	out := string(write(t, "text", r, Options{Width: 60}))
	at := strings.Index(out, "\n71 warning latest-tag")
	if at < 0 {
		t.Fatalf("no table:\n%s", out[max(0, len(out)-600):])
	}
	for line := range strings.Lines(out[at+1:]) {
		if n := displaywidth.String(strings.TrimSuffix(line, "\n")); n > 60 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if quiet := string(write(t, "text", r, Options{Width: 60, Quiet: true})); strings.Contains(quiet, "\n71 ") {
		t.Error("--quiet prints the table")
	}
	if strings.Contains(string(write(t, "text", sample(), Options{Width: 60})), " warning latest-tag") {
		t.Error("a short report has the table")
	}
}

// TestLinks checks that rules are links to their pages if the terminal knows links, and only then.
func TestLinks(t *testing.T) {
	const want = "\x1b]8;;https://dockvet.example/rules/latest-tag\x1b\\warning[latest-tag]\x1b]8;;\x1b\\: "
	if out := string(write(t, "text", sample(), Options{Links: true})); !strings.Contains(out, want) || strings.Contains(out, "\x1b]8;;\x1b\\error") {
		t.Error("the rule is not a link, or one without a page is")
	}
	if out := string(write(t, "text", sample(), Options{Color: true, Width: 80})); strings.Contains(out, "\x1b]8") {
		t.Error("a terminal without links gets one")
	}
}

// TestRulePage checks how Markdown is shown.
func TestRulePage(t *testing.T) {
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	page := "# a\n\nSee [the manual](https://example.com/x) and [b](../b.md).\n\n| code | meaning |\n|---|---|\n| `x\\|y` | one |\n| z | a [link](c.md) |\n"
	WriteRulePage(w, page, Options{Width: 80})
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	want := "a\n\nSee the manual <https://example.com/x> and b.\n\ncode   meaning\n`x|y`  one\nz      a link\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

// TestJSONString writes each byte at each place in a text of more than 8 bytes, which are looked at together.
func TestJSONString(t *testing.T) {
	for c := range 256 {
		for at := range 19 {
			text := []byte("plain text, 19 long")
			text[at] = byte(c)
			var e jsonEncoder
			e.string(string(text))
			var got string
			if err := json.Unmarshal(e.buf, &got); err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			if want := strings.ToValidUTF8(string(text), "\uFFFD"); got != want {
				t.Errorf("%q is %q", text, got)
			}
		}
	}
}
