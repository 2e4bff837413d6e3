package tools_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/report"
	"github.com/joshdk/go-junit"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

func write(t *testing.T, format string, r *report.Report) []byte {
	t.Helper()
	f, ok := report.Lookup(format)
	if !ok {
		t.Fatalf("no format %s", format)
	}
	var out bytes.Buffer
	if err := f.Write(&out, r, report.Options{}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestJUnit reads the format with a parser that others use.
func TestJUnit(t *testing.T) {
	all := findings(t)
	suites, err := junit.Ingest(write(t, "junit", all))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, s := range suites {
		if s.Totals.Tests != len(s.Tests) || s.Totals.Passed != 0 || s.Totals.Error != 0 {
			t.Errorf("%s: %+v", s.Name, s.Totals)
		}
		for _, c := range s.Tests {
			f := all.Findings[n]
			n++
			if want := f.Source.Name; s.Name != want || c.Classname != want || !strings.HasPrefix(c.Name, f.Rule.Name+": ") {
				t.Errorf("%s: %+v", s.Name, c)
			}
			if failed := c.Status == junit.StatusFailed; failed == f.Preview {
				t.Errorf("%s is %s", c.Name, c.Status)
			}
		}
	}
	if n != len(all.Findings) {
		t.Errorf("read %d of %d findings", n, len(all.Findings))
	}
	if suites, err = junit.Ingest(write(t, "junit", &report.Report{Files: 1})); err != nil || len(suites) != 1 || suites[0].Totals.Passed != 1 {
		t.Errorf("a clean run: %v %+v", err, suites)
	}
}

// document is a JSON Schema by a page of documentation.
func document(t *testing.T, text string) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("x.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("x.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, out []byte) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(doc); err != nil {
		t.Error(err)
	}
}

// TestGitLab checks what GitLab's documentation of Code Quality requires.
func TestGitLab(t *testing.T) {
	s := document(t, `{"type": "array", "items": {
		"type": "object", "required": ["description", "check_name", "fingerprint", "severity", "location"], "additionalProperties": false,
		"properties": {
			"description": {"type": "string", "minLength": 1}, "check_name": {"type": "string", "minLength": 1},
			"fingerprint": {"type": "string", "minLength": 32}, "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
			"location": {"type": "object", "required": ["path", "lines"], "properties": {
				"path": {"type": "string", "pattern": "^[^./]"},
				"lines": {"type": "object", "required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}}}}}}}`)
	all := findings(t)
	out := write(t, "gitlab", all)
	validate(t, s, out)
	validate(t, s, write(t, "gitlab", &report.Report{}))
	var issues []struct{ Fingerprint string }
	if err := json.Unmarshal(out, &issues); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, x := range issues {
		if seen[x.Fingerprint] {
			t.Errorf("two findings have the fingerprint %s", x.Fingerprint)
		}
		seen[x.Fingerprint] = true
	}
	if len(seen) != len(all.Findings) {
		t.Errorf("%d fingerprints for %d findings", len(seen), len(all.Findings))
	}
}

// TestSonarQube checks what SonarQube's documentation requires, and its import beyond that: each rule once, and each range within
// lines as Java counts them, and not empty. It fails the whole analysis otherwise.
func TestSonarQube(t *testing.T) {
	s := document(t, `{"type": "object", "required": ["rules", "issues"], "additionalProperties": false, "properties": {
		"rules": {"type": "array", "items": {
			"type": "object", "required": ["id", "name", "engineId", "cleanCodeAttribute", "impacts"], "additionalProperties": false,
			"properties": {
				"id": {"type": "string", "minLength": 1}, "name": {"type": "string", "minLength": 1}, "description": {"type": "string"},
				"engineId": {"const": "dockvet"}, "cleanCodeAttribute": {"enum": ["CONVENTIONAL", "LOGICAL", "TRUSTWORTHY"]},
				"impacts": {"type": "array", "minItems": 1, "items": {"type": "object", "properties": {
					"softwareQuality": {"enum": ["MAINTAINABILITY", "RELIABILITY", "SECURITY"]}, "severity": {"enum": ["HIGH", "MEDIUM", "LOW"]}}}}}}},
		"issues": {"type": "array", "items": {
			"type": "object", "required": ["ruleId", "primaryLocation"], "additionalProperties": false, "properties": {
				"ruleId": {"type": "string"}, "primaryLocation": {"$ref": "#/$defs/location"},
				"secondaryLocations": {"type": "array", "items": {"$ref": "#/$defs/location"}}}}}},
		"$defs": {"location": {"type": "object", "required": ["message", "filePath", "textRange"], "additionalProperties": false, "properties": {
			"message": {"type": "string", "minLength": 1}, "filePath": {"type": "string", "minLength": 1},
			"textRange": {"type": "object", "required": ["startLine"], "additionalProperties": false, "properties": {
				"startLine": {"type": "integer", "minimum": 1}, "endLine": {"type": "integer", "minimum": 1},
				"startColumn": {"type": "integer", "minimum": 0}, "endColumn": {"type": "integer", "minimum": 0}}}}}}}`)
	all := findings(t)
	out := write(t, "sonarqube", all)
	validate(t, s, out)
	validate(t, s, write(t, "sonarqube", &report.Report{}))
	type place struct {
		FilePath  string
		TextRange struct {
			StartLine, EndLine     int
			StartColumn, EndColumn *int
		}
	}
	var got struct {
		Rules  []struct{ ID string }
		Issues []struct {
			RuleID             string
			PrimaryLocation    place
			SecondaryLocations []place
		}
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	rules := map[string]bool{}
	for _, r := range got.Rules {
		if rules[r.ID] {
			t.Errorf("rule %s is there twice", r.ID)
		}
		rules[r.ID] = true
	}
	if len(got.Issues) != len(all.Findings) {
		t.Fatalf("%d issues for %d findings", len(got.Issues), len(all.Findings))
	}
	lineEnd := regexp.MustCompile("\r\n|\r|\n")
	for i, x := range got.Issues {
		f := all.Findings[i]
		if !rules[x.RuleID] {
			t.Errorf("no rule %s", x.RuleID)
		}
		for _, at := range append(x.SecondaryLocations, x.PrimaryLocation) {
			if at.FilePath != filepath.ToSlash(filepath.Clean(f.Source.Name)) {
				continue
			}
			lines := lineEnd.Split(strings.TrimPrefix(string(f.Source.Bytes), "\ufeff"), -1)
			r := at.TextRange
			if r.StartLine > len(lines) || r.EndLine > len(lines) {
				t.Errorf("%s: %+v, but %s has %d lines", x.RuleID, r, at.FilePath, len(lines))
				continue
			}
			if r.StartColumn == nil {
				continue
			}
			width := func(line int) int { return len(utf16.Encode([]rune(lines[line-1]))) }
			if *r.StartColumn > width(r.StartLine) || *r.EndColumn > width(r.EndLine) || r.StartLine > r.EndLine ||
				r.StartLine == r.EndLine && *r.StartColumn >= *r.EndColumn {
				t.Errorf("%s: %+v is no range of %s", x.RuleID, r, at.FilePath)
			}
		}
	}
}

// TestMarkdown checks with a parser of GitHub's Markdown that a reader sees the words of the findings, and nothing that a file could
// put in: no HTML, no image, and no link but to the rules.
func TestMarkdown(t *testing.T) {
	all := findings(t)
	for i := range all.Findings {
		if i%97 == 0 {
			all.Findings[i].Message = "a<b>&\"'`x`|[y](z) <!-- --> @user #1 ![i](j) *k* _l_ ~~m~~ $n$ \\o https://evil.example www.evil.example a@b.example\n# h"
		}
	}
	markdown := goldmark.New(goldmark.WithExtensions(extension.GFM))
	for all := range slices.Chunk(all.Findings, 100) {
		r := &report.Report{Files: 1, Findings: all, URL: func(r *lint.Rule) string { return "https://dockvet.example/" + r.Name }}
		src := write(t, "markdown", r)
		var items []string
		err := ast.Walk(markdown.Parser().Parse(text.NewReader(src)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			if !entering {
				return ast.WalkContinue, nil
			}
			switch n := n.(type) {
			case *ast.RawHTML, *ast.HTMLBlock, *ast.Image, *ast.FencedCodeBlock, *ast.CodeBlock, *ast.Blockquote:
				t.Errorf("%s in\n%s", n.Kind(), src)
			case *ast.Link:
				if !strings.HasPrefix(string(n.Destination), "https://dockvet.example/") {
					t.Errorf("link to %s", n.Destination)
				}
			case *ast.AutoLink:
				t.Errorf("link to %s", n.Label(src))
			case *ast.ListItem:
				var out bytes.Buffer
				if err := markdown.Renderer().Render(&out, src, n); err != nil {
					return ast.WalkStop, err
				}
				items = append(items, seen(out.String()))
			}
			return ast.WalkContinue, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(items) != len(all) {
			t.Fatalf("%d items for %d findings in\n%s", len(items), len(all), src)
		}
		for i, item := range items {
			want := strings.NewReplacer("`", "", "\n", "␊", "\u200b", "\ufffd", "\ufeff", "").Replace(all[i].Message)
			if !strings.Contains(strings.ReplaceAll(item, "`", ""), want) {
				t.Errorf("got  %q\nwant %q", item, want)
			}
		}
	}
}

// seen is what a reader sees of HTML.
func seen(html string) string {
	html = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(html, "")
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&#39;", "'", "&amp;", "&", "\u200b", "").Replace(html)
}
