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
		dockerfile string
		want       []string
		code       int
	}{
		{
			"FROM golang:1.26 AS build\nRUN curl -O https://get.example/a -O https://github.com/b\n" +
				"FROM registry.acme.example/debian:13\nADD https://evil.example/x /\nLABEL com.acme.team=\"Team 1\"\n",
			[]string{
				"Dockerfile:1: golang:1.26 is not from our registry", "Dockerfile:2: a download from get.example",
				"Dockerfile:4: a download from evil.example", "Dockerfile: the team is not in a label", "4 failures",
			},
			1,
		},
		{
			"FROM registry.acme.example/golang:1.26 AS build\nARG TEAM\nFROM scratch\nARG TEAM\nLABEL com.acme.team=$TEAM\n" +
				"COPY --from=build /a /b\n", []string{"0 failures"}, 0,
		},
	} {
		write("Dockerfile", c.dockerfile)
		write("facts.json", runIn(t, dir, "", nil, []int{0}, dockvet, "facts"))
		got := runIn(t, dir, "", nil, []int{c.code}, conftest, "test", "--no-color", "facts.json")
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("conftest does not print %q but %q for\n%s", want, got, c.dockerfile)
			}
		}
	}
}
