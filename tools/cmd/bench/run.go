package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// build builds the three programs: dockvet as it is released, and the two that it is compared with.
func (b *bench) build(source string) error {
	empty := filepath.Join(b.dir, "empty")
	if err := os.Mkdir(empty, 0o755); err != nil {
		return err
	}
	for name, text := range map[string]string{"go.mod": "module empty\n\ngo 1.21\n", "main.go": "package main\n\nfunc main() {}\n"} {
		if err := os.WriteFile(filepath.Join(empty, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	// The Makefile takes the flags of a release.
	release := exec.Command("make", "build")
	release.Dir = source
	if out, err := release.CombinedOutput(); err != nil {
		return fmt.Errorf("build dockvet: %w\n%s", err, out)
	}
	if err := b.install("dockvet", filepath.Join(source, "bin", "dockvet")); err != nil {
		return err
	}
	linked := filepath.Join(b.dir, "linked")
	for _, p := range []struct{ name, dir, pkg string }{
		{"baseline", filepath.Join(b.root, "tools"), "./cmd/baseline"}, {"nothing", empty, "."},
	} {
		cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", linked, p.pkg)
		cmd.Dir = p.dir
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", p.name, err, out)
		}
		if err := b.install(p.name, linked); err != nil {
			return err
		}
	}
	return nil
}

// install copies what the linker has written, as an installation does. The linker writes to mapped memory, so that the kernel keeps the
// file in single pages, but a copy in large pieces. The empty program starts slower by a twentieth without this, dockvet by a quarter.
func (b *bench) install(name, linked string) error {
	program, err := os.ReadFile(linked)
	if err != nil {
		return err
	}
	return os.WriteFile(b.program(name), program, 0o700) //nolint:gosec // it is to be run
}

func (b *bench) program(name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(b.dir, name)
}

// result is one run of a program.
type result struct {
	cpu, wall time.Duration
	memory    int64 // its peak in bytes, 0 if unknown
	stderr    string
}

func cpu(r result) time.Duration  { return r.cpu }
func wall(r result) time.Duration { return r.wall }

// run is runIn the directory of all programs and files.
func (b *bench) run(env []string, name string, args ...string) (result, error) {
	return b.runIn(b.dir, env, name, args...)
}

// runIn runs a program, one of ours or one of the system, in dir and discards its standard output. dockvet exits with 1 for findings, which
// is not a failure here.
func (b *bench) runIn(dir string, env []string, name string, args ...string) (result, error) {
	program := b.program(name)
	if name == "find" {
		program = name
	}
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	// Whatever the caller has set, each program collects garbage as it does by itself.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(s string) bool {
		return strings.HasPrefix(s, "GOGC=") || strings.HasPrefix(s, "GOMEMLIMIT=") || strings.HasPrefix(s, "GODEBUG=")
	})
	cmd.Env = append(cmd.Env, env...)
	var stderr bytes.Buffer
	if len(env) > 0 { // a pipe costs a goroutine, which must not count as start-up
		cmd.Stderr = &stderr
	}
	begin := time.Now()
	err := cmd.Run()
	r := result{wall: time.Since(begin), stderr: stderr.String()}
	if err != nil && (cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 1 || name != "dockvet") {
		return r, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, r.stderr)
	}
	r.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	r.memory, _ = peak(cmd.ProcessState)
	return r, nil
}

// runner runs a program once.
type runner func() (result, error)

// on is the runner of a program on one processor.
func (b *bench) on(name string, args ...string) runner {
	return func() (result, error) { return b.run([]string{"GOMAXPROCS=1"}, name, args...) }
}

// pair is what two programs took. ratio is the median of the ratios of all pairs of runs.
type pair struct {
	first, second time.Duration // medians
	ratio         float64
	memory        int64 // the most that the first one took
}

// versus runs programs in turn, so that anything that slows down the machine affects all of them, and compares each of the first ones with
// floor.
func versus(n int, of func(result) time.Duration, floor runner, firsts ...runner) ([]pair, error) {
	xs, ratios := make([][]time.Duration, len(firsts)), make([][]float64, len(firsts))
	pairs := make([]pair, len(firsts))
	var ys []time.Duration
	for i := range n + 1 {
		y, err := floor()
		if err != nil {
			return nil, err
		}
		if i > 0 { // the first run of each only warms the caches
			ys = append(ys, of(y))
		}
		for k, first := range firsts {
			x, err := first()
			if err != nil {
				return nil, err
			}
			if i > 0 {
				xs[k] = append(xs[k], of(x))
				ratios[k] = append(ratios[k], float64(of(x))/float64(of(y)))
				pairs[k].memory = max(pairs[k].memory, x.memory)
			}
		}
	}
	for k := range pairs {
		p := &pairs[k]
		p.first, p.second, p.ratio = median(xs[k]).Round(10*time.Microsecond), median(ys).Round(10*time.Microsecond), median(ratios[k])
	}
	return pairs, nil
}

// median is the median of values, which it sorts; of an even number of values, the higher of the middle two.
func median[T time.Duration | float64](values []T) T {
	slices.Sort(values)
	return values[len(values)/2]
}
