package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

const (
	projects     = "../../testdata/projects"
	projectsWant = projects + "/want.txtar"
)

// TestProjects compares what check says about small applications of many kinds with what it should say. Each has a
// careless version and a careful one, which must be clean.
func TestProjects(t *testing.T) {
	entries, err := os.ReadDir(projects)
	if err != nil {
		t.Fatal(err)
	}
	got := &txtar.Archive{Comment: []byte("What check says about each project with --now 2026-11-25, for TestProjects. " +
		"A name with -careful is a careful version, which is clean.\n")}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		findings := projectFindings(t, e.Name())
		careful := strings.HasSuffix(e.Name(), "-careful")
		if careful && findings != "" {
			t.Errorf("%s is not clean:\n%s", e.Name(), findings)
		}
		if !careful {
			if _, err := os.Stat(filepath.Join(projects, e.Name()+"-careful")); err != nil {
				t.Errorf("%s has no careful version", e.Name())
			}
			got.Files = append(got.Files, txtar.File{Name: e.Name(), Data: []byte(findings)})
		}
	}
	if *update {
		if err := os.WriteFile(projectsWant, txtar.Format(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(projectsWant)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(txtar.Format(got))); diff != "" {
		t.Errorf("run: go test ./cmd/dockvet -run TestProjects -update, and read what it writes\n%s", diff)
	}
}

// projectFindings are the findings of a project, one per line.
func projectFindings(t *testing.T, name string) string {
	t.Helper()
	var out, errs bytes.Buffer
	dir := filepath.Join(projects, name)
	args := []string{"check", "--no-config", "--now", "2026-11-25", "--format", "json", dir}
	code := run(args, streams{strings.NewReader(""), &out, &errs})
	if code == exitTrouble || errs.Len() > 0 {
		t.Fatalf("%s: exit code %d: %s", name, code, errs.String())
	}
	var report struct {
		Findings []struct {
			File, Rule, Severity, Message string
			Start                         struct{ Line int }
		}
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range report.Findings {
		file, err := filepath.Rel(dir, filepath.FromSlash(f.File))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s:%d %s %s: %s\n", filepath.ToSlash(file), f.Start.Line, f.Severity, f.Rule, f.Message)
	}
	return b.String()
}
