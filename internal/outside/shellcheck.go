package outside

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// Bounds of one process. It reads a thousand scripts in some seconds.
const (
	maxBatch = 1000
	patience = 5 * time.Minute
)

// exclude are the codes that make no sense in a RUN: sourced files that cannot be seen (SC1090, SC1091), a missing `#!`
// (SC2148), and BusyBox, which is read as dash (SC2187).
const exclude = "SC1090,SC1091,SC2148,SC2187"

// ShellCheck is the Source of ShellCheck's notes on the shell code in Dockerfiles: each distinct script is read once,
// many in one process. It needs version 0.7 or newer.
type ShellCheck struct {
	program string
	mu      sync.Mutex // of wanted
	wanted  map[body]bool
	known   map[body][]comment
	failed  bool
}

// comment is one of ShellCheck's, in its format json1: lines and columns count from 1; a column is one code point, a
// tab too.
type comment struct {
	File                             string
	Line, EndLine, Column, EndColumn int
	Level, Message                   string
	Code                             int
}

// NewShellCheck is a ShellCheck that runs program: a path, or a name to look for in PATH.
func NewShellCheck(program string) *ShellCheck {
	return &ShellCheck{program: program, wanted: map[body]bool{}, known: map[body][]comment{}}
}

// Collect implements Source.
func (c *ShellCheck) Collect(b *lint.Build, _ Place) {
	for s := range scripts(b) {
		if x, ok := bodyOf(s); ok {
			c.mu.Lock()
			if _, known := c.known[x]; !known {
				c.wanted[x] = true
			}
			c.mu.Unlock()
		}
	}
}

// Answer implements Source.
func (c *ShellCheck) Answer(b *lint.Build) {
	if c.failed {
		return
	}
	b.Outside.ShellCheck = map[*plan.Step][]lint.ShellNote{}
	for s := range scripts(b) {
		x, ok := bodyOf(s)
		if !ok {
			continue
		}
		if comments, judged := c.known[x]; judged {
			b.Outside.ShellCheck[s.Step] = x.notes(comments)
		}
	}
}

// notes are comments on b at their places in the script.
func (b *body) notes(comments []comment) []lint.ShellNote {
	var notes []lint.ShellNote
	for _, x := range comments {
		if b.dialect == ash && x.Code >= 3000 && x.Code < 4000 {
			continue
		}
		n := lint.ShellNote{Code: fmt.Sprintf("SC%04d", x.Code), Level: x.Level, Message: x.Message}
		var ok bool
		if n.Start, n.End, ok = b.span(x); ok {
			notes = append(notes, n)
		}
	}
	return notes
}

// Ask implements Source.
func (c *ShellCheck) Ask(ctx context.Context) error {
	if len(c.wanted) == 0 || c.failed {
		return nil
	}
	bodies := slices.Collect(maps.Keys(c.wanted))
	clear(c.wanted)
	comments, err := c.read(ctx, bodies)
	if err != nil {
		c.failed = true
		return err
	}
	for i, b := range bodies {
		c.known[b] = comments[i]
	}
	return nil
}

// read is what ShellCheck says about each of bodies. It sorts bodies.
func (c *ShellCheck) read(ctx context.Context, bodies []body) ([][]comment, error) {
	program, err := find(c.program)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "dockvet-*")
	if err != nil {
		return nil, fmt.Errorf("cannot create a directory to pass scripts to ShellCheck: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // what is left there, the system deletes
	order.By(bodies, func(a, b body) int {
		return cmp.Or(strings.Compare(a.dialect, b.dialect), strings.Compare(a.text, b.text), cmp.Compare(a.at, b.at))
	})
	for i, b := range bodies {
		if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)), []byte(b.text), 0o600); err != nil {
			return nil, fmt.Errorf("cannot pass scripts to ShellCheck: %w", err)
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
			results[i], errs[i] = run(ctx, program, dir, bodies[files[0]].dialect, files)
			<-free
		})
	}
	workers.Wait()
	out := make([][]comment, len(bodies))
	for _, comments := range results {
		for _, x := range comments {
			if i, err := strconv.Atoi(x.File); err == nil && i >= 0 && i < len(bodies) {
				out[i] = append(out[i], x)
			}
		}
	}
	order.By(errs, func(a, b error) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	errs = slices.CompactFunc(errs, func(a, b error) bool { return fmt.Sprint(a) == fmt.Sprint(b) })
	return out, errors.Join(errs...)
}

// find is the absolute path of program, which runs in another directory.
func find(program string) (string, error) {
	path, err := exec.LookPath(program)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if errors.Is(err, exec.ErrNotFound) {
		return "", fmt.Errorf("cannot run ShellCheck: `%s` is not in PATH; "+
			"install it, or give its path as in --shellcheck=/opt/shellcheck", program)
	}
	if err != nil {
		return "", fmt.Errorf("cannot run ShellCheck: %w", err)
	}
	return path, nil
}

// batch splits the numbers of bodies, which are sorted by dialect, into one list for each process. The scripts of a
// dialect are spread evenly over the workers, but not too thinly: the program takes longer to start than to read a few
// scripts.
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

// run is what one process says about files, whose names in dir are their numbers.
func run(ctx context.Context, program, dir, dialect string, files []int) ([]comment, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
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
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, fmt.Errorf("ShellCheck (%s) did not finish within %v", program, patience)
	case ctx.Err() != nil:
		return nil, ctx.Err()
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
		const format = "ShellCheck (%s) does not print the JSON that version 0.7 and newer print: %w"
		return nil, fmt.Errorf(format, program, err)
	}
	return out.Comments, nil
}
