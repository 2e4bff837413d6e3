package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/dockvet/dockvet/internal/disk"
	"github.com/dockvet/dockvet/internal/outside"
	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// fakeSource answers each first step with its text, and fails at the question with the number fail, from 1.
type fakeSource struct {
	mu                sync.Mutex
	collected, asked  int
	since, most, fail int
	failed            bool
}

func (s *fakeSource) Collect(*lint.Build, outside.Place) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.collected++
	s.since++
	s.most = max(s.most, s.since)
}

func (s *fakeSource) Ask(context.Context) error {
	s.asked++
	s.since = 0
	if s.asked == s.fail {
		s.failed = true
		return errors.New("the source is down")
	}
	return nil
}

func (s *fakeSource) Answer(b *lint.Build) {
	step := b.Plan.Stages[0].Steps[0]
	if !s.failed {
		note := lint.ShellNote{Code: "SC2012", Level: "error", Message: "seen", End: 1}
		b.Outside.ShellCheck = map[*plan.Step][]lint.ShellNote{step: {note}}
	}
}

// asking are n Dockerfiles that need a source.
func asking(t *testing.T, n int, source outside.Source) (*workspace.Workspace, []Job) {
	t.Helper()
	files := map[string]string{"x.txt": ""}
	for i := range n {
		files[fmt.Sprintf("%04d.Dockerfile", i)] = "FROM a\nRUN b\n"
	}
	c := fixing(t, FixOptions{}, files)
	guest := &lint.Rule{Name: lint.ShellCheck}
	l := lint.New([]*lint.Rule{guest, {Name: lint.RuleBug}}, lint.Settings{Profile: lint.Strict})
	for i := range c.jobs {
		c.jobs[i].Setup = &Setup{Linter: l, Sources: []outside.Source{source}}
	}
	return workspace.New(workspace.Config{Root: c.dir, Files: disk.New(c.dir)}, workspace.Options{NoContext: true}), c.jobs
}

// TestAskedBeforeLinting checks that a source is asked once for all Dockerfiles that are in memory at once, whose
// number is bounded, and that its answers reach the engine.
func TestAskedBeforeLinting(t *testing.T) {
	source := &fakeSource{}
	n := maxChunk + 10
	w, jobs := asking(t, n, source)
	done := 0
	var mu sync.Mutex
	results := Run(t.Context(), w, jobs, Options{Progress: func(int) { mu.Lock(); done++; mu.Unlock() }})
	if source.collected != n || source.asked != 2 || source.most != maxChunk || done != n {
		t.Errorf("collected %d, at most %d at once", source.collected, source.most)
		t.Errorf("asked %d times; %d done", source.asked, done)
	}
	for i, r := range results {
		if len(r.Findings) != 1 || r.Findings[0].Message != "seen" || len(r.Errs) > 0 || !r.Read {
			t.Fatalf("Dockerfile %d: findings %v, errors %v", i, messages(r), r.Errs)
		}
	}
}

// TestSourceFails checks that a failure is reported once, with the first Dockerfile that needs the source, and that
// linting goes on.
func TestSourceFails(t *testing.T) {
	source := &fakeSource{fail: 1}
	w, jobs := asking(t, 3, source)
	jobs[0].Sources = nil
	results := Run(t.Context(), w, jobs, Options{})
	var told []string
	for i, r := range results {
		for _, err := range errs(r) {
			told = append(told, fmt.Sprintf("%d %s", i, err))
		}
		if !r.Read || len(r.Findings) > 0 {
			t.Errorf("Dockerfile %d: read %v, findings %v", i, r.Read, messages(r))
		}
	}
	if strings.Join(told, ", ") != "1 the source is down" {
		t.Errorf("errors %v", told)
	}
}

// panicking panics at one of the steps.
type panicking struct{ collect, answer bool }

func (p panicking) Collect(*lint.Build, outside.Place) {
	if p.collect {
		panic("collect")
	}
}

func (p panicking) Ask(context.Context) error { return nil }

func (p panicking) Answer(*lint.Build) {
	if p.answer {
		panic("answer")
	}
}

// TestPanics checks that a bug costs one Dockerfile, and says where it is.
func TestPanics(t *testing.T) {
	for _, source := range []panicking{{collect: true}, {answer: true}} {
		w, jobs := asking(t, 2, source)
		jobs[1].Sources = nil
		results := Run(t.Context(), w, jobs, Options{})
		got := errs(results[0])
		if len(got) != 1 || !strings.HasPrefix(got[0], "0000.Dockerfile: bug in dockvet, please report it") {
			t.Errorf("%+v: errors %v", source, got)
		}
		if len(results[1].Errs) > 0 || !results[1].Read {
			t.Errorf("%+v: the other one: %+v", source, results[1])
		}
	}
}
