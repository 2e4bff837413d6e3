package tools_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestConftest runs the example of docs/facts.md with the conftest that CONFTEST names, "build" for that of its module, which takes
// minutes to build.
func TestConftest(t *testing.T) {
	conftest := os.Getenv("CONFTEST")
	switch conftest {
	case "":
		t.Skip("needs a conftest: make conftest")
	case "build":
		conftest = program(t, "conftest", "github.com/open-policy-agent/conftest")
	}
	page, err := os.ReadFile("../docs/facts.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, ok := strings.Cut(string(page), "    # policy/images.rego\n")
	policy, _, end := strings.Cut(example, "\n    dockvet facts > facts.json && conftest test facts.json\n")
	if !ok || !end {
		t.Fatal("docs/facts.md has no example")
	}
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "policy"), 0o700); err != nil {
		t.Fatal(err)
	}
	write("policy/images.rego", strings.ReplaceAll(policy, "\n    ", "\n"))
	dockvet := program(t, "..", "./cmd/dockvet")
	for _, c := range []struct {
		dockerfile, want string
		code             int
	}{
		{"FROM golang:1.26 AS build\nFROM registry.acme.example/debian:13\nCOPY --from=build /a /b\n", "Dockerfile:1: golang:1.26 is not from our registry", 1},
		{"FROM registry.acme.example/golang:1.26 AS build\nFROM scratch\nCOPY --from=build /a /b\n", "0 failures", 0},
	} {
		write("Dockerfile", c.dockerfile)
		write("facts.json", runIn(t, dir, "", nil, []int{0}, dockvet, "facts"))
		got := runIn(t, dir, "", nil, []int{c.code}, conftest, "test", "--no-color", "facts.json")
		if !strings.Contains(got, c.want) {
			t.Errorf("conftest prints %q for\n%s", got, c.dockerfile)
		}
	}
}
