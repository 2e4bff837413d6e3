package driver

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/fix"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// Job is one Dockerfile with the linter that its configuration asks for.
type Job struct {
	Target
	Linter *lint.Linter
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
}

// Lint runs jobs in parallel. Results are in the order of jobs.
func Lint(jobs []Job, o Options) []Result {
	results := make([]Result, len(jobs))
	folders := folders{holds: map[string]bool{}}
	var next, done atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(jobs)) {
		workers.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(jobs) {
					return
				}
				results[i] = one(jobs[i], &o, &folders)
				if o.Progress != nil {
					o.Progress(int(done.Add(1)))
				}
			}
		})
	}
	workers.Wait()
	return results
}

// one checks one Dockerfile. Whatever happens, the others are checked.
func one(job Job, o *Options, folders *folders) (r Result) {
	defer func() {
		if what := recover(); what != nil {
			r.Errs = append(r.Errs, fmt.Errorf("%s: bug in dockvet, please report it with this file: %v", job.Path, what))
		}
	}()
	src, err := read(job.Name, o.Stdin)
	if err != nil {
		return Result{Errs: []error{CannotRead(job.Path, err)}}
	}
	b := lint.Build{File: parser.Parse(job.Path, src), Plan: o.Plan}
	r.Read = true
	if r.Dir = folders.context(job.Name, b.File, o); r.Dir != "" {
		if r.Context, err = openContext(r.Dir, job.Name, nil); err != nil {
			r.Errs = append(r.Errs, fmt.Errorf("%s: checked without build context: %w", job.Path, err))
		}
		b.Context = r.Context
	}
	if err := missingTarget(b.File, o.Plan); err != nil {
		r.Errs = append(r.Errs, err)
	}
	r.Findings = job.Linter.Lint(b)
	return r
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
	return io.ReadAll(io.LimitReader(f, limit))
}
