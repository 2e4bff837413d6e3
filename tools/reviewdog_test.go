package tools_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/report"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// program builds a program of the module in dir.
func program(t *testing.T, dir, pkg string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "program")
	cmd := exec.Command("go", "build", "-o", name, pkg)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return name
}

// runIn runs a program, and fails if its exit code is not one of codes.
func runIn(t *testing.T, dir, stdin string, env []string, codes []int, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
	cmd.Env = append(os.Environ(), env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run() // the exit code says it
	if code := cmd.ProcessState.ExitCode(); !slices.Contains(codes, code) {
		t.Fatalf("%s %v: exit code %d\n%s%s", filepath.Base(name), args, code, out.String(), errs.String())
	}
	return out.String()
}

type rdPosition struct{ Line, Column int }

type rdRange struct{ Start, End rdPosition }

type rdDiagnostic struct {
	Message  string
	Location struct {
		Path  string
		Range rdRange
	}
	Severity    string
	Code        struct{ Value string }
	Suggestions []struct {
		Range rdRange
		Text  string
	}
}

// diagnostics reads what reviewdog's reporter rdjson prints.
func diagnostics(t *testing.T, out string) []rdDiagnostic {
	t.Helper()
	var got struct{ Diagnostics []rdDiagnostic }
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return got.Diagnostics
}

// offset is where a position is in text, by the definition of reviewdog's format: columns count bytes from 1.
func offset(t *testing.T, text string, p rdPosition) int {
	t.Helper()
	at := 0
	for range p.Line - 1 {
		n := strings.IndexByte(text[at:], '\n')
		if n < 0 {
			t.Fatalf("there is no line %d", p.Line)
		}
		at += n + 1
	}
	if p.Column < 1 || at+p.Column-1 > len(text) || strings.Contains(text[at:at+p.Column-1], "\n") {
		t.Fatalf("line %d has no column %d", p.Line, p.Column)
	}
	return at + p.Column - 1
}

// reviewed are Dockerfiles with fixes where bytes, characters and lines differ.
func reviewed() map[string]string {
	return map[string]string{
		"multi-byte": "# 日本語\nFROM debian:13 as ビルド\nLABEL name=\"é👩‍💻\"\nRUN echo \"日本語\" && apt-get update && apt-get install curl\n" +
			"ENV 名 値\nENV a b\nMAINTAINER é\nFROM debian:13 as z\nCOPY --from=ビルド /é /é\n",
		"CRLF":                "FROM debian:13 as ü\r\nENV a b\r\nRUN apt-get update && \\\r\n    apt-get install curl\r\nENV é d\r\nCMD echo é\r\n",
		"CRLF without an end": "FROM debian:13 as a\r\nENV a b\r\nMAINTAINER é",
		"heredoc": "FROM debian:13 as a\nRUN <<EOF\necho é\napt-get update\napt-get install curl\nEOF\nENV a b\nRUN <<X cat\n👩 ENV a b\nX\n" +
			"COPY <<'Y' /é\nENV a b\nY\nENV c d\n",
		"byte order mark": "\ufeffFROM debian:13 as a\nENV a b\n",
		"at the end":      "FROM debian:13\nENV é a\nENV a b",
	}
}

// TestReviewdog checks with the real reviewdog that it reads what is written for it, and that its suggestions make of a file what
// --fix makes of it.
func TestReviewdog(t *testing.T) {
	if testing.Short() {
		t.Skip("builds reviewdog")
	}
	reviewdog := program(t, "reviewdog", "github.com/reviewdog/reviewdog/cmd/reviewdog")
	dockvet := program(t, "..", "./cmd/dockvet")

	all := findings(t)
	dir := t.TempDir()
	for format, args := range map[string][]string{
		"rdjson": {"-f=rdjson"}, "checkstyle": {"-f=checkstyle"}, "sarif": {"-f=sarif"}, "compact": {"-efm=%f:%l:%c: %m"},
	} {
		f, _ := report.Lookup(format)
		var out bytes.Buffer
		if err := f.Write(&out, all, report.Options{}); err != nil {
			t.Fatal(err)
		}
		text := out.String()
		if format == "compact" {
			text = strings.ReplaceAll(text, " ü:%", "") // an errorformat does not find the end of such a name, nor does Vim
		}
		args = append(args, "-reporter=rdjson", "-filter-mode=nofilter", "-diff=true", "-name=dockvet")
		got := diagnostics(t, runIn(t, dir, text, nil, []int{0, 1}, reviewdog, args...))
		if len(got) != len(all.Findings) {
			t.Errorf("%s: reviewdog reads %d of %d findings", format, len(got), len(all.Findings))
			continue
		}
		for i, d := range got {
			f := all.Findings[i]
			at := f.Source.Lines.Position(f.Span.Start)
			if start := d.Location.Range.Start; start.Line != at.Line || format != "checkstyle" && format != "sarif" && start.Column != at.Column {
				t.Errorf("%s: reviewdog reads %+v for %s at %+v", format, d, f.Rule.Name, at)
			}
		}
	}

	for name, src := range reviewed() {
		t.Run(name, func(t *testing.T) {
			repo := func(src string) string {
				dir := t.TempDir()
				if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(src), 0o600); err != nil {
					t.Fatal(err)
				}
				for _, args := range [][]string{
					{"init", "-q"},
					{"-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-q", "--allow-empty", "-m", "x"},
					{"-c", "core.autocrlf=false", "add", "-A"},
				} {
					runIn(t, dir, "", nil, []int{0}, "git", args...)
				}
				return dir
			}
			check := []string{"check", "--no-config", "--no-context", "--profile", "strict", "--fail-on", "never", "Dockerfile", "--format"}
			dir := repo(src)
			runIn(t, dir, "", nil, []int{0}, dockvet, append(check, "json", "--fix")...)
			want, err := os.ReadFile(filepath.Join(dir, "Dockerfile"))
			if err != nil {
				t.Fatal(err)
			}
			got, applied := src, 0
			for range 10 {
				dir := repo(got)
				rdjson := runIn(t, dir, "", nil, []int{0}, dockvet, append(check, "rdjson")...)
				comments(t, reviewdog, dir, got, rdjson)
				out := runIn(t, dir, rdjson, nil, []int{0, 1}, reviewdog, "-f=rdjson", "-reporter=rdjson", "-diff=git diff HEAD", "-filter-mode=added")
				next, n := apply(t, got, diagnostics(t, out))
				if n == 0 {
					break
				}
				got, applied = next, applied+n
			}
			if got != string(want) {
				t.Errorf("by reviewdog's suggestions\n%q\nby --fix\n%q", got, want)
			}
			if applied == 0 {
				t.Error("nothing is suggested")
			}
		})
	}
}

// apply applies the suggestions that do not change the build, from the first on, without those that touch one before.
func apply(t *testing.T, src string, all []rdDiagnostic) (string, int) {
	t.Helper()
	type edit struct {
		from, to int
		text     string
	}
	var edits []edit
	for _, d := range all {
		for _, s := range d.Suggestions {
			if strings.Contains(d.Message, "\nfix: ") {
				edits = append(edits, edit{offset(t, src, s.Range.Start), offset(t, src, s.Range.End), s.Text})
			}
		}
	}
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	var out strings.Builder
	at, n := 0, 0
	for i, e := range edits {
		if i > 0 && n > 0 && e.from <= at {
			continue
		}
		out.WriteString(src[at:e.from] + e.text)
		at = e.to
		n++
	}
	return out.String() + src[at:], n
}

// comments runs reviewdog as on a pull request that adds the whole file, and checks that each suggestion becomes a block that has
// the lines of the file with the suggestion applied.
func comments(t *testing.T, reviewdog, dir, src, rdjson string) {
	t.Helper()
	diff := runIn(t, dir, "", nil, []int{0}, "git", "diff", "HEAD")
	var posted []struct {
		Body      string
		Line      int
		StartLine int `json:"start_line"`
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/reviews"):
			var review struct{ Comments json.RawMessage }
			if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
				t.Error(err)
			}
			if err := json.Unmarshal(review.Comments, &posted); err != nil {
				t.Error(err)
			}
			_, _ = fmt.Fprint(w, "{}")
		case strings.Contains(r.Header.Get("Accept"), "diff"):
			_, _ = fmt.Fprint(w, diff)
		case strings.HasSuffix(r.URL.Path, "/comments"):
			_, _ = fmt.Fprint(w, "[]")
		default:
			_, _ = fmt.Fprint(w, `{"html_url":"https://example.com"}`)
		}
	}))
	defer server.Close()
	env := []string{
		"GITHUB_API=" + server.URL + "/", "REVIEWDOG_GITHUB_API_TOKEN=x", "CI_PULL_REQUEST=1", "CI_COMMIT=0123", "CI_REPO_OWNER=o",
		"CI_REPO_NAME=r", "CI_BRANCH=b", "GITHUB_ACTIONS=", "NO_PROXY=*",
	}
	runIn(t, dir, rdjson, env, []int{0, 1}, reviewdog, "-f=rdjson", "-reporter=github-pr-review", "-filter-mode=added")

	blocks := map[string]bool{} // by lines and text
	for _, c := range posted {
		if strings.Contains(c.Body, "suggestion error") {
			t.Errorf("reviewdog cannot show a suggestion:\n%s", c.Body)
		}
		_, block, ok := strings.Cut(c.Body, "```suggestion\n")
		if !ok {
			continue
		}
		block, _, _ = strings.Cut(block, "```")
		blocks[fmt.Sprint(max(c.StartLine, 1), c.Line, strings.ReplaceAll(block, "\r", ""))] = true
	}
	for _, d := range diagnostics(t, rdjson) {
		for _, s := range d.Suggestions {
			from, to := offset(t, src, rdPosition{s.Range.Start.Line, 1}), len(src)
			if n := strings.IndexByte(src[offset(t, src, s.Range.End):], '\n'); n >= 0 {
				to = offset(t, src, s.Range.End) + n
			}
			text := src[from:offset(t, src, s.Range.Start)] + s.Text + src[offset(t, src, s.Range.End):to] + "\n"
			start := s.Range.Start.Line
			if start == s.Range.End.Line {
				start = 1
			}
			if key := fmt.Sprint(start, s.Range.End.Line, strings.ReplaceAll(text, "\r", "")); !blocks[key] {
				t.Errorf("no comment has %q; got %v", key, blocks)
			}
		}
	}
}

// TestRDJSON validates the format against the schema in reviewdog's module.
func TestRDJSON(t *testing.T) {
	out, err := exec.Command("go", "-C", "reviewdog", "list", "-m", "-f", "{{.Dir}}", "github.com/reviewdog/reviewdog").Output()
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join(strings.TrimSpace(string(out)), "proto/rdf/jsonschema/DiagnosticResult.json"))
	if err != nil {
		t.Fatal(err)
	}
	rdjson, _ := report.Lookup("rdjson")
	for name, r := range map[string]*report.Report{"all": findings(t), "none": {}} {
		var out bytes.Buffer
		if err := rdjson.Write(&out, r, report.Options{}); err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(&out)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := schema.Validate(map[string]any{"diagnostics": 1}); err == nil {
		t.Error("the schema accepts anything")
	}
}
