package pipeline

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dockvet/dockvet/internal/disk"
	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// TestStream checks that results come in the order of the jobs, whatever takes how long, and that few of them wait. A caller may stop.
func TestStream(t *testing.T) {
	const n = 500
	files := map[string]string{}
	for i := range n {
		files[fmt.Sprintf("%04d.Dockerfile", i)] = "FROM a\n" + strings.Repeat("RUN b\n", 1+i*37%50)
	}
	c := fixing(t, FixOptions{}, files)
	l := lint.New([]*lint.Rule{
		{Name: "r", Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) { p.Report(s.From.Span, "%d steps", len(s.Steps)) })},
		{Name: lint.RuleBug},
	}, lint.Settings{Profile: lint.Strict})
	for i := range c.jobs {
		c.jobs[i].Setup = &Setup{Linter: l}
	}
	w := workspace.New(workspace.Config{Root: c.dir, Files: disk.New(c.dir)}, workspace.Options{NoContext: true})
	results := Stream(t.Context(), w, c.jobs, Options{})
	want := 0
	var told []string
	rep := Live(c.jobs, results, []*lint.Rule{}, false, func(i int, r *Result) {
		if i != want || !r.Read {
			t.Fatalf("result %d, want %d", i, want)
		}
		want++
	})
	for f := range rep.Stream {
		told = append(told, f.Source.Name+" "+f.Message)
	}
	var all []string
	for _, r := range Run(t.Context(), w, c.jobs, Options{}) {
		for _, f := range r.Findings {
			all = append(all, f.Source.Name+" "+f.Message)
		}
	}
	if strings.Join(told, "\n") != strings.Join(all, "\n") || rep.Files != n || len(told) != n {
		t.Errorf("%d findings of %d files, want those of Run, %d", len(told), rep.Files, len(all))
	}
	if got, want := slices.Collect(rep.StreamBuilds), Report(c.jobs, Run(t.Context(), w, c.jobs, Options{}), nil, false).Builds; len(want) != n || !reflect.DeepEqual(got, want) {
		t.Errorf("builds %v, want those of Run, %v", got, want)
	}
	for i := range Stream(t.Context(), w, c.jobs, Options{}) {
		if i == 3 {
			break
		}
	}
}

// TestStreamWaits checks that no more than some jobs are begun before the results of those before them are taken.
func TestStreamWaits(t *testing.T) {
	l := line{results: make([]*Result, 2*batch), end: 100 * batch, workers: 1}
	l.moved.L = &l.mu
	for range 2 {
		list := l.next()
		l.put(list, slices.Repeat([]*Result{{}}, len(list)))
	}
	begun := make(chan []int)
	go func() { begun <- l.next() }()
	for i := range batch {
		select {
		case list := <-begun:
			t.Fatalf("job %d was begun when %d results were taken", list[0], i)
		default:
		}
		l.take(i)
	}
	if list := <-begun; len(list) != batch || list[0] != 2*batch {
		t.Errorf("jobs %v were begun, want %d from %d on", list, batch, 2*batch)
	}
	l.stop()
	if list := l.next(); len(list) > 0 {
		t.Error("a job was begun after the end")
	}
}

// TestBatchPanics checks that a bug in one of the Dockerfiles that are linted at once does not cost the others their findings.
func TestBatchPanics(t *testing.T) {
	const n = 5
	files := map[string]string{}
	for i := range n {
		files[fmt.Sprintf("%d.Dockerfile", i)] = "FROM a\n"
	}
	c := fixing(t, FixOptions{}, files)
	rule := &lint.Rule{Name: "r", Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) { p.Report(s.From.Span, "found") })}
	setup := &Setup{Linter: lint.New([]*lint.Rule{rule}, lint.Settings{})}
	for i := range c.jobs {
		c.jobs[i].Setup = setup
	}
	r := newRun(workspace.New(workspace.Config{Root: c.dir, Files: disk.New(c.dir)}, workspace.Options{NoContext: true}), c.jobs, Options{})
	list, items, results := make([]int, n), make([]item, n), make([]*Result, n)
	for i := range n {
		list[i], results[i] = i, new(Result)
		r.load(i, &items[i], results[i])
	}
	items[2].lints[0].Plan = nil
	r.lintBatch(list, items, results)
	for i, result := range results {
		if found, errs := len(result.Findings), len(result.Errs); i == 2 && (found > 0 || errs != 1) || i != 2 && (found != 1 || errs > 0) {
			t.Errorf("Dockerfile %d: %d findings, errors %v", i, found, result.Errs)
		}
	}
}

// TestLiveReport checks that a format that stops reading does not keep results from being counted.
func TestLiveReport(t *testing.T) {
	f := &lint.Finding{}
	results := func(yield func(int, *Result) bool) {
		for i := range 3 {
			if !yield(i, &Result{Read: true, Suppressed: []*lint.Finding{{Suppressed: lint.ByComment}, {Suppressed: lint.ByComment}}, Findings: []*lint.Finding{f, f}}) {
				t.Error("it stopped")
				return
			}
		}
	}
	l := lint.New(nil, lint.Settings{})
	var seen int
	rep := Live(slices.Repeat([]Job{{Setup: &Setup{Linter: l}}}, 3), results, nil, false, func(int, *Result) { seen++ })
	for range rep.Stream {
		break
	}
	if seen != 3 || rep.Files != 3 || rep.Suppressed.Comments != 6 {
		t.Errorf("seen %d, counted %d files and %d comments", seen, rep.Files, rep.Suppressed.Comments)
	}
}
