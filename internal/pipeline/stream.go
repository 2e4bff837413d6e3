package pipeline

import (
	"context"
	"iter"
	"runtime"
	"slices"
	"sync"

	"github.com/dockvet/dockvet/internal/workspace"
)

// ahead is how many results may wait, for each processor, for one before them that takes long.
const ahead = 32

// Stream is Run for callers that take the results one after the other, in the order of jobs, and then forget them: what it needs in
// memory does not grow with the number of jobs. It is Run if something is fixed or a source is asked.
func Stream(ctx context.Context, w *workspace.Workspace, jobs []Job, o Options) iter.Seq2[int, *Result] {
	r := newRun(w, jobs, o)
	if slices.ContainsFunc(jobs, r.asks) {
		return func(yield func(int, *Result) bool) {
			results := Run(ctx, w, jobs, o)
			for i := range results {
				if !yield(i, &results[i]) {
					return
				}
			}
		}
	}
	return func(yield func(int, *Result) bool) {
		workers := min(runtime.GOMAXPROCS(0), len(jobs))
		l := line{results: make([]*Result, ahead*workers), end: len(jobs), workers: workers}
		l.moved.L = &l.mu
		var all sync.WaitGroup
		defer all.Wait()
		defer l.stop()
		for range workers {
			all.Go(func() {
				deepen(false)
				for {
					list := l.next()
					if len(list) == 0 {
						return
					}
					results := make([]*Result, len(list))
					for i := range results {
						results[i] = new(Result)
					}
					r.check(list, results)
					l.put(list, results)
				}
			})
		}
		for i := range jobs {
			result := l.take(i)
			r.accept(i, result)
			if !yield(i, result) {
				return
			}
		}
	}
}

// line is the results that wait to be taken in their order.
type line struct {
	mu      sync.Mutex
	moved   sync.Cond // something below has changed
	results []*Result // by number, modulo its length; nil until it is there
	begun   int       // how many jobs were begun
	taken   int       // how many results were taken
	end     int       // how many jobs there are
	workers int
}

// next are the numbers of the next jobs to begin, none in the end. Fewer are left to each the closer that is, so that all workers end at
// about the same time.
func (l *line) next() []int {
	l.mu.Lock()
	defer l.mu.Unlock()
	var n int
	for {
		n = min(batch, max(l.end-l.begun, 0)/(2*l.workers)+1)
		if l.begun >= l.end || l.begun+n <= l.taken+len(l.results) {
			break
		}
		l.moved.Wait()
	}
	var list []int
	for ; n > 0 && l.begun < l.end; n-- {
		list = append(list, l.begun)
		l.begun++
	}
	return list
}

func (l *line) put(list []int, results []*Result) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for n, i := range list {
		l.results[i%len(l.results)] = results[n]
	}
	l.moved.Broadcast()
}

// take waits for the result with the number i, the next one.
func (l *line) take(i int) *Result {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := &l.results[i%len(l.results)]
	for *at == nil {
		l.moved.Wait()
	}
	result := *at
	*at = nil
	l.taken++
	l.moved.Broadcast()
	return result
}

// stop begins no further job.
func (l *line) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end = 0
	l.moved.Broadcast()
}

// deepen gives the goroutine that calls it a stack on which a small file can be checked. By itself the stack grows in three steps, each of
// which looks up all functions on it: a thirtieth of a run over one file.
//
//go:noinline
func deepen(use bool) {
	if use { // the stack has to have room for this whether or not it is used
		var room [12 << 10]byte
		occupy(&room)
	}
}

//go:noinline
func occupy(room *[12 << 10]byte) { room[0] = 1 }
