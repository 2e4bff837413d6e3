package pipeline

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"golang.org/x/tools/txtar"

	"github.com/dockvet/dockvet/internal/disk"
	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules"
)

// TestAddIgnores ignores all findings in cases of all rules, also with Windows line ends, below a byte order mark and below parser
// directives. Then nothing is found any more, BuildKit reads the same files, and a second run adds nothing.
func TestAddIgnores(t *testing.T) {
	names, err := filepath.Glob("../../testdata/rules/*/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no cases of rules", err)
	}
	files := map[string][]byte{}
	for i, name := range names {
		if i%3 > 0 {
			continue
		}
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			if f.Name != "Dockerfile" {
				continue
			}
			data := f.Data
			switch i % 4 {
			case 1:
				data = bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
			case 2:
				data = append([]byte("\ufeff"), data...)
			case 3:
				data = append([]byte("# syntax=docker/dockerfile:1\n# check=error=true\n"), data...)
			}
			files[fmt.Sprintf("%04d.Dockerfile", i)] = data
		}
	}
	ignoreAll(t, files)
}

// TestAddIgnoresCorpus does the same with real Dockerfiles.
func TestAddIgnoresCorpus(t *testing.T) {
	names, err := filepath.Glob("../../../shared/corpus/dockerfiles/*")
	if err != nil || len(names) == 0 {
		t.Skip("there is no corpus of Dockerfiles beside the repository")
	}
	files := map[string][]byte{}
	for i := 0; i < len(names); i += 40 {
		data, err := os.ReadFile(names[i])
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(names[i])] = data
	}
	ignoreAll(t, files)
}

func ignoreAll(t *testing.T, files map[string][]byte) {
	t.Helper()
	dir := t.TempDir()
	var jobs []Job
	linter := lint.New(rules.All(), lint.Settings{Profile: lint.Strict})
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, Job{Target: workspace.Target{Path: name, Name: name}, Setup: &Setup{Linter: linter}})
	}
	slices.SortFunc(jobs, func(a, b Job) int { return strings.Compare(a.Path, b.Path) })
	run := func() (*workspace.Workspace, []Result) {
		w := workspace.New(workspace.Config{Root: dir, Files: disk.New(dir)}, workspace.Options{NoContext: true})
		return w, Run(t.Context(), w, jobs, Options{})
	}
	w, results := run()
	found := 0
	for _, r := range results {
		found += len(r.Findings)
	}
	o := Ignoring{Reason: "as it was", Disk: disk.New(dir), Write: true}
	AddIgnores(t.Context(), w, jobs, results, o)
	comments, quiet := 0, 0
	for i, r := range results {
		comments += r.Comments
		for _, err := range r.Errs {
			t.Error(err)
		}
		if len(r.Findings) > 0 {
			t.Errorf("%s: %d findings cannot be ignored, as %s", jobs[i].Path, len(r.Findings), r.Findings[0].Message)
		}
		if r.Comments == 0 {
			quiet++
		}
	}
	for name, before := range files {
		after, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := without(after); !bytes.Equal(got, without(before)) {
			t.Errorf("%s: more than comments has changed:\n%s", name, after)
		}
		if was, is := dump(before), dump(after); was != is {
			t.Errorf("%s: BuildKit reads another file\n%s\nbefore\n%s", name, is, was)
		}
	}
	w, results = run()
	for i, r := range results {
		for _, f := range r.Findings {
			t.Errorf("%s: %s: %s", jobs[i].Path, f.Rule.Name, f.Message)
		}
	}
	AddIgnores(t.Context(), w, jobs, results, o)
	for i, r := range results {
		if r.Comments > 0 {
			t.Errorf("%s: a second run adds %d comments", jobs[i].Path, r.Comments)
		}
	}
	t.Logf("%d files, %d findings, %d comments; %d files had no finding", len(files), found, comments, quiet)
}

// without is a file without the lines that ignore findings.
func without(data []byte) []byte {
	var out []byte
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	for line := range bytes.Lines(data) {
		if !bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte("# dockvet ignore")) {
			out = append(out, line...)
		}
	}
	return out
}

// dump is what BuildKit reads: directives, words, flags and heredocs.
func dump(data []byte) string {
	r, err := parser.Parse(bytes.NewReader(data))
	if err != nil {
		return "error"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "escape %q\n", r.EscapeToken)
	syntax, args, _, _ := parser.DetectSyntax(data)
	check, _, _, _ := parser.ParseDirective("check", data)
	fmt.Fprintf(&b, "syntax %q %q check %q\n", syntax, args, check)
	for _, n := range r.AST.Children {
		fmt.Fprintf(&b, "%s %q %v\n", n.Dump(), n.Original, n.Heredocs)
	}
	return b.String()
}
