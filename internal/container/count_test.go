package container_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules"
)

// TestFactsOnce holds that no fact about a container is computed more than once a build, whatever rules run.
func TestFactsOnce(t *testing.T) {
	type question struct {
		fact string
		of   any
	}
	var counts map[question]int
	asked := map[string]bool{}
	container.Count(t, func(fact string, of any) {
		counts[question{fact, of}]++
		asked[fact] = true
	})
	day := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	linter := lint.New(rules.All(), lint.Settings{Profile: lint.Strict, Now: day})
	for _, name := range dockerfiles(t) {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		ctx, err := buildcontext.New(os.DirFS(filepath.Dir(name)), "Dockerfile")
		if err != nil {
			t.Fatal(err)
		}
		counts = map[question]int{}
		linter.Lint(lint.Build{Plan: plan.New(parser.Parse("Dockerfile", src), plan.Options{}), Context: ctx})
		for q, n := range counts {
			if n > 1 {
				t.Errorf("%s: %s is computed %d times", name, q.fact, n)
			}
		}
	}
	if len(asked) < 10 {
		t.Errorf("only these facts were asked for: %v", asked)
	}
}

// dockerfiles are those of the sample projects.
func dockerfiles(t *testing.T) (names []string) {
	t.Helper()
	err := filepath.WalkDir("../../testdata/projects", func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && strings.HasPrefix(e.Name(), "Dockerfile") {
			names = append(names, name)
		}
		return err
	})
	if err != nil || len(names) == 0 {
		t.Fatalf("%d Dockerfiles: %v", len(names), err)
	}
	return names
}
