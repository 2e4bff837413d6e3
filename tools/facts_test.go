package tools_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/dockvet/dockvet/internal/facts"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// TestFacts holds the facts of the sample projects against their schema, without fields that it does not have.
func TestFacts(t *testing.T) {
	text, err := os.ReadFile("../docs/facts.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	closed(doc)
	if text, err = json.Marshal(doc); err != nil {
		t.Fatal(err)
	}
	schema := document(t, string(text))
	names, err := filepath.Glob("../testdata/projects/*/Dockerfile")
	if err != nil || len(names) < 5 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file := parser.Parse(name, src)
		build := facts.Of(plan.New(file, plan.Options{}), new(shell.Scripts))
		out, err := json.Marshal(facts.Report{Version: facts.Version, Files: []facts.File{{Path: name, Errors: facts.Errors(file), Builds: []facts.Build{build}}}})
		if err != nil {
			t.Fatal(err)
		}
		validate(t, schema, out)
	}
}

// closed forbids further fields wherever fields are listed.
func closed(v any) {
	switch v := v.(type) {
	case map[string]any:
		if v["properties"] != nil && v["type"] == "object" {
			v["additionalProperties"] = false
		}
		for _, x := range v {
			closed(x)
		}
	case []any:
		for _, x := range v {
			closed(x)
		}
	}
}
