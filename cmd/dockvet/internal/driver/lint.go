package driver

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/fix"
	"github.com/dockvet/dockvet/internal/outside"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// Job is one Dockerfile with the linter that its configuration asks for.
type Job struct {
	Target
	Linter     *lint.Linter
	ShellCheck *outside.ShellCheck // nil: not asked
}

// Options are how each Dockerfile is built.
type Options struct {
	Stdin     io.Reader
	Context   string // the build context; "" looks whether the Dockerfile's folder is one
	NoContext bool
	Plan      plan.Options
	Progress  func(done int) // called after each Dockerfile, from any goroutine; may be nil
}

// Result is what one Job brought.
type Result struct {
	Read     bool // the Dockerfile could be read
	Findings []*lint.Finding
	Source   []byte                // the Dockerfile that Fixed was made of
	Fixed    *fix.Result           // what Fix made of it, nil if there was nothing to fix; Findings are those of the result
	Dir      string                // of the build context, "" without one
	Context  *buildcontext.Context // nil without one
	Errs     []error               // what went wrong besides
	Notes    []error               // what to tell that is no failure; several results may have the same
	builds   []described           // all that Findings hold for, the first of them with Dir
}

// Lint runs jobs in parallel. Results are in the order of jobs.
func Lint(jobs []Job, o Options) []Result {
	results := make([]Result, len(jobs))
	folders := folders{holds: map[string]bool{}, workspaces: map[string]string{}, composer: newComposer()}
	sources := make([]source, len(jobs))
	failed := runShellCheck(jobs, sources, &o)
	var done atomic.Int64
	each(len(jobs), func(i int) {
		job := jobs[i]
		if _, bad := failed[job.ShellCheck]; bad {
			job.ShellCheck = nil
		}
		results[i] = one(job, &sources[i], &o, &folders)
		sources[i].data = nil // what a finding needs of it, the finding holds
		if o.Progress != nil {
			o.Progress(int(done.Add(1)))
		}
	})
	for i, job := range jobs {
		if err := failed[job.ShellCheck]; err != nil {
			results[i].Errs = append(results[i].Errs, err)
			failed[job.ShellCheck] = nil // told once
		}
	}
	return results
}

// each calls f for the numbers below n, in parallel.
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

// source is a Dockerfile's bytes, read once.
type source struct {
	once sync.Once
	data []byte
	err  error
}

func (s *source) read(job Job, o *Options) ([]byte, error) {
	s.once.Do(func() { s.data, s.err = read(job.Name, o.Stdin) })
	return s.data, s.err
}

// runShellCheck has ShellCheck read the scripts of all jobs that ask for it before the first is checked, so that it starts seldom.
// To parse those files twice costs less than to hold them all. It returns what failed.
func runShellCheck(jobs []Job, sources []source, o *Options) map[*outside.ShellCheck]error {
	failed := map[*outside.ShellCheck]error{}
	each(len(jobs), func(i int) {
		if jobs[i].ShellCheck == nil {
			return
		}
		defer func() { _ = recover() }() // it will happen again when the file is checked, and be told then
		if src, err := sources[i].read(jobs[i], o); err == nil {
			jobs[i].ShellCheck.Collect(&lint.Build{Plan: plan.New(parser.Parse(jobs[i].Path, src), o.Plan)})
		}
	})
	seen := map[*outside.ShellCheck]bool{nil: true}
	for _, job := range jobs {
		if c := job.ShellCheck; !seen[c] {
			seen[c] = true
			if err := c.Ask(context.Background()); err != nil {
				failed[c] = err
			}
		}
	}
	return failed
}

// one checks one Dockerfile. Whatever happens, the others are checked.
func one(job Job, from *source, o *Options, folders *folders) (r Result) {
	defer func() {
		if what := recover(); what != nil {
			r.Errs = append(r.Errs, fmt.Errorf("%s: bug in dockvet, please report it with this file: %v", job.Path, what))
		}
	}()
	src, err := from.read(job, o)
	if err != nil {
		return Result{Errs: []error{CannotRead(job.Path, err)}}
	}
	file := parser.Parse(job.Path, src)
	r.Read = true
	if r.builds, r.Notes = folders.composer.builds(job.Name, file, o); len(r.builds) == 0 {
		r.builds = []described{{dir: folders.context(job.Name, file, o), options: o.Plan, plan: plan.New(file, o.Plan)}}
		if err := missingTarget(r.builds[0].plan, o.Plan.Target); err != nil {
			r.Errs = append(r.Errs, err)
		}
	}
	r.Dir = r.builds[0].dir
	var contexts []*buildcontext.Context
	for i, b := range r.builds {
		var c *buildcontext.Context
		if i > 0 && b.dir == r.builds[i-1].dir {
			c = contexts[i-1]
		} else if b.dir != "" {
			if c, err = openContext(b.dir, job.Name, nil); err != nil {
				r.Errs = append(r.Errs, fmt.Errorf("%s: checked without build context: %w", job.Path, err))
			}
		}
		contexts = append(contexts, c)
	}
	r.Context = contexts[0]
	r.Findings = r.lint(job, contexts, job.ShellCheck)
	for i := range r.builds {
		r.builds[i].plan = nil // a result lives until all Dockerfiles are reported
	}
	return r
}

// lint lints all builds of a Dockerfile, each with its context, and joins what they bring.
func (r *Result) lint(job Job, contexts []*buildcontext.Context, ask *outside.ShellCheck) []*lint.Finding {
	var found [][]*lint.Finding
	for i, b := range r.builds {
		build := lint.Build{Plan: b.plan, Context: contexts[i], Services: b.services}
		if ask != nil {
			ask.Answer(&build)
		}
		list := job.Linter.Lint(build)
		if b.dir != r.Dir {
			for _, f := range list {
				relocate(f, r.Dir, b.dir)
			}
		}
		found = append(found, list)
	}
	return lint.Merge(found...)
}

// relocate makes f, which is on a build with the context dir, one on a build with the context main: it names files from there, and
// loses the fixes that create one.
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

// read reads no more of a file than the parser takes, and the one byte that tells it that there is more.
func read(name string, stdin io.Reader) ([]byte, error) {
	if name == "" {
		return io.ReadAll(io.LimitReader(stdin, parser.MaxFile+1))
	}
	return readFile(name, parser.MaxFile+1)
}

// readFile is the first bytes of a file, up to limit.
func readFile(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	var buf bytes.Buffer
	if info, err := f.Stat(); err == nil && info.Size() < limit {
		buf.Grow(int(info.Size()) + bytes.MinRead) // one read for all of it
	}
	_, err = buf.ReadFrom(io.LimitReader(f, limit))
	return buf.Bytes(), err
}
