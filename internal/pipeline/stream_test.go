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
	l := line{results: make([]*Result, 4), end: 10}
	l.moved.L = &l.mu
	for range 4 {
		i, _ := l.next()
		l.put(i, &Result{})
	}
	begun := make(chan int)
	go func() {
		i, _ := l.next()
		begun <- i
	}()
	select {
	case i := <-begun:
		t.Fatalf("job %d was begun before a result was taken", i)
	default:
	}
	l.take(0)
	if i := <-begun; i != 4 {
		t.Errorf("job %d was begun, want 4", i)
	}
	l.stop()
	if _, ok := l.next(); ok {
		t.Error("a job was begun after the end")
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
