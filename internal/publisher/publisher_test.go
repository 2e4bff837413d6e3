package publisher_test

import (
	"testing"

	"github.com/dockvet/dockvet/internal/publisher"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// ask runs f in a pass over src.
func ask(src string, f func(*lint.Pass) bool) (got bool) {
	rule := &lint.Rule{Name: "asks", Profile: lint.Recommended, Scope: lint.AnyStage, Check: lint.OnFile(func(p *lint.Pass) { got = f(p) })}
	plan := plan.New(parser.Parse("Dockerfile", []byte(src)), plan.Options{})
	lint.New([]*lint.Rule{rule}, lint.Settings{Profile: lint.Recommended}).Lint(lint.Build{Plan: plan})
	return got
}

func TestServes(t *testing.T) {
	const label = "FROM scratch\nLABEL org.opencontainers.image.source=\"https://github.com/Example-Org/images\"\n"
	for _, c := range []struct {
		src, url string
		want     bool
	}{
		{label, "https://github.com/example-org/tool/releases/download/v1.2.3/tool.tgz", true},
		{label, "https://raw.githubusercontent.com/Example-Org/tool/main/install.sh", true},
		{label, "https://api.github.com/repos/example-org/tool/tarball/v1", true},
		{label, "https://repo.exampleorg.org/tool.jar", true},
		{label, "https://github.com/another/example-org/archive/v1.tar.gz", false},
		{label, "https://example-organisation.org/tool.jar", false},
		{label, "tool.jar", false},
		{"# See https://github.com/example-org/dockerfiles\nFROM scratch\n", "https://github.com/example-org/tool/archive/v1.zip", true},
		{"# Packs https://github.com/example-org/tool\nFROM scratch\n", "https://github.com/example-org/tool/archive/v1.zip", false},
		{"# Copyright The Example Org Authors\nFROM scratch\n", "https://github.com/example-org/tool/archive/v1.zip", true},
		{"# By the Example Org Authors\nFROM scratch\n", "https://github.com/example-org/tool/archive/v1.zip", false},
		{"FROM scratch\n# https://github.com/example-org/dockerfiles\n", "https://github.com/example-org/tool/archive/v1.zip", false},
	} {
		if got := ask(c.src, func(p *lint.Pass) bool { return publisher.Serves(p, c.url) }); got != c.want {
			t.Errorf("%s in %q: %v", c.url, c.src, got)
		}
	}
}

// The accounts of the repository's remotes count, too.
func TestServesAccounts(t *testing.T) {
	var got bool
	rule := &lint.Rule{Name: "asks", Profile: lint.Recommended, Scope: lint.AnyStage, Check: lint.OnFile(func(p *lint.Pass) {
		got = publisher.Serves(p, "https://github.com/Example-Org/tool/releases/download/v1.2.3/tool.tgz")
	})}
	plan := plan.New(parser.Parse("Dockerfile", []byte("FROM scratch\n")), plan.Options{})
	for _, account := range []string{"example-org", "another"} {
		lint.New([]*lint.Rule{rule}, lint.Settings{Profile: lint.Recommended}).Lint(lint.Build{Plan: plan, Accounts: []string{account}})
		if got != (account == "example-org") {
			t.Errorf("%s: %v", account, got)
		}
	}
}

func TestNamed(t *testing.T) {
	for _, c := range []struct {
		src  string
		want bool
	}{
		{"FROM scratch\nLABEL maintainer=\"Example-Org <x@example.org>\"\n", true},
		{"FROM scratch\nMAINTAINER example-org\n", true},
		{"FROM scratch\nLABEL maintainer=\"example-organisation\"\n", false},
		{"FROM scratch\nENV BY=example-org\n", false},
	} {
		if got := ask(c.src, func(p *lint.Pass) bool { return publisher.Named(p, "example-org") }); got != c.want {
			t.Errorf("%q: %v", c.src, got)
		}
	}
}
