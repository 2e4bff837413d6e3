package outside

import (
	"context"
	"fmt"
	"sync"

	"github.com/dockvet/dockvet/internal/rebuild"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// History is the Source of how often the last commits would have made each step run again. A build without a known context or
// without a git history gets no answer.
type History struct {
	options rebuild.Options
	mu      sync.Mutex // of asked
	asked   []question
	answers map[*plan.Plan]*lint.History
	failed  bool
}

type question struct {
	plan  *plan.Plan
	build rebuild.Build
}

// NewHistory is a History of what o says.
func NewHistory(o rebuild.Options) *History {
	return &History{options: o, answers: map[*plan.Plan]*lint.History{}}
}

// Collect implements Source.
func (h *History) Collect(b *lint.Build, at Place) {
	if b.Context == nil || b.Plan.Target == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = append(h.asked, question{b.Plan, rebuild.Build{
		Name: at.Dockerfile, Dir: at.Context, File: b.Plan.File, Options: at.Options, Context: b.Context,
	}})
}

// Ask implements Source. It is an error if no build can be replayed.
func (h *History) Ask(ctx context.Context) error {
	asked := h.asked
	h.asked = nil
	if h.failed || len(asked) == 0 {
		return nil
	}
	names := make([]string, len(asked))
	for i, q := range asked {
		names[i] = q.build.Name
	}
	repositories := rebuild.New(h.options, names)
	defer repositories.Close()
	var first error
	for _, q := range asked {
		r, err := repositories.Replay(ctx, q.build)
		if err != nil {
			if first == nil {
				first = fmt.Errorf("--history: %w", err)
			}
			continue
		}
		out := &lint.History{Commits: len(r.Commits), Reran: map[*parser.Instruction]lint.Reran{}}
		for _, s := range r.Steps {
			out.Reran[s.Instruction] = lint.Reran{Commits: s.Ran, Unknown: s.Unknown}
		}
		h.answers[q.plan] = out
	}
	if len(h.answers) > 0 {
		return nil
	}
	h.failed = true
	return first
}

// Answer implements Source.
func (h *History) Answer(b *lint.Build) { b.Outside.History = h.answers[b.Plan] }
