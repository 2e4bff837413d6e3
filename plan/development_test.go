package plan_test

import (
	"testing"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

func TestForDevelopment(t *testing.T) {
	for _, test := range []struct {
		name, head string
		want       bool
	}{
		{"Dockerfile", "", false},
		{"Dockerfile.dev", "", true},
		{".devcontainer/base/Dockerfile", "", true},
		{"tests/echo-server/Dockerfile", "", true},
		{"docker/rpm/Dockerfile", "", true},
		{"packaging/docker/Dockerfile", "", false}, // packages the product as an image
		{"build/package/Dockerfile", "", false},
		{"/srv/test/shop/Dockerfile", "", false}, // where the checkout lies says nothing
		{"../dev/shop/Dockerfile", "", false},
		{"Dockerfile", "# Image for local development", true},
		{"Dockerfile", "# syntax=docker/dockerfile:1\n# This Dockerfile is used for testing.", true},
		{"Dockerfile", "# A test image with all databases", true},
		{"Dockerfile", "# Container that builds packages\n# Container to build packages", true},
		{"Dockerfile", "# This Dockerfile is for production, not for development.", false},
		{"Dockerfile", "# In the first stage, we build a development environment image,\n# which makes the archive for the production image.", false},
		{"Dockerfile", "# Update VARIANT in devcontainer.json to pick a version", true},
		{"Dockerfile", "# Same version as .devcontainer/devcontainer.json", false},
		{"Dockerfile", "# Copyright The Development Team", false},
		{"Dockerfile", "# Install packages and run the tests", false},
	} {
		f := parser.Parse(test.name, []byte(test.head+"\nFROM debian:13\nCMD [\"serve\"]\n"))
		if got := plan.New(f, plan.Options{}).ForDevelopment(); got != test.want {
			t.Errorf("%s %q: got %t", test.name, test.head, got)
		}
	}
	below := parser.Parse("Dockerfile", []byte("FROM debian:13\n# Image for development\nCMD [\"serve\"]\n"))
	if plan.New(below, plan.Options{}).ForDevelopment() {
		t.Error("a comment below the first instruction decides")
	}
}
