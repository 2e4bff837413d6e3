package install_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules"
)

// TestOnce lints the sample projects with all rules and counts how often each answer is worked out.
func TestOnce(t *testing.T) {
	files, err := filepath.Glob("../../testdata/projects/*/Dockerfile")
	if err != nil || len(files) == 0 {
		t.Fatal("no projects", err)
	}
	kinds := map[string]int{}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		ctx, err := buildcontext.New(os.DirFS(filepath.Dir(file)), "Dockerfile")
		if err != nil {
			t.Fatal(err)
		}
		counts := map[any]int{}
		// Checks of the whole file run before all others, those of the first rule first.
		watch := &lint.Rule{Name: "watch", Check: lint.OnFile(func(p *lint.Pass) {
			install.Watch(p, func(question any) { counts[question]++ })
		})}
		settings := lint.Settings{Profile: lint.Strict, Now: time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)}
		lint.New(append([]*lint.Rule{watch}, rules.All()...), settings).
			Lint(lint.Build{Plan: plan.New(parser.Parse("Dockerfile", src), plan.Options{}), Context: ctx})
		for question, n := range counts {
			kinds[fmt.Sprintf("%T", question)]++
			if n != 1 {
				t.Errorf("%s: %T was answered %d times", file, question, n)
			}
		}
	}
	t.Log(kinds)
	for _, kind := range []string{"fileOf", "settingOf", "inputsOf", "developmentOf", "laxityOf", "wholeCopyOf"} {
		if kinds["install."+kind] == 0 {
			t.Errorf("no rule asks for %s", kind)
		}
	}
}
