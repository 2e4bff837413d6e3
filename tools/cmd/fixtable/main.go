// Fixtable measures the effect of fixing a corpus of Dockerfiles: how many findings remain, whether each result
// parses and builds the same, whether a second run changes nothing, and the cost.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dockvet/dockvet/internal/fix"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules"

	"github.com/dockvet/dockvet/tools/internal/oracle"
	"github.com/dockvet/dockvet/tools/internal/tree"
)

// The limits.
const (
	limitRemoved = 0.95  // of the findings whose rules have safe fixes
	limitStable  = 0.995 // of the files, with unsafe fixes
	limitCPU     = 3.0   // fixing, relative to checking
)

func main() {
	if err := start(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			_, _ = fmt.Fprintln(os.Stderr, "fixtable:", err)
		}
		os.Exit(1)
	}
}

type table struct {
	root, corpus string
	profile      lint.Profile
	linter       *lint.Linter
	names        []string
	sources      [][]byte
	out          *tabwriter.Writer
	log          io.Writer // describes each failure; nil if not wanted
	over         bool      // a limit was exceeded
	mutants      bool      // the files are mutated ones, of which some cannot be fixed
}

func start(args []string, stdout, stderr io.Writer) error {
	root, err := tree.Root()
	if err != nil {
		return err
	}
	flags := flag.NewFlagSet("fixtable", flag.ContinueOnError)
	flags.SetOutput(stderr)
	t := table{root: root, out: tabwriter.NewWriter(stdout, 0, 8, 2, ' ', 0)}
	flags.StringVar(&t.corpus, "corpus", "", "a folder of Dockerfiles (default "+tree.Corpus+" from the repository)")
	profile := flags.String("profile", lint.Strict.String(), "which rules to run: "+strings.Join(lint.Profiles(), ", "))
	runs := flags.Int("runs", 3, "how often fixing and checking are timed; 0 leaves the times out")
	mutants := flags.Int("mutants", 0, "fix so many mutated files instead of the corpus itself")
	seed := flags.Uint64("seed", 1, "which mutated files")
	verbose := flags.Bool("v", false, "say on standard error which file fails and how")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var ok bool
	if t.profile, ok = lint.ParseProfile(*profile); !ok {
		return fmt.Errorf("no profile is called %s", *profile)
	}
	if *verbose {
		t.log = stderr
	}
	t.corpus = tree.CorpusDir(root, t.corpus)
	if err := t.read(); err != nil {
		return err
	}
	if t.mutants = *mutants > 0; t.mutants {
		t.mutate(*mutants, *seed)
		*runs = 0
	}
	t.linter = lint.New(rules.All(), lint.Settings{Profile: t.profile, Now: time.Now()})
	t.line("profile", t.profile.String(), "", true)
	t.line("files", fmt.Sprint(len(t.names)), "", true)
	for _, unsafe := range []bool{false, true} {
		t.measure(unsafe)
		if err := t.out.Flush(); err != nil {
			return err
		}
	}
	if *runs > 0 {
		if err := t.times(*runs); err != nil {
			return err
		}
	}
	if err := t.out.Flush(); err != nil {
		return err
	}
	if t.over {
		return errors.New("a limit does not hold")
	}
	return nil
}

func (t *table) read() error {
	names, err := tree.Files(t.corpus)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return fmt.Errorf("no files in %s", t.corpus)
	}
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		short, err := filepath.Rel(t.corpus, name)
		if err != nil {
			return err
		}
		t.names, t.sources = append(t.names, filepath.ToSlash(short)), append(t.sources, src)
	}
	return nil
}

// counts are the results of fixing the corpus in one way.
type counts struct {
	before, after  int // findings whose rules have safe fixes
	offered, open  int // findings with a fix that this run may apply
	changed        int // files
	broken         int // files that parse before but not after
	differ, builds int // files that build something else, according to plan.Diff and to BuildKit (of those that BuildKit accepts before)
	compared       int // files that BuildKit accepts before
	silent         int // files whose build changes according to BuildKit, although the result does not say so
	stable         int // files that a second run does not change
	failures       int // fixes that were not what they claimed
}

func (t *table) measure(unsafe bool) {
	var c counts
	for i, src := range t.sources {
		t.one(&c, t.names[i], src, unsafe)
	}
	name := "--fix"
	if unsafe {
		name += " --unsafe-fixes"
	}
	n := len(t.sources)
	t.line(name, "", "", true)
	if !unsafe {
		removed := share(c.before-c.after, c.before)
		t.line("  findings of rules with safe fixes", fmt.Sprintf("%d before, %d after: %s removed", c.before, c.after, percent(removed)), ">= "+percent(limitRemoved), removed >= limitRemoved || t.mutants)
	}
	t.line("  findings with a fix to apply", fmt.Sprintf("%d before, %d after", c.offered, c.open), "", true)
	t.line("  files changed", fmt.Sprintf("%d (%s)", c.changed, percent(share(c.changed, n))), "", true)
	t.line("  parse before and not after", fmt.Sprint(c.broken), "0", c.broken == 0)
	if unsafe {
		t.line("  build changes (plan / BuildKit)", fmt.Sprintf("%d / %d of %d that it accepts", c.differ, c.builds, c.compared), "", true)
	} else {
		t.line("  build changes (plan)", fmt.Sprint(c.differ), "0", c.differ == 0)
		t.line("  build changes (BuildKit)", fmt.Sprintf("%d of %d that it accepts", c.builds, c.compared), "0", c.builds == 0)
	}
	t.line("  build changes and nothing says so", fmt.Sprint(c.silent), "0", c.silent == 0)
	stable, limit := share(c.stable, n), 1.0
	if unsafe && !t.mutants {
		limit = limitStable
	}
	t.line("  second run changes nothing", fmt.Sprintf("%d (%s)", c.stable, percent(stable)), ">= "+percent(limit), stable >= limit)
	t.line("  fixes dropped as bugs of their rules", fmt.Sprint(c.failures), "0", c.failures == 0)
}

// one fixes one file twice and counts the results.
func (t *table) one(c *counts, name string, src []byte, unsafe bool) {
	first := t.linter.Lint(lint.Build{Plan: plan.New(parser.Parse(name, src), plan.Options{})})
	r := t.fix(name, src, unsafe)
	c.before += safe(first)
	c.after += safe(r.Findings)
	c.offered += fixable(first, unsafe)
	c.open += fixable(r.Findings, unsafe)
	for _, f := range r.Failures {
		c.failures++
		t.say("%s: bug in the fix `%s` of %s: %s", name, f.Title, f.Rule.Name, f.Reason)
	}
	if t.log != nil && !unsafe {
		for _, f := range r.Findings {
			if f.Rule.Fix == lint.Safe {
				t.say("%s:%d: left by %s: %s", name, f.Source.Lines.Line(f.Span.Start), f.Rule.Name, f.Message)
			}
		}
	}
	if bytes.Equal(r.Source, src) {
		c.stable++
		if _, ok := oracle.Builds(src); ok {
			c.compared++
		}
		return
	}
	c.changed++
	before, after := parser.Parse(name, src), parser.Parse(name, r.Source)
	if len(before.Errors) == 0 && len(after.Errors) > 0 {
		c.broken++
		t.say("%s: does not parse: %s", name, after.Errors[0].Message)
	}
	changes := plan.Diff(plan.New(before, plan.Options{}), plan.New(after, plan.Options{}))
	if len(changes) > 0 {
		c.differ++
		if !unsafe {
			t.say("%s: the build changes: %s", name, changes[0])
		}
	}
	if was, ok := oracle.Builds(src); ok {
		c.compared++
		is, ok := oracle.Builds(r.Source)
		switch {
		case !ok:
			c.broken++
			t.say("%s: BuildKit refuses the result", name)
		case !slices.Equal(was, is):
			c.builds++
			if len(r.Changes) == 0 {
				c.silent++
				t.say("%s: the build changes and nothing says so", name)
			}
		}
	}
	again := t.fix(name, r.Source, unsafe)
	if bytes.Equal(again.Source, r.Source) {
		c.stable++
	} else {
		t.say("%s: a second run changes it, by %s", name, again.Applied[0].Rule.Name)
	}
}

func (t *table) fix(name string, src []byte, unsafe bool) fix.Result {
	return fix.Run(src, fix.Options{Name: name, Unsafe: unsafe, Lint: func(p *plan.Plan, _ map[string]string) []*lint.Finding {
		return t.linter.Lint(lint.Build{Plan: p})
	}})
}

// safe counts findings of rules whose fix is safe.
func safe(findings []*lint.Finding) int {
	n := 0
	for _, f := range findings {
		if f.Rule.Fix == lint.Safe {
			n++
		}
	}
	return n
}

// fixable counts findings that have a fix to apply.
func fixable(findings []*lint.Finding, unsafe bool) int {
	n := 0
	for _, f := range findings {
		if slices.ContainsFunc(f.Fixes, func(x lint.Fix) bool { return x.Safety == lint.Safe || unsafe && x.Safety == lint.Unsafe }) {
			n++
		}
	}
	return n
}

// times compares the CPU time of `check --fix` over a fresh copy of the corpus with that of `check`, alternating
// between them.
func (t *table) times(runs int) (err error) {
	dir, err := os.MkdirTemp("", "dockvet-fixtable-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	program := filepath.Join(dir, "dockvet")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", program, "./cmd/dockvet")
	build.Dir = t.root
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build dockvet: %w\n%s", err, out)
	}
	ways := [][]string{nil, {"--fix"}, {"--fix", "--unsafe-fixes"}}
	spent := make([][]time.Duration, len(ways))
	for range runs {
		for i, way := range ways {
			cpu, err := t.run(dir, program, way)
			if err != nil {
				return err
			}
			spent[i] = append(spent[i], cpu)
		}
	}
	for i := range spent {
		slices.Sort(spent[i])
	}
	check := spent[0][runs/2]
	for i, way := range ways[1:] {
		took := spent[i+1][runs/2]
		ratio := float64(took) / float64(check)
		t.line("CPU of "+strings.Join(way, " "), fmt.Sprintf("%.2fx (%v; check alone %v)", ratio, took.Round(time.Millisecond), check.Round(time.Millisecond)),
			fmt.Sprintf("<= %.1fx", limitCPU), ratio <= limitCPU)
	}
	return nil
}

// run runs the program over an unfixed copy of the corpus.
func (t *table) run(dir, program string, flags []string) (time.Duration, error) {
	work := filepath.Join(dir, "copy")
	for i, name := range t.names {
		to := filepath.Join(work, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return 0, err
		}
		if err := os.WriteFile(to, t.sources[i], 0o600); err != nil {
			return 0, err
		}
	}
	list := filepath.Join(dir, "files")
	if err := os.WriteFile(list, []byte(strings.Join(t.names, "\n")+"\n"), 0o600); err != nil {
		return 0, err
	}
	args := append([]string{"check", "--no-context", "--no-config", "--profile", t.profile.String(), "--format", "json", "--files-from", list}, flags...)
	cmd := exec.Command(program, args...)
	cmd.Dir = work
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1", "GOGC=100", "GOMEMLIMIT=off", "GODEBUG=")
	err := cmd.Run()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() > 1 || cmd.ProcessState.ExitCode() < 0 {
		return 0, fmt.Errorf("dockvet %s: %w", strings.Join(args, " "), err)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), os.RemoveAll(work)
}

func (t *table) say(format string, args ...any) {
	if t.log != nil {
		_, _ = fmt.Fprintf(t.log, format+"\n", args...) // only for people to read
	}
}

func (t *table) line(what, value, limit string, ok bool) {
	verdict := ""
	switch {
	case !ok:
		verdict, t.over = "OVER", true
	case limit != "":
		verdict = "ok"
	}
	_, _ = fmt.Fprintf(t.out, "%s\t%s\t%s\t%s\n", what, value, limit, verdict) // Flush reports the error
}

func share(part, whole int) float64 { return float64(part) / float64(max(whole, 1)) }

func percent(x float64) string { return fmt.Sprintf("%.1f%%", 100*x) }
