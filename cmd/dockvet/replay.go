package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/disk"
	"github.com/dockvet/dockvet/internal/fix"
	"github.com/dockvet/dockvet/internal/history"
	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/internal/rebuild"
	"github.com/dockvet/dockvet/internal/reorder"
	"github.com/dockvet/dockvet/internal/replay"
	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/report"
	"github.com/dockvet/dockvet/rules/cache"
	"github.com/dockvet/dockvet/shell"
)

// replayer is the flags of `dockvet replay`.
type replayer struct {
	*app
	format, output, color    string
	context, target, timings string
	buildArgs                []string
	buildContexts            []string
	commits                  int
	since                    string
	asCommitted, quiet       bool
	minGain                  float64
}

func (a *app) replay() *cobra.Command {
	v := &replayer{app: a}
	cmd := &cobra.Command{
		Use:   "replay [PATH…]",
		Short: "Show what the order of steps costs over the git history",
		Long: `Show what the order of steps costs: replay the git history against each build, and say which steps the layer
cache would have kept, which would have run again, and because of which files. A PATH is a Dockerfile or a directory
(default: the working directory).

Today's Dockerfile and ignore file are replayed over the files of each commit. Nothing is built, fetched or written;
git only reads.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error { return v.run(args) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&v.format, "format", "f", "text", "print in `FORMAT`: "+strings.Join(replayFormats(), ", "))
	f.StringVarP(&v.output, "output", "o", "", "write to `FILE`, completely or not at all")
	f.IntVar(&v.commits, "commits", 200, "replay the last `N` commits of the first-parent line, at most "+strconv.Itoa(history.MaxCommits))
	f.StringVar(&v.since, "since", "", "replay all commits since `DATE`, such as 2026-01-31")
	f.BoolVar(&v.asCommitted, "as-committed", false, "use the Dockerfile and the ignore file of each commit instead of today's")
	f.StringVar(&v.timings, "timings", "",
		"take the cost of steps from `FILE`, a build log of --progress=rawjson or --progress=plain")
	f.Float64Var(&v.minGain, "min-gain", 0.05, "propose changes that save at least `SHARE` of the cost, from 0 to 1")
	f.StringVar(&v.context, "context", "", "use `DIR` as the build context")
	f.StringVar(&v.target, "target", "", "build `STAGE` (default: the last one)")
	f.Var(&listFlag{&v.buildArgs, false}, "build-arg",
		"set a build argument, as in `KEY=VALUE`; KEY=commit has another value for each commit")
	f.Var(&listFlag{&v.buildContexts, false}, "build-context", "add a named build context, as in `NAME=DIR`")
	f.BoolVarP(&v.quiet, "quiet", "q", false, "show no progress")
	f.StringVar(&v.color, "color", "auto", "use colours `WHEN`: "+strings.Join(colorModes(), ", "))
	complete(cmd, "format", replayFormats)
	complete(cmd, "color", colorModes)
	return cmd
}

func replayFormats() []string { return []string{"text", "json", "html"} }

func (v *replayer) run(args []string) error {
	if err := checkName("format", v.format, replayFormats()); err != nil {
		return err
	}
	if err := checkName("colour mode", v.color, colorModes()); err != nil {
		return err
	}
	if err := checkContext(v.context); err != nil {
		return err
	}
	o, err := v.options()
	if err != nil {
		return err
	}
	var timings replay.Timings
	if v.timings != "" {
		data, err := disk.ReadNamed(v.timings)
		if err == nil {
			timings, err = replay.ReadTimings(data)
		}
		if err != nil {
			return fmt.Errorf("--timings: %w", workspace.CannotRead(v.timings, err))
		}
	}
	var names []string
	for _, arg := range v.buildContexts {
		name, _, _ := strings.Cut(arg, "=")
		names = append(names, name)
	}
	w, err := v.open(workspace.Config{}, workspace.Options{
		Context: v.context, Target: v.target, Args: o.Args, NamedContexts: names,
	})
	if err != nil {
		return err
	}
	o.Sub = v.files.Sub
	if len(args) == 0 {
		args = []string{"."}
	}
	var repositories *rebuild.Repositories
	line := v.progress("replaying commits", 0, v.quiet)
	o.Progress = func(_ string, done int) { line.step(done) }
	begin := func(names []string, dir string) {
		repositories = rebuild.New(o, names)
		repositories.Start(context.Background(), dir)
	}
	if !v.asCommitted { // git reads while we look for Dockerfiles
		begin(nil, w.Abs(directoryOf(args[0])))
		defer repositories.Close()
	}
	targets, errs := w.Find(args)
	for _, err := range errs {
		v.warn(err)
	}
	targets = slices.DeleteFunc(targets, func(t workspace.Target) bool { return t.Describes || t.Name == "" })
	if len(targets) == 0 && len(errs) == 0 {
		v.warn(errors.New("no Dockerfile found"))
	}
	if v.asCommitted && len(targets) > 0 {
		files := make([]string, len(targets))
		for i, t := range targets {
			files[i] = w.Abs(t.Name)
		}
		begin(files, filepath.Dir(files[0]))
		defer repositories.Close()
	}
	page := &report.Replay{Tool: "dockvet " + version(), Made: time.Now()}
	gc := newCollector(math.MaxInt)
	defer gc.end()
	for _, f := range v.replayAll(w, targets, repositories, timings, gc) {
		for _, err := range f.errs {
			v.warn(err)
		}
		page.Builds = append(page.Builds, f.builds...)
	}
	line.end()
	v.tellRefused()
	return v.write(v.output, v.color, false, func(out io.Writer, o report.Options) error {
		switch v.format {
		case "json":
			return page.WriteJSON(out)
		case "html":
			return page.WriteHTML(out)
		}
		return forPeople(out, o.Width > 0, func(w io.Writer) error { return page.WriteText(w, o) })
	})
}

// options are what the flags say about the replay.
func (v *replayer) options() (o rebuild.Options, err error) {
	o.AsCommitted = v.asCommitted
	switch {
	case v.commits < 1 || v.commits > history.MaxCommits:
		return o, fmt.Errorf("--commits must be from 1 to %d", history.MaxCommits)
	case v.minGain < 0 || v.minGain > 1:
		return o, errors.New("--min-gain must be from 0 to 1")
	case v.since != "":
		o.History.Since, err = time.ParseInLocation("2006-01-02", v.since, time.UTC)
		if err != nil {
			o.History.Since, err = time.Parse(time.RFC3339, v.since)
		}
		if err != nil {
			return o, fmt.Errorf("--since takes a date such as 2026-01-31, not `%s`", v.since)
		}
	default:
		o.History.Commits = v.commits
	}
	o.Args = workspace.BuildArgs(v.buildArgs, os.LookupEnv)
	for name, value := range o.Args {
		if value == "commit" {
			o.Changing = append(o.Changing, name)
			delete(o.Args, name)
		}
	}
	slices.Sort(o.Changing)
	return o, nil
}

// directoryOf is name if it is a directory, else the one that it is in.
func directoryOf(name string) string {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return name
	}
	return filepath.Dir(name)
}

// replayedFile is the outcome for a Dockerfile.
type replayedFile struct {
	loaded *workspace.Dockerfile
	builds []report.ReplayBuild
	errs   []error
}

// replayAll replays all builds of targets, on all processors. The first Dockerfiles are loaded while git still reads.
func (v *replayer) replayAll(w *workspace.Workspace, targets []workspace.Target, r *rebuild.Repositories, timings replay.Timings, gc *collector) []replayedFile {
	const ahead = 500 // as many are kept
	out := make([]replayedFile, len(targets))
	load := func(i int) {
		d, err := w.Load(targets[i])
		if err != nil {
			out[i].errs = append(out[i].errs, err)
			return
		}
		out[i].loaded, out[i].errs = d, append(out[i].errs, d.Errs...)
	}
	parallel(min(len(targets), ahead), load)
	var mu sync.Mutex
	parallel(len(targets), func(i int) {
		if i >= ahead {
			load(i)
		}
		if f := &out[i]; f.loaded != nil {
			v.file(w, targets[i], r, timings, f)
			f.loaded = nil
		}
		mu.Lock()
		defer mu.Unlock()
		gc.step()
	})
	return out
}

// parallel calls f for 0 to n-1, as many at once as there are processors.
func parallel(n int, f func(i int)) {
	var next atomic.Int64
	var done sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		done.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				f(i)
			}
		})
	}
	done.Wait()
}

// file replays all builds of a Dockerfile.
func (v *replayer) file(w *workspace.Workspace, t workspace.Target, repositories *rebuild.Repositories, timings replay.Timings, f *replayedFile) {
	for _, b := range f.loaded.Builds {
		if b.Plan.Target == nil {
			continue // Errs says so
		}
		r, err := repositories.Replay(context.Background(), rebuild.Build{
			Name: w.Abs(t.Name), Dir: w.Abs(b.Dir), File: f.loaded.File, Options: b.Options, Context: b.Context,
		})
		if err != nil {
			f.errs = append(f.errs, fmt.Errorf("%s: not replayed: %w", t.Path, err))
			continue
		}
		shown := v.describeReplay(t.Path, filepath.ToSlash(b.Dir), r, timings)
		if !v.asCommitted {
			p := proposer{v, w, b, r, timings, shown.Now}
			shown.Proposals = p.proposals()
		}
		f.builds = append(f.builds, shown)
	}
}

// proposer looks for better orders of a build's steps.
type proposer struct {
	*replayer
	workspace *workspace.Workspace
	build     *workspace.Build
	replayed  *rebuild.Replayed
	timings   replay.Timings
	now       float64 // the cost of the order as it is
}

// arrangement is an order of steps, and an ignore file, with what they cost.
type arrangement struct {
	titles  []string // of the changes
	file    *parser.File
	ignore  string // what is added to the ignore file
	context *buildcontext.Context
	cost    float64
	again   *rebuild.Replayed
	costs   replay.Costs
}

// maxArrangements bounds how many changes are made one after the other.
const maxArrangements = 6

// proposals are the changes that save enough, the best first. If several that are made one after the other save more, they are one.
func (p *proposer) proposals() []report.ReplayProposal {
	if p.now == 0 {
		return nil
	}
	first := p.others(arrangement{file: p.replayed.Plan.File, context: p.build.Context, again: p.replayed})
	var best []arrangement
	for next := first; len(next) > 0 && len(best) < maxArrangements; {
		at := next[0]
		if len(best) > 0 {
			before := best[len(best)-1]
			if at.cost > before.cost {
				break
			}
			titles := before.titles
			if !slices.Contains(titles, at.titles[0]) {
				titles = append(slices.Clip(titles), at.titles[0])
			}
			at.titles = titles
		} else if at.cost > p.now {
			break
		}
		best = append(best, at)
		next = p.others(at)
	}
	var out []report.ReplayProposal
	// Of the changes in a row, those at the end that save next to nothing are left out.
	const little = 0.005
	for len(best) > 1 && best[len(best)-2].cost-best[len(best)-1].cost < little*p.now {
		best = best[:len(best)-1]
	}
	var parts []string // of a proposal that several are parts of
	if n := len(best) - 1; n > 0 && p.saves(best[n]) {
		parts = best[n].titles
		out = append(out, p.describe(best[n]))
	}
	for _, a := range first {
		if p.saves(a) {
			x := p.describe(a)
			x.Part = slices.Contains(parts, a.titles[0])
			out = append(out, x)
		}
	}
	return out
}

func (p *proposer) saves(a arrangement) bool {
	return p.now-a.cost >= p.minGain*p.now && a.cost < p.now
}

// others are the arrangements that differ from at in one change, the cheapest first.
func (p *proposer) others(at arrangement) []arrangement {
	current := p.plan(at.file)
	rules := []*lint.Rule{cache.CopyBeforeInstall, cache.EarlyChangingArg, reorder.Later}
	if len(p.timings) == 0 {
		rules = append(rules, reorder.Mounted) // a build log does not tell what a step costs with a mount
	}
	linter := lint.New(rules, lint.Settings{Profile: lint.Strict, NoComments: true})
	findings := linter.Lint(lint.Build{Plan: current, Context: at.context, Services: p.build.Services})
	var out []arrangement
	try := func(next arrangement) {
		again, err := p.replayed.Again(next.file, next.context)
		if err != nil {
			return
		}
		next.again, next.costs = again, replay.CostsOf(again.Result, new(shell.Scripts), p.timings)
		next.cost, _ = next.costs.Per(again.Result)
		out = append(out, next)
	}
	for _, c := range reorder.Candidates(current, at.context, findings, p.replayed.Changing) {
		try(arrangement{titles: []string{c.Title}, file: parser.Parse(at.file.Name, c.Source), ignore: at.ignore, context: at.context})
	}
	if lines := reorder.Ignorable(current, at.context, at.again.Files()); len(lines) > 0 && at.ignore == "" {
		text := strings.Join(lines, "\n") + "\n"
		before, err := p.ignoreFile()
		if err == nil {
			var c *buildcontext.Context
			if c, err = p.workspace.Reopen(p.build, map[string]string{p.ignoreName(): joinLines(before, text)}); err == nil {
				title := "exclude in `" + p.ignoreName() + "` what no step is known to read"
				try(arrangement{titles: []string{title}, file: at.file, ignore: text, context: c})
			}
		}
	}
	order.By(out, func(a, b arrangement) int { return cmp.Compare(a.cost, b.cost) })
	return out
}

// ignoreName is the ignore file of the build, or the one to create.
func (p *proposer) ignoreName() string { return cmp.Or(p.build.Context.Ignore, ".dockerignore") }

// ignoreFile is the text of the ignore file, "" without one.
func (p *proposer) ignoreFile() (string, error) {
	if p.build.Context.Ignore == "" {
		return "", nil
	}
	data, err := fix.ReadInside(p.files, p.workspace.Abs(p.build.Dir), p.build.Context.Ignore)
	return string(data), err
}

// joinLines is text below before, which may not end its last line.
func joinLines(before, text string) string {
	if before != "" && !strings.HasSuffix(before, "\n") {
		before += "\n"
	}
	return before + text
}

func (p *proposer) plan(f *parser.File) *plan.Plan { return plan.New(f, p.build.Options) }

func (p *proposer) describe(o arrangement) report.ReplayProposal {
	var diff strings.Builder
	before := p.replayed.Plan.File
	var changes []report.Change
	inside := func(name string) string { return cmp.Or(p.replayed.Relative(p.workspace.Abs(name)), name) }
	if !bytes.Equal(before.Bytes, o.file.Bytes) {
		changes = append(changes, report.Change{Name: inside(before.Name), Before: before.Bytes, After: o.file.Bytes})
	}
	if ignored, err := p.ignoreFile(); o.ignore != "" && err == nil {
		changes = append(changes, report.Change{
			Name: inside(path.Join(filepath.ToSlash(p.build.Dir), p.ignoreName())), Create: p.build.Context.Ignore == "",
			Before: []byte(ignored), After: []byte(joinLines(ignored, o.ignore)),
		})
	}
	_ = report.WriteDiff(&diff, changes, report.Options{}) // a Builder does not fail
	difference := reorder.Differences(p.plan(before), p.plan(o.file))
	out := report.ReplayProposal{
		Title: strings.Join(o.titles, "; "), Cost: o.cost, Gain: (p.now - o.cost) / p.now, Diff: diff.String(),
		Moved: difference.Moved, Mounted: difference.Mounted, Changes: difference.Clauses,
	}
	if o.ignore != "" {
		out.Changes = append(out.Changes, p.excluded(o))
	}
	_, each := o.costs.Per(o.again.Result)
	for i, s := range o.again.Steps {
		out.Steps = append(out.Steps, p.replayStep(o.again, s, o.costs.Kinds[i], each[i]))
	}
	return out
}

// excluded says what the lines that o adds to the ignore file take away.
func (p *proposer) excluded(o arrangement) string {
	var names []string
	for _, s := range p.replayed.Lost(o.again.Result) {
		names = append(names, "`"+stageName(s)+"`")
	}
	where := "the build context"
	switch len(names) {
	case 0:
	case 1:
		where = "stage " + names[0]
	default:
		where = "each of the stages " + strings.Join(names, ", ")
	}
	return where + " no longer has the files that the new lines in `" + p.ignoreName() + "` exclude; a step that reads one of them without naming it would change"
}

// describeReplay is r as it is shown.
func (v *replayer) describeReplay(name, dir string, r *rebuild.Replayed, timings replay.Timings) report.ReplayBuild {
	scripts := new(shell.Scripts)
	costs := replay.CostsOf(r.Result, scripts, timings)
	b := report.ReplayBuild{
		Dockerfile: name, Context: dir, Target: stageName(r.Plan.Target), Seconds: costs.Timed, Floor: costs.Floor(r.Result, scripts),
		Repository: filepath.Base(r.Log.Top), Branch: r.Log.Branch(context.Background()), Notes: r.Notes,
	}
	for _, m := range r.Missing {
		if m.Commits > b.Missing.Commits {
			b.Missing = report.ReplayCause(m)
		}
	}
	files, others, rest := costs.Files(r.Result, 10)
	for _, f := range files {
		b.Files = append(b.Files, report.ReplayFile(f))
	}
	b.Others, b.OthersCost = others, rest
	for _, c := range r.Commits {
		b.Commits = append(b.Commits, report.ReplayCommit{ID: c.ID, Subject: c.Subject, Time: c.Time})
	}
	var each []float64
	b.Now, each = costs.Per(r.Result)
	for i, s := range r.Steps {
		b.Whole += costs.Each[i]
		b.Steps = append(b.Steps, v.replayStep(r, s, costs.Kinds[i], each[i]))
		b.Steps[i].First, b.Steps[i].FirstCommits = r.First(i)
		if s.Open != "" {
			b.Notes = append(b.Notes, fmt.Sprintf("line %d: it is not known in each commit whether `%s` runs: %s", b.Steps[i].Line, s.Instruction.Name, s.Open))
		}
	}
	if len(costs.Untimed) > 0 && costs.Timed {
		var lines []string
		for _, i := range costs.Untimed {
			lines = append(lines, strconv.Itoa(b.Steps[i].Line))
		}
		b.Notes = append(b.Notes, "the build log has no time of the steps in lines "+strings.Join(lines, ", ")+", which cost nothing here")
	}
	return b
}

// replayStep is s as it is shown. Only the page names the files of single commits.
func (v *replayer) replayStep(r *rebuild.Replayed, s *replay.Step, kind replay.Kind, cost float64) report.ReplayStep {
	out := report.ReplayStep{
		Line: r.Plan.File.Lines.Line(s.Instruction.Span.Start), Keyword: s.Instruction.Name,
		Text: strings.Join(strings.Fields(s.Instruction.Text.String), " "), Stage: stageName(s.Stage), Kind: string(kind), Ran: s.Ran, Unknown: s.Unknown,
		Cost: cost, Open: s.Open, Whole: s.Copy.Whole(),
	}
	for _, c := range r.Causes(s) {
		out.Causes = append(out.Causes, report.ReplayCause(c))
	}
	const most = 20 // paths of a commit
	out.States = make([]report.ReplayState, len(s.States))
	for i, x := range s.States {
		out.States[i] = report.ReplayState(x)
		if v.format != "html" {
			continue
		}
		var why []string
		if w := s.Why[i]; w >= 0 {
			for _, p := range r.Changed[i][w][:min(len(r.Changed[i][w]), most)] {
				why = append(why, r.Paths[p])
			}
		}
		out.Why = append(out.Why, why)
	}
	return out
}

// stageName is the name of a stage, or its number.
func stageName(s *plan.Stage) string {
	if s.Name != "" {
		return s.Name
	}
	return strconv.Itoa(s.Index)
}
