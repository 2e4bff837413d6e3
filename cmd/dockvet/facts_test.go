package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSchemaOfFacts compares the schema in the repository with the one that the program prints.
func TestSchemaOfFacts(t *testing.T) {
	const file = "../../docs/facts.schema.json"
	var out bytes.Buffer
	if code := run([]string{"facts", "--schema"}, streams{strings.NewReader(""), &out, os.Stderr}); code != exitClean {
		t.Fatalf("exit code %d", code)
	}
	if *update {
		if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("docs/facts.schema.json is out of date; run: go test ./cmd/dockvet -run TestSchemaOfFacts -update\n%s", diff)
	}
}
