package lint_test

import (
	"testing"
	"testing/fstest"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// TestTrailOnce holds Trail to look once for each stage and name, whichever rule asks.
func TestTrailOnce(t *testing.T) {
	ctx, err := buildcontext.New(fstest.MapFS{"a": &fstest.MapFile{}}, "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	var seen []*plan.Step
	ask := lint.OnFile(func(p *lint.Pass) {
		for range 2 {
			trail, ok := p.Trail(p.Plan.Target, "/a")
			if !ok || trail.File != "a" {
				t.Fatalf("%v, %v", trail, ok)
			}
			if seen != nil && &seen[0] != &trail.Steps[0] {
				t.Error("the file was looked for again")
			}
			seen = trail.Steps
			if _, ok := p.Trail(p.Plan.Target, "/b"); ok {
				t.Error("/b was found")
			}
		}
	})
	file := parser.Parse("Dockerfile", []byte("FROM debian:13\nCOPY a /\n"))
	lint.New([]*lint.Rule{{Name: "one", Check: ask}, {Name: "two", Check: ask}}, lint.Settings{Profile: lint.Strict}).
		Lint(lint.Build{Plan: plan.New(file, plan.Options{}), Context: ctx})
	if seen == nil {
		t.Error("no rule ran")
	}
}
