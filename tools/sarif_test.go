package tools_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/lint"
	dockerfile "github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/report"
	"github.com/dockvet/dockvet/rules"
	// Contains the OASIS schema in an unexported constant; see schema.
	_ "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/tools/txtar"

	"github.com/dockvet/dockvet/tools/internal/tree"
)

// schema is the JSON schema of SARIF 2.1.0, read from the source of a module that contains it. So there is no copy
// here, and the test does not need the network.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	const pkg = "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", pkg).Output()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "schema.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var text string
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && strings.Contains(lit.Value, `"$schema"`) {
			text, err = strconv.Unquote(lit.Value)
		}
		return true
	})
	if err != nil || !strings.Contains(text, "SARIF") {
		t.Fatalf("%s holds no schema any more: %v", pkg, err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// findings are those of all rules over the cases of all rules.
func findings(t *testing.T) *report.Report {
	t.Helper()
	root, err := tree.Root()
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(root, "testdata", "rules", "*", "*.txtar"))
	if err != nil || len(names) == 0 {
		t.Fatal("no cases", err)
	}
	linter := lint.New(rules.All(), lint.Settings{Profile: lint.Strict, Now: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)})
	contexts := map[string]fstest.MapFS{}
	r := &report.Report{
		Version: "1.2.3", Page: rules.Page, Rules: rules.All(),
		URL:     func(r *lint.Rule) string { return "https://dockvet.example/rules/" + r.Name },
		Context: func(dockerfile, path string) ([]byte, error) { return contexts[dockerfile].ReadFile(path) },
	}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files := fstest.MapFS{}
		for _, f := range archive.Files {
			if f.Name != "want" && f.Name != "config" {
				files[f.Name] = &fstest.MapFile{Data: f.Data}
			}
		}
		short := filepath.ToSlash(strings.TrimPrefix(name, root+string(filepath.Separator)))
		b := lint.Build{Plan: plan.New(dockerfile.Parse("./"+short+" ü:%", files["Dockerfile"].Data), plan.Options{})}
		if len(files) > 1 {
			if b.Context, err = buildcontext.New(files, "Dockerfile"); err != nil {
				t.Fatal(err)
			}
		}
		contexts[b.Plan.File.Name] = files
		r.Files++
		r.Findings = append(r.Findings, linter.Lint(b)...)
	}
	return r
}

// TestSARIF validates the SARIF format against its schema, and against GitHub's additional requirements.
func TestSARIF(t *testing.T) {
	s := schema(t)
	sarif, _ := report.Lookup("sarif")
	all := findings(t)
	for name, r := range map[string]*report.Report{"all": all, "no finding": {Rules: rules.All()}, "no rule": {}} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := sarif.Write(&out, r, report.Options{}); err != nil {
				t.Fatal(err)
			}
			doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(out.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Validate(doc); err != nil {
				t.Error(err)
			}
			github(t, out.Bytes(), len(r.Findings))
		})
	}
	if err := s.Validate(map[string]any{"version": "2.1.0"}); err == nil {
		t.Error("the schema accepts what lacks its runs")
	}
}

// github checks the requirements of code scanning that are not part of the schema.
func github(t *testing.T, out []byte, want int) {
	t.Helper()
	type text struct{ Text, Markdown string }
	var log struct {
		Runs []struct {
			Tool struct {
				Driver struct {
					Name  string
					Rules []struct {
						ID               string
						HelpURI          *string
						ShortDescription text
						FullDescription  text
						Help             text
						Properties       struct {
							Precision string
							Tags      []string
						}
					}
				}
			}
			Results []struct {
				RuleID       string
				RuleIndex    int
				Level        string
				Message      text
				Suppressions any
				Locations    []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine, StartColumn, EndLine, EndColumn int }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(out, &log); err != nil {
		t.Fatal(err)
	}
	if len(log.Runs) != 1 || len(log.Runs[0].Results) != want || log.Runs[0].Tool.Driver.Name != "dockvet" {
		t.Fatal("not one run with all results")
	}
	list := log.Runs[0].Tool.Driver.Rules
	for _, r := range list {
		if r.ShortDescription.Text == "" || r.FullDescription.Text == "" || r.Help.Text == "" || r.Help.Markdown == "" || r.Properties.Precision == "" {
			t.Errorf("rule %s is not described", r.ID)
		}
		if len([]rune(r.ShortDescription.Text)) > 1024 || len([]rune(r.FullDescription.Text)) > 1024 || len(r.Properties.Tags) > 10 {
			t.Errorf("the description of rule %s is too long", r.ID)
		}
		if r.HelpURI != nil && *r.HelpURI == "" {
			t.Errorf("rule %s has an empty helpUri", r.ID)
		}
	}
	for _, x := range log.Runs[0].Results {
		if list[x.RuleIndex].ID != x.RuleID {
			t.Errorf("rule %d is not %s", x.RuleIndex, x.RuleID)
		}
		if x.Level == "" || x.Message.Text == "" || x.Suppressions != nil || len(x.Locations) != 1 {
			t.Errorf("result %+v", x)
		}
		at := x.Locations[0].PhysicalLocation
		u, err := url.Parse(at.ArtifactLocation.URI)
		if err != nil || u.IsAbs() || strings.HasPrefix(u.Path, ".") || !strings.HasSuffix(u.Path, " ü:%") {
			t.Errorf("URI %s", at.ArtifactLocation.URI)
		}
		if g := at.Region; g.StartLine < 1 || g.StartColumn < 1 || g.EndLine < g.StartLine || g.EndLine == g.StartLine && g.EndColumn < g.StartColumn {
			t.Errorf("region %+v of %s", g, x.RuleID)
		}
	}
}
