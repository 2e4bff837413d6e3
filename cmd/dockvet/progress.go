package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// progress is a line on a terminal that says how far a long run has come.
type progress struct {
	w     io.Writer // nil: there is no line
	what  string    // what is being done
	total int       // 0 if unknown
	mu    sync.Mutex
	next  time.Time // of the next update; the first is late, since most runs are short
	shown bool
}

// progress is the line for a run over total things. For a single one there is none.
func (a *app) progress(what string, total int, quiet bool) *progress {
	p := &progress{what: what, total: total, next: time.Now().Add(300 * time.Millisecond)}
	if _, ok := terminal(a.err); ok && !quiet && total != 1 {
		p.w = a.err
	}
	return p
}

// step is called after each file, from any goroutine.
func (p *progress) step(done int) {
	if p.w == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := time.Now(); now.After(p.next) {
		p.next, p.shown = now.Add(100*time.Millisecond), true
		of := ""
		if p.total > 0 {
			of = fmt.Sprintf(" of %d", p.total)
		}
		_, _ = fmt.Fprintf(p.w, "\r%s: %d%s\x1b[K", p.what, done, of) // the run does not depend on it
	}
}

// end erases the line.
func (p *progress) end() {
	if p.shown {
		_, _ = io.WriteString(p.w, "\r\x1b[K") // as in step
	}
}
