package rules_test

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/lint/linttest"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/rules"
)

// TestCaseCoverage checks that the cases of each rule show where it speaks, at least twice; where it nearly does and
// must not, at two instructions of a kind that it reports; and, for a rule that looks into RUN, that it points into a
// continued line or a heredoc. TestSuppression checks that comments silence it.
func TestCaseCoverage(t *testing.T) {
	for _, rule := range rules.All() {
		if rule.Name == lint.RuleBug {
			continue // no Dockerfile shows it
		}
		t.Run(rule.Name, func(t *testing.T) {
			findings, inside, continued := 0, 0, 0
			fires, silent := map[string]bool{}, map[string]int{} // by the name of the instruction, "" outside all of them
			for _, c := range linttest.Read(t, filepath.Join(cases, rule.Name)) {
				if c.Why == "" {
					t.Errorf("%s does not begin with a line that says why it exists", c.Name)
				}
				got := suite().Lint(t, rule, c)
				c.Config.NoComments = true
				all := suite().Lint(t, rule, c)
				findings += len(got)
				if len(all) == 0 {
					silent[""]++
					for _, in := range parser.Parse("Dockerfile", c.Dockerfile).Instructions {
						silent[in.Name]++
					}
				}
				for _, f := range got {
					fires[f.Instruction.Name] = true
					if f.Instruction.Name == "" {
						continue
					}
					spans := []parser.Span{f.Span}
					for _, r := range f.Related { // also the places of findings that this one stands for
						if strings.HasPrefix(r.Message, "here too") {
							spans = append(spans, r.Span)
						}
					}
					line := func(off int) int { return f.Source.Lines.Position(off).Line }
					for _, span := range spans {
						for _, in := range parser.Parse("Dockerfile", c.Dockerfile).Instructions {
							if in.Span.Start > span.Start || in.Span.End < span.End {
								continue
							}
							if line(span.Start) > line(in.Span.Start) {
								inside++
							}
							if line(in.Span.End) > line(in.Span.Start) {
								continued++
							}
						}
					}
				}
			}
			if findings < 2 {
				t.Errorf("%d findings in all cases, want 2", findings)
			}
			misses := 0
			for kind := range fires {
				misses += silent[kind]
			}
			if misses < 2 {
				t.Errorf("silent cases have %d of %v, want 2: a near miss is missing", misses, slices.Sorted(maps.Keys(fires)))
			}
			delete(fires, "")
			if continued == 0 && len(fires) > 0 {
				t.Error("no finding is in an instruction of several lines")
			}
			looksIntoRun := rule.Category == lint.Scripts || rule.Category == lint.Packages
			if inside == 0 && looksIntoRun && rule.Name != "consecutive-runs" { // which points at the word RUN
				t.Error("no finding lies in a continued line or a heredoc")
			}
		})
	}
}
