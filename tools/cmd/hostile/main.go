// Hostile runs dockvet on generated input of every surface that is as bad as the size limits allow, and prints what
// each costs: Dockerfiles, repositories, ignore files, configurations, and descriptions of builds. It fails if a run
// takes too long or too much memory, ends with another exit code than 0, 1 or 2, writes outside the repository, or
// prints what a file outside of it holds.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dockvet/dockvet/tools/internal/tree"
)

// The limits of a run.
const (
	limitCPU    = 2 * time.Second // user and system, on one processor
	limitMemory = 256 << 20       // bytes, the largest resident set
	patience    = 3 * time.Minute // for what hangs: on a busy machine, little CPU time takes long
)

func main() {
	if err := start(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			_, _ = fmt.Fprintln(os.Stderr, "hostile:", err)
		}
		os.Exit(1)
	}
}

func start(args []string, stdout, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("hostile", flag.ContinueOnError)
	flags.SetOutput(stderr)
	program := flags.String("program", "", "the dockvet to run (default: built from this checkout)")
	match := flags.String("run", "", "only run the shapes whose surface and name match this regular expression")
	verbose := flags.Bool("v", false, "print a row for each run and not only the worst of a shape")
	if err := flags.Parse(args); err != nil {
		return err
	}
	pattern, err := regexp.Compile(*match)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "hostile-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if *program == "" {
		if *program, err = build(dir); err != nil {
			return err
		}
	} else if *program, err = filepath.Abs(*program); err != nil {
		return err
	}
	out := tabwriter.NewWriter(stdout, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(out, "surface\tinput\tbytes\tCPU\tmemory\texit\tworst run\t")
	failed, count := 0, 0
	for _, s := range shapes() {
		if !pattern.MatchString(s.surface + " " + s.name) {
			continue
		}
		count++
		r, err := s.measure(*program, dir)
		if err != nil {
			return fmt.Errorf("%s, %s: %w", s.surface, s.name, err)
		}
		if len(r.faults) > 0 {
			failed++
		}
		r.print(out, &s, *verbose)
		if err := out.Flush(); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(stdout, "%d inputs, %d failed; the limits are %v of CPU and %d MB\n", count, failed, limitCPU, limitMemory>>20)
	if err == nil && failed > 0 {
		err = fmt.Errorf("%d of %d inputs failed", failed, count)
	}
	return err
}

// build builds dockvet into dir.
func build(dir string) (string, error) {
	root, err := tree.Root()
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "dockvet")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", program, "./cmd/dockvet")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build dockvet: %w\n%s", err, out)
	}
	return program, nil
}

// report is what the runs of a shape cost.
type report struct {
	runs   []run
	bytes  int64 // of the input
	faults []string
}

// print prints a row for each run, or one with the worst figures of all.
func (r *report) print(out io.Writer, s *shape, verbose bool) {
	var worst run
	var codes []string
	for _, x := range r.runs {
		codes = append(codes, fmt.Sprint(x.code))
		if verbose {
			_, _ = fmt.Fprintf(out, "%s\t%s\t%d\t%.2f s\t%d MB\t%d\t%s\t\n", s.surface, s.name, r.bytes, x.cpu.Seconds(), x.memory>>20, x.code, strings.Join(x.args, " "))
		}
		if x.cpu > worst.cpu {
			worst.cpu, worst.args = x.cpu, x.args
		}
		worst.memory = max(worst.memory, x.memory)
	}
	verdict := "ok"
	if len(r.faults) > 0 {
		verdict = "FAILED: " + strings.Join(r.faults, "; ")
	}
	if verbose {
		_, _ = fmt.Fprintf(out, "\t\t\t\t\t\t\t%s\n", verdict)
		return
	}
	_, _ = fmt.Fprintf(out, "%s\t%s\t%d\t%.2f s\t%d MB\t%s\t%s\t%s\n", s.surface, s.name, r.bytes, worst.cpu.Seconds(), worst.memory>>20,
		strings.Join(codes, "/"), strings.Join(worst.args, " "), verdict)
}
