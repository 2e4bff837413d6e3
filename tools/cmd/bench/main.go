// Bench measures the figures that limit dockvet's design: CPU time over a corpus, start-up, size and memory.
package main

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dockvet/dockvet/tools/internal/tree"
)

// The limits. CPU time is compared with BuildKit's parser, start-up with an empty program.
const (
	limitCPU     = 2.0
	stretchCPU   = 1.5
	limitStartup = 4.5
	limitInit    = 0.3 // ms, of our own packages
	limitSize    = 10_000_000
	limitMemory  = 256 << 20
)

func main() {
	if err := start(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			_, _ = fmt.Fprintln(os.Stderr, "bench:", err)
		}
		os.Exit(1)
	}
}

type bench struct {
	root, dir string // the repository; the directory of the programs that are measured
	corpus    string
	runs      int
	starts    int
	out       *tabwriter.Writer
	log       io.Writer
}

func start(args []string, stdout, stderr io.Writer) (err error) {
	root, err := tree.Root()
	if err != nil {
		return err
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	b := bench{root: root, log: stderr, out: tabwriter.NewWriter(stdout, 0, 8, 2, ' ', 0)}
	flags.StringVar(&b.corpus, "corpus", "", "a folder of Dockerfiles (default "+tree.Corpus+" from the repository)")
	flags.IntVar(&b.runs, "runs", 11, "how often each program runs over the corpus")
	flags.IntVar(&b.starts, "starts", 201, "how often each program is started")
	source := flags.String("source", root, "the folder of the dockvet to measure")
	if err := flags.Parse(args); err != nil {
		return err
	}
	b.corpus = tree.CorpusDir(root, b.corpus)
	if b.runs < 1 || b.starts < 1 {
		return errors.New("-runs and -starts must be 1 at least")
	}
	if b.dir, err = os.MkdirTemp("", "dockvet-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	if err := b.build(*source); err != nil {
		return err
	}
	for _, measure := range []func() error{b.overCorpus, b.startup, b.inits, b.size} {
		if err := measure(); err != nil {
			return err
		}
	}
	return nil
}

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
	for _, p := range []struct{ name, dir, pkg string }{
		{"dockvet", source, "./cmd/dockvet"}, {"baseline", filepath.Join(b.root, "tools"), "./cmd/baseline"}, {"nothing", empty, "."},
	} {
		cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", b.program(p.name), p.pkg)
		cmd.Dir = p.dir
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", p.name, err, out)
		}
	}
	return nil
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
	state     *os.ProcessState
	stderr    string
}

// run runs a program and discards its standard output. dockvet exits with 1 for findings, which is not a failure here.
func (b *bench) run(env []string, name string, args ...string) (result, error) {
	cmd := exec.Command(b.program(name), args...)
	cmd.Dir = b.dir
	// Use the same garbage collection for both, regardless of the caller's settings.
	cmd.Env = append(os.Environ(), "GOGC=100", "GOMEMLIMIT=off", "GODEBUG=")
	cmd.Env = append(cmd.Env, env...)
	var stderr bytes.Buffer
	if len(env) > 0 { // a pipe costs a goroutine, which must not count as start-up
		cmd.Stderr = &stderr
	}
	begin := time.Now()
	err := cmd.Run()
	r := result{wall: time.Since(begin), state: cmd.ProcessState, stderr: stderr.String()}
	if err != nil && (r.state == nil || r.state.ExitCode() != 1 || name != "dockvet") {
		return r, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, r.stderr)
	}
	r.cpu = r.state.UserTime() + r.state.SystemTime()
	return r, nil
}

// versus runs two programs alternately, so that anything that slows down the machine affects both, and returns the
// median of each, measured by of.
func (b *bench) versus(n int, of func(result) time.Duration, first, second func() (result, error)) (x, y time.Duration, err error) {
	var xs, ys []time.Duration
	for i := range n + 1 {
		r, err := first()
		if err != nil {
			return 0, 0, err
		}
		s, err := second()
		if err != nil {
			return 0, 0, err
		}
		if i > 0 { // the first run of each only warms the caches
			xs, ys = append(xs, of(r)), append(ys, of(s))
		}
	}
	return median(xs), median(ys), nil
}

func (b *bench) overCorpus() error {
	files, err := tree.Files(b.corpus)
	if err != nil || len(files) == 0 {
		_, _ = fmt.Fprintf(b.log, "no corpus at %s: CPU time and memory are not measured\n", b.corpus)
		return nil
	}
	for i, f := range files {
		if files[i], err = filepath.Abs(f); err != nil {
			return err
		}
	}
	list := filepath.Join(b.dir, "files")
	if err := os.WriteFile(list, []byte(strings.Join(files, "\n")+"\n"), 0o600); err != nil {
		return err
	}
	check := []string{"check", "--no-context", "--no-config", "--profile", "strict", "--format", "json", "--files-from", list}
	one := []string{"GOMAXPROCS=1"}
	ours, theirs, err := b.versus(b.runs, func(r result) time.Duration { return r.cpu },
		func() (result, error) { return b.run(one, "dockvet", check...) },
		func() (result, error) { return b.run(one, "baseline", list) })
	if err != nil {
		return err
	}
	ratio := float64(ours) / float64(theirs)
	if err := b.line("CPU time", fmt.Sprintf("%.2fx", ratio), fmt.Sprintf("%.1fx, stretch %.1fx", limitCPU, stretchCPU), ratio <= limitCPU,
		fmt.Sprintf("%d files: dockvet %v, BuildKit's parser %v", len(files), ours.Round(time.Millisecond), theirs.Round(time.Millisecond))); err != nil {
		return err
	}
	// With all processors, so that as many files as possible are in memory at once.
	r, err := b.run([]string{"GOMAXPROCS=" + strconv.Itoa(runtime.NumCPU())}, "dockvet", check...)
	if err != nil {
		return err
	}
	if rss, ok := peak(r.state); ok {
		return b.line("peak memory", fmt.Sprintf("%.0f MB", float64(rss)/(1<<20)), fmt.Sprintf("%d MB", limitMemory>>20), rss <= limitMemory,
			fmt.Sprintf("%d processors", runtime.NumCPU()))
	}
	return nil
}

// oneFile is the arguments for checking one small file.
func (b *bench) oneFile() ([]string, error) {
	name := filepath.Join(b.dir, "Dockerfile")
	err := os.WriteFile(name, []byte("FROM debian:latest\nRUN apt-get update && apt-get install -y curl\nCMD [\"curl\"]\n"), 0o600)
	return []string{"check", name}, err
}

func (b *bench) startup() error {
	check, err := b.oneFile()
	if err != nil {
		return err
	}
	ours, empty, err := b.versus(b.starts, func(r result) time.Duration { return r.wall },
		func() (result, error) { return b.run(nil, "dockvet", check...) },
		func() (result, error) { return b.run(nil, "nothing") })
	if err != nil {
		return err
	}
	ratio := float64(ours) / float64(empty)
	return b.line("start-up", fmt.Sprintf("%.2fx", ratio), fmt.Sprintf("%.1fx", limitStartup), ratio <= limitStartup,
		fmt.Sprintf("dockvet %v, empty program %v", ours.Round(time.Microsecond), empty.Round(time.Microsecond)))
}

func (b *bench) inits() error {
	check, err := b.oneFile()
	if err != nil {
		return err
	}
	var own, all []float64
	var last []initTime
	for range 11 {
		r, err := b.run([]string{"GODEBUG=inittrace=1"}, "dockvet", check...)
		if err != nil {
			return err
		}
		last = initTimes(r.stderr)
		var mine, total float64
		for _, p := range last {
			total += p.ms
			if p.own() {
				mine += p.ms
			}
		}
		own, all = append(own, mine), append(all, total)
	}
	slices.SortFunc(last, func(a, b initTime) int { return cmp.Compare(b.ms, a.ms) })
	var worst []string
	for _, p := range last[:min(3, len(last))] {
		worst = append(worst, fmt.Sprintf("%s %.3f", p.pkg, p.ms))
	}
	ms := median(own)
	return b.line("init of own packages", fmt.Sprintf("%.3f ms", ms), fmt.Sprintf("%.1f ms", limitInit), ms <= limitInit,
		fmt.Sprintf("of all packages %.3f ms; slowest: %s", median(all), strings.Join(worst, ", ")))
}

// initTime is the time that one package took to initialise.
type initTime struct {
	pkg string
	ms  float64
}

func (p initTime) own() bool {
	return p.pkg == "main" || p.pkg == tree.Module || strings.HasPrefix(p.pkg, tree.Module+"/")
}

// initTimes reads what the runtime prints for GODEBUG=inittrace=1.
func initTimes(trace string) []initTime {
	pattern := regexp.MustCompile(`(?m)^init (\S+) @[\d.]+ ms, ([\d.]+) ms clock,`)
	var out []initTime
	for _, m := range pattern.FindAllStringSubmatch(trace, -1) {
		if ms, err := strconv.ParseFloat(m[2], 64); err == nil {
			out = append(out, initTime{m[1], ms})
		}
	}
	return out
}

func (b *bench) size() error {
	info, err := os.Stat(b.program("dockvet"))
	if err != nil {
		return err
	}
	return b.line("binary", fmt.Sprintf("%.2f MB", float64(info.Size())/1e6), fmt.Sprintf("%d MB", limitSize/1_000_000), info.Size() <= limitSize,
		"stripped, without cgo")
}

// line prints one figure, and flushes it immediately because the measurements take a while.
func (b *bench) line(what, value, limit string, ok bool, more string) error {
	verdict := "ok"
	if !ok {
		verdict = "OVER"
	}
	if _, err := fmt.Fprintf(b.out, "%-20s\t%-10s\tlimit %-20s\t%-4s\t%s\n", what, value, limit, verdict, more); err != nil {
		return err
	}
	return b.out.Flush()
}

// median is the median of values, which it sorts; of an even number of values, the higher of the middle two.
func median[T time.Duration | float64](values []T) T {
	slices.Sort(values)
	return values[len(values)/2]
}
