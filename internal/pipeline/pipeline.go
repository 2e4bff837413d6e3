// Package pipeline turns Dockerfiles into findings, in five steps: load, ask outside sources, lint, fix, and what is
// left to report. A bounded number of Dockerfiles goes through them at once.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/dockvet/dockvet/internal/baseline"
	"github.com/dockvet/dockvet/internal/change"
	"github.com/dockvet/dockvet/internal/fix"
	"github.com/dockvet/dockvet/internal/outside"
	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/report"
)

// Job is one Dockerfile, or description of builds, with what its configuration asks for. A run may have very many.
type Job struct {
	workspace.Target
	*Setup
}

// Setup is what jobs have in common that the same configuration is for.
type Setup struct {
	Linter   *lint.Linter
	Sources  []outside.Source   // to ask before a job is linted; one for all jobs that need it
	Baseline *baseline.Baseline // has the findings that are not reported; nil: none has
}

// Options are what a run does besides linting.
type Options struct {
	Fix      *FixOptions    // nil: fix nothing
	Change   *change.Change // report only what it is responsible for; nil: report everything
	Record   bool           // make the findings of this run the entries of the baselines
	Progress func(done int) // called after each Dockerfile that was linted, from any goroutine; may be nil
}

// Result is what one Job gave.
type Result struct {
	Read     bool // it is a Dockerfile that could be read
	Findings []*lint.Finding
	// Suppressed are findings that are not reported. Those that ignore comments suppress are from before a fix.
	Suppressed []*lint.Finding
	Source     []byte         // the Dockerfile before Fixed
	Fixed      *fix.Result    // what fixes made of it, nil without a fix; Findings are what is left
	Comments   int            // ignore comments in Fixed, for AddIgnores
	Dir        string         // of the build context, as in workspace.Build, or of a description
	Builds     []report.Build // of a Dockerfile
	// Open reads a file by its name in Dir; nil if there is nothing to read.
	Open  func(name string) ([]byte, error)
	Errs  []error // what went wrong; nothing of it is a finding
	Notes []error // what to tell that is not a failure; several results may have the same
}

// The size of a chunk: the Dockerfiles whose plans are in memory at once, if all must be loaded before the first is
// linted or if they may have to be fixed.
const (
	maxChunk = 128     // Dockerfiles
	maxBytes = 1 << 20 // of Dockerfiles
)

// The size of a batch: the Dockerfiles that are linted at once. More of them gain little, since their data must stay in the cache, too.
const (
	batch      = 16        // Dockerfiles
	batchBytes = 128 << 10 // of Dockerfiles
)

// Run runs jobs. Results are in the order of jobs. What fails for one Dockerfile does not stop the others. A workspace
// that keeps Dockerfiles must be told about files that fixes have written (Workspace.Invalidate).
func Run(ctx context.Context, w *workspace.Workspace, jobs []Job, o Options) []Result {
	r := newRun(w, jobs, o)
	r.items, r.results = make([]item, len(jobs)), make([]Result, len(jobs))
	var asking, plain []int
	for i, job := range jobs {
		if r.asks(job) {
			asking = append(asking, i)
		} else {
			plain = append(plain, i)
		}
	}
	batches := slices.Collect(slices.Chunk(plain, max(1, min(batch, len(plain)/(2*runtime.GOMAXPROCS(0))))))
	each(len(batches), func(n int) {
		results := make([]*Result, len(batches[n]))
		for at, i := range batches[n] {
			results[at] = &r.results[i]
		}
		r.check(batches[n], results)
	})
	for len(asking) > 0 {
		asking = r.chunk(ctx, asking)
	}
	for i := range jobs {
		r.accept(i, &r.results[i])
	}
	return r.results
}

func newRun(w *workspace.Workspace, jobs []Job, o Options) *run {
	r := &run{Options: o, workspace: w, jobs: jobs, described: map[string]bool{}}
	for _, job := range jobs {
		if job.Describes {
			r.described[job.Path] = true
		}
	}
	return r
}

// asks reports whether job is to be in memory together with others.
func (r *run) asks(job Job) bool { return !job.Describes && (len(job.Sources) > 0 || r.Fix != nil) }

// check does all for the jobs numbered list, none of which asks.
func (r *run) check(list []int, results []*Result) {
	items := make([]item, len(list))
	for from, to := 0, 0; from < len(list); from = to {
		for size := 0; to < len(list) && size <= batchBytes; to++ {
			r.load(list[to], &items[to], results[to])
			if f := items[to].file; f != nil {
				size += len(f.File.Bytes)
			}
		}
		r.lintBatch(list[from:to], items[from:to], results[from:to])
		clear(items[from:to])
	}
}

// lintBatch is the third step for several jobs. Those with the same Linter are linted at once, unless that panics: then each is linted by
// itself, to find out which one is to blame.
func (r *run) lintBatch(list []int, items []item, results []*Result) {
	for from := 0; from < len(list); {
		to := from
		for to < len(list) && items[to].file != nil && r.jobs[list[to]].Linter == r.jobs[list[from]].Linter {
			to++
		}
		if to-from < 2 || !r.lintAtOnce(list[from:to], items[from:to], results[from:to]) {
			to = max(to, from+1)
			for n := from; n < to; n++ {
				r.lint(list[n], &items[n], results[n])
			}
		}
		from = to
	}
}

// lintAtOnce is the third step for Dockerfiles with the same Linter. It returns false if something panics.
func (r *run) lintAtOnce(list []int, items []item, results []*Result) (ok bool) {
	defer func() {
		if !ok {
			_ = recover()
		}
	}()
	var lints []lint.Build
	for _, it := range items {
		lints = append(lints, it.lints...)
	}
	found, dropped := lintEach(r.jobs[list[0]].Linter, lints)
	for i, it := range items {
		n := len(it.lints)
		results[i].Findings, results[i].Suppressed = join(it.file.Builds, found[:n], dropped[:n])
		found, dropped = found[n:], dropped[n:]
	}
	if done := int(r.linted.Add(int64(len(list)))); r.Progress != nil {
		r.Progress(done)
	}
	return true
}

// run is the work on some jobs. Each has its item and its result by its number.
type run struct {
	Options
	workspace *workspace.Workspace
	jobs      []Job
	items     []item
	results   []Result
	linted    atomic.Int64
	described map[string]bool // the descriptions among the jobs, by Path
	fixer     fixer
}

// item is a Dockerfile on its way.
type item struct {
	file        *workspace.Dockerfile  // nil if it could not be read, or is none
	description *workspace.Description // nil if it is none
	lints       []lint.Build           // of the builds of file
}

// chunk takes as many of the jobs numbered list as may be in memory at once through all steps and returns the rest.
func (r *run) chunk(ctx context.Context, list []int) (rest []int) {
	size := 0
	for n, i := range list {
		if n == maxChunk || size > maxBytes {
			list, rest = list[:n], list[n:]
			break
		}
		r.load(i, &r.items[i], &r.results[i])
		if f := r.items[i].file; f != nil {
			size += len(f.File.Bytes)
		}
	}
	r.ask(ctx, list)
	each(len(list), func(n int) { r.lint(list[n], &r.items[list[n]], &r.results[list[n]]) })
	r.fix(list)
	for _, i := range list {
		r.items[i] = item{}
	}
	return rest
}

// guard turns a panic into an error of result, that of the job with number i.
func (r *run) guard(i int, result *Result, where string) {
	if what := recover(); what != nil {
		err := fmt.Errorf("%s: bug in %s, please report it with this file: %v", r.jobs[i].Path, where, what)
		result.Errs = append(result.Errs, err)
	}
}

// load is the first step.
func (r *run) load(i int, it *item, result *Result) {
	defer r.guard(i, result, "dockvet")
	if t := r.jobs[i].Target; t.Describes {
		d := r.workspace.Describe(t)
		result.Dir, result.Open, result.Notes = d.Dir, d.ReadFile, d.Notes
		it.description = d
		return
	}
	f, err := r.workspace.Load(r.jobs[i].Target)
	switch {
	case errors.Is(err, workspace.ErrNotDockerfile):
		return
	case err != nil:
		result.Errs = append(result.Errs, err)
		return
	}
	first := f.Builds[0]
	result.Read, result.Dir = true, first.Dir
	if first.Context != nil {
		result.Open = first.Context.Reader()
	}
	result.Builds = Builds(f)
	result.Errs = append(result.Errs, f.Errs...)
	result.Notes = slices.DeleteFunc(slices.Clone(f.Notes), func(note error) bool {
		fault, ok := errors.AsType[*workspace.Fault](note)
		return ok && r.described[fault.In]
	})
	lints := make([]lint.Build, len(f.Builds))
	for n, b := range f.Builds {
		lints[n] = b.Lint()
	}
	*it = item{file: f, lints: lints}
}

// ask is the second step. The jobs numbered list are loaded.
func (r *run) ask(ctx context.Context, list []int) {
	first := map[outside.Source]int{} // the job that an error of the source is told with
	var order []outside.Source
	for _, i := range list {
		for _, s := range r.jobs[i].Sources {
			if _, known := first[s]; !known {
				first[s] = i
				order = append(order, s)
			}
		}
	}
	forAll := func(f func(s outside.Source, i, n int)) {
		each(len(list), func(n int) {
			i := list[n]
			defer r.guard(i, &r.results[i], "dockvet")
			for _, s := range r.jobs[i].Sources {
				for n := range r.items[i].lints {
					f(s, i, n)
				}
			}
		})
	}
	forAll(func(s outside.Source, i, n int) { s.Collect(&r.items[i].lints[n], r.place(i, n)) })
	for _, s := range order {
		if err := s.Ask(ctx); err != nil {
			result := &r.results[first[s]]
			result.Errs = append(result.Errs, err)
		}
	}
	forAll(func(s outside.Source, i, n int) { s.Answer(&r.items[i].lints[n]) })
}

// place is where build n of job i comes from.
func (r *run) place(i, n int) outside.Place {
	b := r.items[i].file.Builds[n]
	at := outside.Place{Context: r.absolute(b.Dir), Options: b.Options}
	if name := r.jobs[i].Name; name != "" {
		at.Dockerfile = r.workspace.Abs(name)
	}
	return at
}

// lint is the third step.
func (r *run) lint(i int, it *item, result *Result) {
	if r.Progress != nil {
		defer func() { r.Progress(int(r.linted.Add(1))) }()
	}
	defer r.guard(i, result, "dockvet")
	switch {
	case it.file != nil:
		result.Findings, result.Suppressed = merge(r.jobs[i].Linter, it.file.Builds, it.lints)
	case it.description != nil:
		result.Findings, result.Suppressed = r.jobs[i].Linter.LintDescription(it.description.Description)
		for _, f := range slices.Concat(result.Findings, result.Suppressed) {
			mask(f, it.description.Mask)
		}
	}
}

func lintEach(linter *lint.Linter, lints []lint.Build) (found, dropped [][]*lint.Finding) {
	found, dropped = make([][]*lint.Finding, len(lints)), make([][]*lint.Finding, len(lints))
	linter.LintEach(lints, func(i int, f, d []*lint.Finding) { found[i], dropped[i] = f, d })
	return found, dropped
}

// merge lints builds of one Dockerfile and joins what is found in them.
func merge(linter *lint.Linter, builds []*workspace.Build, lints []lint.Build) (all, suppressed []*lint.Finding) {
	found, dropped := lintEach(linter, lints)
	return join(builds, found, dropped)
}

// join joins what is found in the builds of one Dockerfile. Findings name files from the context of the first build.
func join(builds []*workspace.Build, found, dropped [][]*lint.Finding) (all, suppressed []*lint.Finding) {
	for i := range builds {
		for _, list := range [][]*lint.Finding{found[i], dropped[i]} {
			for _, f := range list {
				mask(f, builds[i].Mask)
				if dir := builds[i].Dir; dir != builds[0].Dir {
					relocate(f, builds[0].Dir, dir)
				}
			}
		}
	}
	return lint.Merge(found...), lint.Merge(dropped...)
}

// accept takes out of result, that of the job numbered i, what the baseline has, or has the baseline take it, and what the change is not
// responsible for. Both must get one file after the other, in the order of the jobs.
func (r *run) accept(i int, result *Result) {
	job := &r.jobs[i]
	if !result.Read && !job.Describes {
		return
	}
	if job.Baseline != nil {
		r.known(job, result)
	}
	if r.Change == nil {
		return
	}
	touched, rest, err := r.Change.Split(r.workspace.Abs(job.Name), result.Findings, func(x lint.Related) string {
		if x.Source != nil {
			return r.workspace.Abs(x.Source.Name)
		}
		return filepath.Join(r.absolute(result.Dir), filepath.FromSlash(x.File))
	})
	if err != nil {
		result.Errs = append(result.Errs, fmt.Errorf("%s: %w", job.Path, err))
	}
	for _, f := range rest {
		f.Suppressed = lint.ByUnchanged
	}
	result.Findings, result.Suppressed = touched, append(result.Suppressed, rest...)
}

// known takes what the baseline has out of the findings of a job.
func (r *run) known(job *Job, result *Result) {
	ran := func(rule string) bool {
		return slices.ContainsFunc(job.Linter.Rules(), func(x *lint.Rule) bool { return x.Name == rule }) &&
			(rule != lint.ShellCheck || len(job.Sources) > 0)
	}
	name := r.workspace.BaselineName(job.Target)
	if r.Record {
		job.Baseline.Replace(name, result.Findings, ran)
	}
	left, known := job.Baseline.Split(name, result.Findings, ran)
	for _, f := range known {
		f.Suppressed = lint.ByBaseline
	}
	result.Findings, result.Suppressed = left, append(result.Suppressed, known...)
}

// mask takes the values of `.env` files out of what f says, as hide does from a text, with the fixes that would write one.
func mask(f *lint.Finding, hide func(string) string) {
	for _, text := range []*string{&f.Message, &f.Note, &f.Help, &f.Doubt} {
		*text = hide(*text)
	}
	for i := range f.Related {
		f.Related[i].Message = hide(f.Related[i].Message)
	}
	f.Fixes = slices.DeleteFunc(f.Fixes, func(x lint.Fix) bool {
		return hide(x.Title) != x.Title || slices.ContainsFunc(x.Edits, func(e lint.Edit) bool { return hide(e.Text) != e.Text })
	})
}

// relocate makes f, a finding on a build with the context dir, one on a build with the context main: it names files
// from there, and loses the fixes that create or change one.
func relocate(f *lint.Finding, main, dir string) {
	rel, err := filepath.Rel(main, dir)
	if err != nil {
		rel = dir
	}
	for i := range f.Related {
		if x := &f.Related[i]; x.File != "" {
			x.File = path.Join(filepath.ToSlash(rel), x.File)
		}
	}
	f.Fixes = slices.DeleteFunc(f.Fixes, func(x lint.Fix) bool {
		return slices.ContainsFunc(x.Edits, func(e lint.Edit) bool { return e.File != "" })
	})
}

// each calls f for each number below n, in parallel.
func each(n int, f func(i int)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		workers.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				f(i)
			}
		})
	}
	workers.Wait()
}
