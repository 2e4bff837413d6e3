package lint_test

import (
	"fmt"
	"testing"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// TestFact checks that a fact is computed at most once for each build, however many rules and other facts ask for it.
func TestFact(t *testing.T) {
	counts := map[string]int{}
	base := lint.NewFact(func(*lint.Pass) *int {
		counts["base"]++
		return nil // an answer all the same
	})
	derived := lint.NewFact(func(p *lint.Pass) string {
		counts["derived"]++
		base.Of(p)
		return fmt.Sprint(len(p.Plan.Stages))
	})
	idle := lint.NewFact(func(*lint.Pass) int { counts["idle"]++; return 0 })
	rule := func(name string) *lint.Rule {
		return &lint.Rule{Name: name, Check: lint.OnStage(func(p *lint.Pass, _ *plan.Stage) {
			base.Of(p)
			if got := derived.Of(p); got != "2" {
				t.Errorf("%s gets %s", name, got)
			}
		})}
	}
	l := lint.New([]*lint.Rule{rule("one"), rule("two"), {Name: "never", Check: lint.OnCall(func(p *lint.Pass, _ *shell.Call) { idle.Of(p) })}}, lint.Settings{})
	for build := 1; build <= 2; build++ {
		if got := l.Lint(lint.Build{Plan: plan.New(parser.Parse("Dockerfile", []byte("FROM a\nFROM b\n")), plan.Options{})}); len(got) > 0 {
			t.Error(got[0].Message)
		}
		if counts["base"] != build || counts["derived"] != build || counts["idle"] != 0 {
			t.Errorf("after %d builds the facts were computed so often: %v", build, counts)
		}
	}
}
