package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// TestThreatModel checks that each line of the threat model names its tests, and that they exist.
func TestThreatModel(t *testing.T) {
	const root = "../.."
	have := map[string]bool{}
	function := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		src, err := os.ReadFile(name)
		for _, m := range function.FindAllSubmatch(src, -1) {
			have[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	src, err := os.ReadFile(root + "/SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for line := range strings.Lines(string(src)) {
		if !strings.HasPrefix(line, "- ") {
			continue
		}
		lines++
		named := regexp.MustCompile("`(Test[\\w/]+)`").FindAllStringSubmatch(line, -1)
		if len(named) == 0 {
			t.Errorf("no test is named: %s", line)
		}
		for _, m := range named {
			if script, ok := strings.CutPrefix(m[1], "TestCLI/"); ok {
				if _, err := os.Stat(root + "/testdata/cli/" + script + ".txtar"); err != nil {
					t.Error(err)
				}
			} else if !have[m[1]] {
				t.Errorf("there is no test called %s: %s", m[1], line)
			}
		}
	}
	if lines < 15 {
		t.Errorf("only %d lines", lines)
	}
}

// TestNoNetwork checks that no package of ours imports what opens a connection, and that no client is linked. The flag
// library has a type for addresses, so package net is.
func TestNoNetwork(t *testing.T) {
	list, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{.ImportPath}} {{.Imports}}", ".").Output()
	if err != nil {
		t.Skip("go list does not work here:", err)
	}
	for line := range strings.Lines(string(list)) {
		name, imports, _ := strings.Cut(strings.TrimSpace(line), " ")
		if strings.HasPrefix(name, "net/http") || name == "crypto/tls" {
			t.Errorf("the program contains %s", name)
		}
		if strings.HasPrefix(name, "github.com/dockvet/") && slices.Contains(strings.Fields(strings.Trim(imports, "[]")), "net") {
			t.Errorf("%s imports net", name)
		}
	}
}

// TestGitStartsNothing checks that the settings of a repository do not make git start a program.
func TestGitStartsNothing(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil || runtime.GOOS == "windows" {
		t.Skip("it needs git and a shell")
	}
	dir := t.TempDir()
	marker := filepath.Join(dir, "started")
	hook := filepath.Join(dir, "hook")
	for name, text := range map[string]string{
		"hook": "#!/bin/sh\ntouch '" + marker + "'\n", "repo/hidden.Dockerfile": "FROM debian:latest\n", "repo/.gitignore": "*.Dockerfile\n",
	} {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"init", "--quiet", "."},
		{"add", "--force", "."},
		{"config", "core.fsmonitor", hook},
		{"config", "core.pager", hook},
		{"config", "alias.ls-files", "!" + hook},
	} {
		cmd := exec.CommandContext(t.Context(), git, args...)
		cmd.Dir = filepath.Join(dir, "repo")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	_ = os.Remove(marker) // git config may have asked the monitor
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "dockvet") // the test is dockvet under that name: see TestMain
	if err := os.Symlink(program, link); err != nil {
		t.Skip(err)
	}
	cmd := exec.CommandContext(t.Context(), link, "check", "--format", "compact")
	cmd.Dir = filepath.Join(dir, "repo")
	out, _ := cmd.CombinedOutput() // there are findings
	if !strings.Contains(string(out), "hidden.Dockerfile:1") {
		t.Errorf("the tracked file was not checked:\n%s", out)
	}
	if _, err := os.Stat(marker); err == nil {
		t.Error("git started a program of the repository")
	}
}
