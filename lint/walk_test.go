package lint_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules"
)

// TestLintEach checks that builds that are linted together get the findings that each of them gets by itself, also if a rule panics.
func TestLintEach(t *testing.T) {
	fragile := &lint.Rule{Name: "fragile", Severity: lint.Info, Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if p.Report(s.From.Span, "stage %d", s.Index); s.Name == "boom" {
			panic(s.Name)
		}
	})}
	var builds []lint.Build
	for i, src := range []string{
		"FROM debian\nRUN apt-get install curl\nUSER root\n",
		"FROM debian AS a\nFROM debian AS boom\nFROM debian AS c\nRUN cd /x && make\n",
		"FROM x\n# dockvet: ignore cd-for-workdir\nRUN cd /x && sudo make\nONBUILD RUN cd /y\n",
		"FROM debian AS boom\nCOPY --from=node:latest a b\n",
		"FROM alpine:3.2 AS a\nRUN apk add curl\nFROM a\nRUN pip install x | tee y\n",
		"FROM node:18\nCMD [\"node\", \"a.js\"]\n", // two findings that are joined in the end
		"FROM python:3.9\nCMD [\"python\", \"a.py\"]\n",
	} {
		builds = append(builds, lint.Build{Plan: plan.New(parser.Parse(fmt.Sprint(i), []byte(src)), plan.Options{})})
	}
	l := lint.New(append(rules.All(), fragile), lint.Settings{Profile: lint.Strict, Now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)})
	tell := func(found, suppressed []*lint.Finding) (out []string) {
		for _, f := range slices.Concat(found, suppressed) {
			out = append(out, fmt.Sprintf("%s %s %v %s, %s, %s, %s %q %s %v", f.Source.Name, f.Rule.Name, f.Span, f.Message, f.Note, f.Help, f.Doubt, f.Suppressed,
				f.Stage, f.Fixes))
		}
		return out
	}
	for range 2 { // the second time with what the first one kept
		n := 0
		l.LintEach(builds, func(i int, found, suppressed []*lint.Finding) {
			if i != n {
				t.Errorf("build %d came as number %d", i, n)
			}
			n++
			got, want := tell(found, suppressed), tell(l.LintAll(builds[i]))
			if !slices.Equal(got, want) || len(got) == 0 {
				t.Errorf("got\n%q\nwant\n%q", got, want)
			}
		})
		if n != len(builds) {
			t.Errorf("%d of %d builds were told", n, len(builds))
		}
	}
}
