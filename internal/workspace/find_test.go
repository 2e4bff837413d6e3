package workspace

import (
	"os"
	"path/filepath"
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
