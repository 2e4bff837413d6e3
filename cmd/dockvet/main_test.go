package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/dockvet/dockvet/internal/config"
	"github.com/dockvet/dockvet/rules"
)

var update = flag.Bool("update", false, "rewrite dockvet.schema.json and the expectations of testdata/cli")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"dockvet": main})
}

func TestCLI(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/cli",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits,
		},
	})
}

// exits runs dockvet with the arguments after the first, which is the expected exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARG…]")
	}
	got := "0"
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

const schemaFile = "../../dockvet.schema.json"

// TestSchema compares the schema in the repository with the one that the program prints.
func TestSchema(t *testing.T) {
	var out bytes.Buffer
	if code := run([]string{"config", "schema"}, streams{strings.NewReader(""), &out, os.Stderr}); code != exitClean {
		t.Fatalf("exit code %d", code)
	}
	if *update {
		if err := os.WriteFile(schemaFile, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("dockvet.schema.json is out of date; run: go test ./cmd/dockvet -run TestSchema -update\n%s", diff)
	}
	var schema map[string]any
	if err := json.Unmarshal(out.Bytes(), &schema); err != nil {
		t.Error(err)
	}
}

// TestOptions checks that each rule's options can be described: the schema panics on an unknown type.
func TestOptions(t *testing.T) {
	for _, r := range rules.All() {
		for key := range config.OptionsSchema(r) {
			if key == "severity" || strings.ToLower(key) != key {
				t.Errorf("%s: option `%s` must be in lower case, and `severity` is taken", r.Name, key)
			}
		}
	}
}
