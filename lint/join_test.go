package lint_test

import (
	"testing"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// pair are two rules about the image of a stage, the second of which joins the first.
func pair() []*lint.Rule {
	first := &lint.Rule{
		Name: "old-image", Category: lint.Base, Severity: lint.Info, Profile: lint.Minimal, Since: "2026.1",
		Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) { p.Report(s.Base.Span, "old") }),
	}
	second := &lint.Rule{
		Name: "big-image", Category: lint.Base, Severity: lint.Warning, Profile: lint.Minimal, Since: "2026.1",
		Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
			f := p.Report(s.Base.Span, "big")
			if s.Name == "doubtful" {
				f.Doubting("it may have to be")
			}
			if s.Reached {
				p.Join(f, first.Name, func(other *lint.Finding) { other.Message += " and big" })
			}
		}),
	}
	return []*lint.Rule{first, second}
}

func TestJoin(t *testing.T) {
	off := func(name string) lint.Settings {
		return lint.Settings{Profile: lint.Strict, Rules: map[string]lint.Setting{name: {Off: true}}}
	}
	all := lint.Settings{Profile: lint.Strict}
	expect(t, run(all, "FROM a\n", pair()...), "old-image@1 warning old and big")
	expect(t, run(off("old-image"), "FROM a\n", pair()...), "big-image@1 warning big")
	expect(t, run(off("big-image"), "FROM a\n", pair()...), "old-image@1 info old")
	expect(t, run(all, "# dockvet ignore=old-image\nFROM a\n", pair()...), "big-image@2 warning big")
	expect(t, run(all, "# dockvet ignore=big-image\nFROM a\n", pair()...), "old-image@2 info old")
	expect(t, run(all, "FROM a AS doubtful\n", pair()...), "big-image@1 warning big", "old-image@1 info old")
}

func TestJoinMerged(t *testing.T) {
	f := parser.Parse("Dockerfile", []byte("FROM a AS one\nFROM b\n"))
	var builds [][]*lint.Finding
	for _, target := range []string{"", "one"} {
		l := lint.New(pair(), lint.Settings{Profile: lint.Strict, Rules: map[string]lint.Setting{}})
		builds = append(builds, l.Lint(lint.Build{Plan: plan.New(f, plan.Options{Target: target})}))
	}
	for _, x := range lint.Merge(builds...) {
		if x.Rule.Name == "old-image" && x.Message != "old and big" {
			t.Errorf("%d: %s, want what one of the builds joined", x.Span.Start, x.Message)
		}
	}
}
