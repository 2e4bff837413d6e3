package workspace

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/dockvet/dockvet/internal/disk"
)

// TestIsDockerfile checks which files a search treats as Dockerfiles: one that is not called Dockerfile must begin like one.
func TestIsDockerfile(t *testing.T) {
	dir := t.TempDir()
	r := reader{New(Config{Root: dir, Files: disk.New(dir)}, Options{}), nil}
	for _, c := range []struct {
		name, text string
		want       bool
	}{
		{"Dockerfile", "RUN x\n", true},
		{"Containerfile", "", true},
		{"Dockerfile.dev", "# for work\n\nARG V=1\nFROM a\n", true},
		{"Dockerfile.dev", "# syntax=docker/dockerfile:1\nINCLUDE a\n", true},
		{"Dockerfile.dev", "FROM\\\n a\n", true},
		{"Dockerfile.dev", "from debian:13 as base\nrun x\n", true},
		{"Dockerfile.dev", "from --platform=linux/amd64 debian\n", true},
		{"Dockerfile.dev", "from x import y\n", false},
		{"Dockerfile.js.map", `{"version":3}`, false},
		{"app.dockerfile", "FROM a\n", true},
		{"app.dockerfile", "name: app\n", false},
		{"Dockerfile.md", "FROM a\n", false},
		{"Makefile", "FROM a\n", false},
	} {
		name := filepath.Join(dir, c.name)
		if err := os.WriteFile(name, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := r.isDockerfile(name); got != c.want {
			t.Errorf("%s with %q: %v, want %v", c.name, c.text, got, c.want)
		}
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCandidates checks that a search that leaves the beginning of files to Load finds the same Dockerfiles in the end, also if the user
// names one of them or a link leads to it.
func TestCandidates(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"app.dockerfile": "name: app\n", "Dockerfile.dev": "FROM a\n", "Dockerfile.js": "from 'x'\n", "z.Dockerfile": "FROM z\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w := New(Config{Root: dir, Files: disk.New(dir)}, Options{NoContext: true})
	loaded := func(targets []Target) (names []string) {
		for _, target := range targets {
			if _, err := w.Load(target); errors.Is(err, ErrNotDockerfile) {
				continue
			} else if err != nil {
				t.Fatal(err)
			}
			names = append(names, target.Path)
		}
		return names
	}
	check := func(paths ...string) {
		t.Helper()
		sure, _ := w.Find(paths)
		maybe, errs := w.Candidates(paths, nil)
		if got, want := loaded(maybe), loaded(sure); !slices.Equal(got, want) || len(errs) > 0 {
			t.Errorf("%v: candidates %v, want %v; errors %v", paths, got, want, errs)
		}
	}
	check(".")
	check(".", "Dockerfile.js")
	if got, _ := w.Candidates([]string{"."}, nil); len(got) != 4 || !w.Proves(got[0]) || w.Proves(got[1]) {
		t.Errorf("%v: want all four, of which the first is proven", got)
	}
	if err := os.Symlink("app.dockerfile", filepath.Join(dir, "Dockerfile")); err != nil {
		t.Skip("no links here:", err)
	}
	w.config.Files.Forget()
	check(".")
	for _, name := range []string{"Dockerfile", "Dockerfile.dev", "z.Dockerfile"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	w.config.Files.Forget()
	if got, _ := w.Candidates([]string{"."}, nil); len(got) > 0 {
		t.Errorf("%v: want none", got)
	}
}
