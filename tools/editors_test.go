package tools_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// editorFiles is what the sessions in testdata/editors edit.
func editorFiles(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range map[string]string{
		"Dockerfile": "FROM node:24-bookworm AS base\nMAINTAINER somebody\nFROM base\ncopy  a b\n", "a": "x\n", ".git/HEAD": "ref: refs/heads/main\n",
	} {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// setUp is the n-th block of code below a heading of docs/editors.md.
func setUp(t *testing.T, heading string, n int) string {
	t.Helper()
	data, err := os.ReadFile("../docs/editors.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(data), "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("docs/editors.md has no section %s", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	blocks := regexp.MustCompile(`(?m)(^    .*\n(\n(    ))?)+`).FindAllString(section, -1)
	if len(blocks) < n {
		t.Fatalf("section %s has %d blocks", heading, len(blocks))
	}
	return regexp.MustCompile(`(?m)^    `).ReplaceAllString(blocks[n-1], "")
}

// installed is a directory with the program, as on the PATH, and where a program is; the test is skipped if it is not installed.
func installed(t *testing.T, program string) (bin, path string) {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("SKIPPED: %s is not installed", program)
	}
	bin = t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(bin, "dockvet"), "./cmd/dockvet")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return bin, path
}

// session runs an editor in dir and returns what it says.
func session(t *testing.T, bin, dir, out string, name string, args ...string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "OUT="+out, "HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_STATE_HOME="+dir)
	text, err := cmd.Output()
	if err != nil {
		var stderr []byte
		if e, ok := errors.AsType[*exec.ExitError](err); ok {
			stderr = e.Stderr
		}
		t.Fatalf("%v\n%s\n%s", err, text, stderr)
	}
	if out != "" {
		if text, err = os.ReadFile(out); err != nil {
			t.Fatal(err)
		}
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// TestNeovim runs Debian's Neovim with the configuration of the documentation.
func TestNeovim(t *testing.T) {
	bin, nvim := installed(t, "nvim")
	dir := editorFiles(t)
	init := filepath.Join(t.TempDir(), "init.lua")
	version, _ := exec.CommandContext(t.Context(), nvim, "--version").Output()
	block := 2
	if strings.Contains(string(version), "v0.7") || strings.Contains(string(version), "v0.9") {
		block = 1
	}
	if err := os.WriteFile(init, []byte(setUp(t, "Neovim", block)), 0o644); err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs("testdata/editors/session.lua")
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	got := session(t, bin, dir, out, nvim, "--headless", "--clean", "-n", "-u", init, "-c", "luafile "+script)
	want := []string{
		"diagnostic 2:1-11 maintainer-instruction", "hover `node:24-bookworm`, a Docker official image", "completion base",
		"action Replace `MAINTAINER` with the label (unsafe: stage base: image: label gains org.opencontainers.image.authors, and 3 more)",
		`line LABEL org.opencontainers.image.authors="somebody"`, "line FROM deps", "line COPY a b",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestEmacs runs Debian's Emacs with Eglot and the configuration of the documentation.
func TestEmacs(t *testing.T) {
	bin, emacs := installed(t, "emacs")
	dir := editorFiles(t)
	args := []string{"--batch", "-Q"}
	packages, _ := filepath.Glob("/usr/share/emacs/site-lisp/elpa/*")
	for _, p := range packages {
		args = append(args, "-L", p)
	}
	if err := exec.CommandContext(t.Context(), emacs, append(args, "--eval", "(require 'eglot)")...).Run(); err != nil { //nolint:gosec // our own arguments
		t.Skip("SKIPPED: Eglot is not installed")
	}
	init := filepath.Join(t.TempDir(), "init.el")
	if err := os.WriteFile(init, []byte(setUp(t, "Emacs", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs("testdata/editors/session.el")
	if err != nil {
		t.Fatal(err)
	}
	got := session(t, bin, dir, "", emacs, append(args, "-l", init, "-l", script)...)
	want := []string{
		"diagnostic 2", "hover node:24-bookworm, a Docker official image", "completion base",
		"action Replace `MAINTAINER` with the label (unsafe: stage base: image: label gains org.opencontainers.image.authors, and 3 more)",
		`line LABEL org.opencontainers.image.authors="somebody"`, "line FROM node:24-bookworm AS deps", "line FROM deps", "line COPY a b",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
