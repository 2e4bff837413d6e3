// Package shellcheck asks the ShellCheck that is installed what it thinks of the shell code in Dockerfiles: each distinct script
// once a run, many in one process.
package shellcheck

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// Program is ShellCheck's own name.
const Program = "shellcheck"

// Bounds of one process. A thousand scripts take it some seconds.
const (
	maxBatch = 1000
	patience = 5 * time.Minute
)

// exclude are what makes no sense in a RUN: files that are sourced and cannot be seen (SC1090, SC1091), a `#!` that is missing
// (SC2148), and BusyBox, which is read as dash (SC2187).
const exclude = "SC1090,SC1091,SC2148,SC2187"

// Checker is one ShellCheck with what it says. Add what it should read, then Run it, then ask for Notes.
type Checker struct {
	program string
	mu      sync.Mutex
	bodies  map[body][]comment
}

// comment is one of ShellCheck's, in its format json1: lines and columns count from 1, a column is one code point, also for a tab.
type comment struct {
	File                             string
	Line, EndLine, Column, EndColumn int
	Level, Message                   string
	Code                             int
}

// New is a Checker that runs program: a path, or a name to look for in PATH.
func New(program string) *Checker {
	return &Checker{program: program, bodies: map[body][]comment{}}
}

// Add has s read by the next Run, if ShellCheck knows its language. It may be called by several goroutines at once.
func (c *Checker) Add(s *shell.Script) {
	if b, ok := bodyOf(s); ok {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.bodies[b] = nil
	}
}

// Notes is what ShellCheck says of s; judged is false if it has not read s.
func (c *Checker) Notes(s *shell.Script) (notes []lint.ShellNote, judged bool) {
	b, ok := bodyOf(s)
	if !ok {
		return nil, false
	}
	comments, judged := c.bodies[b]
	for _, x := range comments {
		if b.dialect == ash && x.Code >= 3000 && x.Code < 4000 {
			continue
		}
		n := lint.ShellNote{Code: fmt.Sprintf("SC%04d", x.Code), Level: x.Level, Message: x.Message}
		if n.Start, n.End, ok = b.span(x); ok {
			notes = append(notes, n)
		}
	}
	return notes, judged
}

// Run reads all that was added.
func (c *Checker) Run() error {
	if len(c.bodies) == 0 {
		return nil
	}
	program, err := find(c.program)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "dockvet-*")
	if err != nil {
		return fmt.Errorf("no folder to hand scripts to ShellCheck: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // the system clears its own folder
	bodies := make([]body, 0, len(c.bodies))
	for b := range c.bodies {
		bodies = append(bodies, b)
	}
	slices.SortFunc(bodies, func(a, b body) int {
		return cmp.Or(strings.Compare(a.dialect, b.dialect), strings.Compare(a.text, b.text), cmp.Compare(a.at, b.at))
	})
	for i, b := range bodies {
		if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)), []byte(b.text), 0o600); err != nil {
			return fmt.Errorf("hand scripts to ShellCheck: %w", err)
		}
	}
	batches := batch(bodies, runtime.GOMAXPROCS(0))
	errs := make([]error, len(batches))
	results := make([][]comment, len(batches))
	var workers sync.WaitGroup
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, files := range batches {
		free <- struct{}{}
		workers.Go(func() {
			results[i], errs[i] = run(program, dir, bodies[files[0]].dialect, files)
			<-free
		})
	}
	workers.Wait()
	for _, comments := range results {
		for _, x := range comments {
			if i, err := strconv.Atoi(x.File); err == nil && i >= 0 && i < len(bodies) {
				c.bodies[bodies[i]] = append(c.bodies[bodies[i]], x)
			}
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	errs = slices.CompactFunc(errs, func(a, b error) bool { return fmt.Sprint(a) == fmt.Sprint(b) })
	return errors.Join(errs...)
}

// find is the absolute path of program: it runs in another folder.
func find(program string) (string, error) {
	path, err := exec.LookPath(program)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if errors.Is(err, exec.ErrNotFound) {
		return "", fmt.Errorf("cannot run ShellCheck: there is no `%s` in PATH; install it, or name it as in --shellcheck=/opt/shellcheck", program)
	}
	if err != nil {
		return "", fmt.Errorf("cannot run ShellCheck: %w", err)
	}
	return path, nil
}

// batch is the numbers of bodies, which are sorted by dialect, for one process each: a dialect's evenly for all workers, but few
// scripts in one process, since it takes longer to start than to read them.
func batch(bodies []body, workers int) [][]int {
	const least = 32
	var out [][]int
	for from := 0; from < len(bodies); {
		to := from
		for to < len(bodies) && bodies[to].dialect == bodies[from].dialect {
			to++
		}
		size := min(max((to-from+workers-1)/workers, least), maxBatch)
		for ; from < to; from += size {
			var files []int
			for i := from; i < min(from+size, to); i++ {
				files = append(files, i)
			}
			out = append(out, files)
		}
		from = to
	}
	return out
}

// run is what one process says of the files, which lie in dir by their number.
func run(program, dir, dialect string, files []int) ([]comment, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if dialect == ash {
		dialect = "dash"
	}
	args := []string{"--norc", "--format=json1", "--shell=" + dialect, "--exclude=" + exclude}
	for _, i := range files {
		args = append(args, strconv.Itoa(i))
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "SHELLCHECK_OPTS=") })
	cmd.WaitDelay = time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("ShellCheck (%s) did not end within %v", program, patience)
	case errors.As(err, &exit) && exit.ExitCode() == 1: // it has findings
	case err != nil:
		why, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		if why != "" {
			why = ": " + why
		}
		return nil, fmt.Errorf("ShellCheck (%s) failed: %w%s", program, err, why)
	}
	var out struct{ Comments []comment }
	if err := json.Unmarshal(stdout.Bytes(), &out); err != nil {
		return nil, fmt.Errorf("ShellCheck (%s) does not print what version 0.7 and newer do: %w", program, err)
	}
	return out.Comments, nil
}
