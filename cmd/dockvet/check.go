package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/spf13/cobra"

	"github.com/dockvet/dockvet/internal/change"
	"github.com/dockvet/dockvet/internal/config"
	"github.com/dockvet/dockvet/internal/console"
	"github.com/dockvet/dockvet/internal/described"
	"github.com/dockvet/dockvet/internal/disk"
	"github.com/dockvet/dockvet/internal/history"
	"github.com/dockvet/dockvet/internal/nearest"
	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/internal/outside"
	"github.com/dockvet/dockvet/internal/pipeline"
	"github.com/dockvet/dockvet/internal/rebuild"
	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/report"
	"github.com/dockvet/dockvet/rules"
)

// checker is the flags of `dockvet check`.
type checker struct {
	*app
	formats                 []string
	output, color           string
	profile, failOn         string
	failOnBreaks            bool
	selected, ignored       []string
	config                  string
	noConfig                bool
	policy                  config.Policy
	context                 string
	noContext               bool
	buildContexts           []string
	buildArgs               []string
	target, builder, now    string
	platforms               []string
	stdinFilename, fileList string
	shellcheck              string
	quiet, verbose          bool
	exclude                 []string
	forceExclude            bool
	excluded                int // files that the configuration or a flag excludes
	fix, unsafeFixes, diff  bool
	fixOnly                 []string
	addIgnores              bool
	reason                  string
	baselines               baselines
	showSuppressed          bool
	statistics              bool
	changedSince, changedIn string
	changes                 *change.Diff // what changedIn names

	house        []*lint.Rule // of all configurations
	wantedHouse  []string     // house rules that flags name
	rules        []*lint.Rule
	known        lint.Index                // see index
	off          map[string]bool           // the rules that configuration files turn off, by name
	ignoredFiles int                       // Dockerfiles that git ignores
	paths        []string                  // what the arguments name
	listed       []string                  // what --files-from names
	shells       map[string]outside.Source // by program
	commits      int
	history      *outside.History // nil without commits
	closers      []io.Closer      // of what the run needs to its end
}

func (a *app) check() *cobra.Command {
	c := &checker{app: a}
	cmd := &cobra.Command{
		Use:   "check [PATH…]",
		Short: "Check Dockerfiles",
		Long: `Check Dockerfiles. A PATH is a Dockerfile or a directory (default: the working directory), in which all files called
Dockerfile*, *.Dockerfile or Containerfile* are checked, unless git ignores them or they are in node_modules. The path -
reads standard input.

The exit code is 0 if everything is clean, 1 if there is a finding at or above the --fail-on severity, and 2 for
incorrect usage, an invalid configuration or a file that cannot be read; everything else is still reported. With --fix,
only the findings that remain count. With --diff, the exit code is 1 if there is a difference.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error { return c.run(args) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	names := func(list []string) string { return strings.Join(list, ", ") }
	f.VarP(&listFlag{&c.formats, false}, "format", "f",
		"print findings in `FORMAT`, or write them to a file with FORMAT=FILE; several may be given: "+
			names(formatNames())+" (default "+report.Formats()[0].Name+")")
	f.StringVarP(&c.output, "output", "o", "", "write findings to `FILE`, completely or not at all")
	f.StringVar(&c.profile, "profile", "",
		"run the rules of `PROFILE`: "+names(lint.Profiles())+" (default recommended)")
	f.Var(&listFlag{&c.selected, true}, "select",
		"run only the rules `NAMES`, separated by commas; other tools' codes work too")
	f.Var(&listFlag{&c.ignored, true}, "ignore",
		"skip the rules `NAMES`, separated by commas; other tools' codes work too")
	f.StringVar(&c.failOn, "fail-on", "",
		"exit with 1 for findings at or above `SEVERITY`: "+names(config.FailOns())+" (default warning)")
	f.BoolVar(&c.failOnBreaks, "fail-on-breaks", false, "exit with 1 for exactly the findings that break the build, whatever their severity")
	f.Var((*programFlag)(&c.shellcheck), "shellcheck",
		"check the shell code of RUN with the installed ShellCheck; =PROGRAM runs PROGRAM instead, =false disables it")
	f.Lookup("shellcheck").NoOptDefVal = "true" // so that a path after it is not its value
	f.IntVar(&c.commits, "history", 0,
		"replay the last `N` commits, and say in findings how often they would have made a step run again; see dockvet replay")
	f.BoolVar(&c.fix, "fix", false, "apply fixes that do not change the build, and report the rest")
	f.BoolVar(&c.unsafeFixes, "unsafe-fixes", false, "with --fix or --diff: also apply fixes that change the build")
	f.Var(&listFlag{&c.fixOnly, true}, "fix-only",
		"with --fix or --diff: only fix findings of the rules `NAMES`, separated by commas; other tools' "+
			"codes work too")
	f.BoolVar(&c.diff, "diff", false, "print what --fix would change instead of a report, and write no file")
	f.BoolVar(&c.addIgnores, "add-ignores", false,
		"write an ignore comment for each finding, and report what cannot be ignored; with --diff, print what would be written")
	f.StringVar(&c.reason, "reason", "", "with --add-ignores: write `TEXT` in each comment")
	f.StringVar(&c.config, "config", "", "read `FILE` instead of the .dockvet.yaml nearest to each Dockerfile")
	f.BoolVar(&c.noConfig, "no-config", false, "ignore all configuration files")
	f.BoolVar(&c.policy.NoRepoConfig, "no-repo-config", false,
		"ignore the configuration files of the repository; --config is still read")
	f.BoolVar(&c.policy.NoIgnoreComments, "no-ignore-comments", false, "give ignore comments no effect")
	f.StringVar(&c.baselines.file, "baseline", "", "do not report findings that `FILE` has; --write-baseline writes it")
	f.StringVar(&c.baselines.write, "write-baseline", "", "write all findings to the baseline `FILE`, so that only new ones are reported from then on")
	f.BoolVar(&c.baselines.prune, "prune-baseline", false, "remove what is fixed from the baseline")
	f.BoolVar(&c.policy.NoBaseline, "no-baseline", false, "also report findings that a baseline has")
	f.StringVar(&c.changedSince, "changed-since", "",
		"only report what the changes since the git revision `REV` are responsible for, with those not committed yet")
	f.StringVar(&c.changedIn, "changed-in", "",
		"only report what the unified diff in `FILE` (- is standard input), which leads to the files as they are, is responsible for")
	f.BoolVar(&c.showSuppressed, "show-suppressed", false,
		"also print what is not reported because of comments or a baseline, marked; it does not count")
	f.BoolVar(&c.statistics, "statistics", false, "count findings by rule and directory instead of printing them, as text or json")
	f.BoolVar(&c.policy.NoGitignore, "no-gitignore", false, "also check Dockerfiles that git ignores")
	f.BoolVar(&c.policy.RequireFiles, "require-files", false, "exit with 2 if there is no Dockerfile to check")
	f.Var(&listFlag{&c.exclude, true}, "exclude",
		"leave out files whose path, relative to the working directory, matches one of `GLOBS`, or that are in such a directory")
	f.BoolVar(&c.forceExclude, "force-exclude", false, "also leave out what is excluded if it is named on the command line")
	f.StringVar(&c.context, "context", "",
		"use `DIR` as the build context (default: what a compose file says, or the Dockerfile's directory if "+
			"it looks like one)")
	f.BoolVar(&c.noContext, "no-context", false, "do not look at build contexts or compose files")
	f.Var(&listFlag{&c.buildContexts, false}, "build-context", "add a named build context, as in `NAME=DIR`")
	f.Var(&listFlag{&c.buildArgs, false}, "build-arg",
		"set a build argument, as in `KEY=VALUE`; KEY without a value is taken from the environment")
	f.StringVar(&c.target, "target", "", "build `STAGE` (default: the last one)")
	f.Var(&listFlag{&c.platforms, true}, "platform", "build for `PLATFORM`, as in linux/arm64 (default: what a description says)")
	f.StringVar(&c.builder, "builder", "", "build with `BUILDER`: "+names(builderNames())+" (default: what a description says, or buildkit)")
	f.StringVar(&c.stdinFilename, "stdin-filename", "",
		"treat standard input as a file called `NAME`, in reports and for the configuration")
	f.StringVar(&c.fileList, "files-from", "",
		"also check the paths listed in `FILE` (- is standard input), one per line or separated by NUL; files that a search would "+
			"not find are left out")
	f.StringVar(&c.now, "now", "", "compare dates with `DATE`, as in 2026-11-23 (default: today)")
	f.StringVar(&c.color, "color", "auto", "use colours `WHEN`: "+names(colorModes()))
	f.BoolVarP(&c.quiet, "quiet", "q", false, "print only findings, no summary and no progress")
	f.BoolVar(&c.verbose, "verbose", false, "say on standard error how each Dockerfile is built, see dockvet builds")
	complete(cmd, "format", formatNames)
	complete(cmd, "profile", lint.Profiles)
	complete(cmd, "fail-on", config.FailOns)
	complete(cmd, "color", colorModes)
	complete(cmd, "builder", builderNames)
	complete(cmd, "select", ruleNames)
	complete(cmd, "ignore", ruleNames)
	complete(cmd, "fix-only", ruleNames)
	return cmd
}

// listFlag is a flag that may be given several times. If it is split, a value may be several, separated by commas. The lists of package
// pflag do the same, but each makes a buffer of 4 KB when the program starts, only to say that it is empty.
type listFlag struct {
	list  *[]string
	split bool
}

func (l *listFlag) String() string { return "" } // the default, which no list has

func (l *listFlag) Set(s string) error {
	values := []string{s}
	if l.split {
		var err error
		if values, err = csv.NewReader(strings.NewReader(s)).Read(); err != nil && s != "" {
			return err //nolint:wrapcheck // package pflag says of which flag
		}
	}
	*l.list = append(*l.list, values...)
	return nil
}

// Type tells cobra that the flag may be completed again.
func (l *listFlag) Type() string {
	if l.split {
		return "stringSlice"
	}
	return "stringArray"
}

// programFlag is a flag with an optional value after `=`. Its help looks like that of a switch.
type programFlag string

func (p *programFlag) String() string     { return string(*p) }
func (p *programFlag) Set(s string) error { *p = programFlag(s); return nil }
func (p *programFlag) Type() string       { return "bool" }

func formatNames() []string {
	var names []string
	for _, f := range report.Formats() {
		names = append(names, f.Name)
	}
	return names
}

func builderNames() []string {
	var names []string
	for _, b := range lint.AllBuilders() {
		names = append(names, string(b))
	}
	return names
}

func (c *checker) run(args []string) error {
	c.rules = rules.All()
	destinations, err := c.destinations()
	if err != nil {
		return err
	}
	w, err := c.workspace()
	if err != nil {
		return err
	}
	o := pipeline.Options{Record: c.baselines.write != ""}
	if o.Fix, err = c.fixes(args); err != nil {
		return err
	}
	if err := c.checkChanged(args); err != nil {
		return err
	}
	if err := c.checkIgnores(args); err != nil {
		return err
	}
	targets, err := c.targets(w, args)
	if err != nil {
		return err
	}
	c.baselines.part = !slices.ContainsFunc(c.paths, func(name string) bool { return w.Abs(name) == w.Top() })
	jobs, fails := c.jobs(w, targets)
	if err := c.checkHouse(); err != nil {
		return err
	}
	if c.changedSince != "" || c.changedIn != "" {
		if o.Change, err = c.change(w); err != nil {
			return err
		}
		defer c.close()
	}
	c.ignoredFiles = w.Ignored()
	progress := c.progress("checking Dockerfiles", len(jobs), c.quiet)
	o.Progress = progress.step
	if c.streams(destinations, o) {
		return c.stream(destinations[0], w, jobs, o, fails, progress)
	}
	results := pipeline.Run(context.Background(), w, jobs, o)
	progress.end()
	if c.addIgnores {
		c.addComments(w, jobs, results)
	}
	if err := c.saveBaselines(); err != nil {
		c.warn(err)
	}
	c.sayFixed(jobs, results)
	c.sayLeft(results)
	c.tell(results)
	c.tellUnfit()
	c.tellRefused()
	if c.verbose {
		for _, r := range results {
			for i := range r.Builds {
				c.note(errors.New(r.Builds[i].String()))
			}
		}
	}
	if c.diff {
		return c.printDiff(jobs, results)
	}
	return c.print(destinations, jobs, results, fails)
}

// workspace checks the flags that hold for the whole run and opens the working directory.
func (c *checker) workspace() (*workspace.Workspace, error) {
	if err := checkName("colour mode", c.color, colorModes()); err != nil {
		return nil, err
	}
	if c.builder != "" && !slices.Contains(builderNames(), c.builder) {
		return nil, oneOf("builder", c.builder, builderNames())
	}
	if c.commits < 0 || c.commits > history.MaxCommits {
		return nil, fmt.Errorf("--history must be from 0 to %d", history.MaxCommits)
	}
	if c.config != "" && c.noConfig {
		return nil, errors.New("--config and --no-config cannot be used together")
	}
	if c.context != "" && c.noContext {
		return nil, errors.New("--context and --no-context cannot be used together")
	}
	if err := checkContext(c.context); err != nil {
		return nil, err
	}
	now := time.Now()
	if c.now != "" {
		var err error
		if now, err = time.Parse(time.DateOnly, c.now); err != nil {
			return nil, fmt.Errorf("--now needs a date as in 2026-11-23, not `%s`", c.now)
		}
	}
	o := workspace.Options{
		Context: c.context, NoContext: c.noContext, Target: c.target,
		Args: workspace.BuildArgs(c.buildArgs, os.LookupEnv), Builder: described.Builder(c.builder), Platforms: c.platforms,
	}
	for _, arg := range c.buildContexts {
		name, dir, ok := strings.Cut(arg, "=")
		if !ok || name == "" || dir == "" {
			return nil, fmt.Errorf("--build-context needs NAME=DIR, not `%s`", arg)
		}
		o.NamedContexts = append(o.NamedContexts, name)
	}
	flags, err := c.flags()
	if err != nil {
		return nil, err
	}
	return c.open(workspace.Config{
		Now: func() time.Time { return now }, Rules: c.rules, Flags: flags, ConfigFile: c.config, NoConfig: c.noConfig,
		Tracked: outside.TrackedAndIgnored,
	}, o)
}

// open is the workspace of the working directory.
func (a *app) open(c workspace.Config, o workspace.Options) (*workspace.Workspace, error) {
	var err error
	if c.Root, err = os.Getwd(); err != nil {
		return nil, fmt.Errorf("find the working directory: %w", err)
	}
	a.files = disk.New(c.Root)
	c.Files, c.Stdin, c.Retired, c.Warn = a.files, a.in, rules.Retired(), a.note
	return workspace.New(c, o), nil
}

// checkContext is an error unless dir, the value of --context, is "" or a directory.
func checkContext(dir string) error {
	if dir == "" {
		return nil
	}
	if info, err := os.Stat(dir); err != nil {
		return fmt.Errorf("--context: %w", workspace.CannotRead(dir, err))
	} else if !info.IsDir() {
		return fmt.Errorf("--context: %s is not a directory", dir)
	}
	return nil
}

// flags are those that win over each configuration.
func (c *checker) flags() (config.Flags, error) {
	flags := config.Flags{ShellCheck: c.shellcheck, Policy: c.policy}
	if c.profile != "" {
		p, ok := lint.ParseProfile(c.profile)
		if !ok {
			return flags, oneOf("profile", c.profile, lint.Profiles())
		}
		flags.Profile = &p
	}
	if c.failOn != "" {
		f, ok := config.ParseFailOn(c.failOn)
		if !ok {
			return flags, oneOf("severity", c.failOn, config.FailOns())
		}
		flags.FailOn = &f
	}
	flags.FailOnBreaks = c.failOnBreaks
	flags.Exclude = c.exclude
	for _, glob := range c.exclude {
		if !doublestar.ValidatePattern(glob) {
			return flags, fmt.Errorf("--exclude: malformed glob `%s`", glob)
		}
	}
	err := c.baselines.flags(&flags)
	if err != nil {
		return flags, err
	}
	if flags.Select, flags.SelectHouse, err = c.lookup(c.selected); err != nil {
		return flags, fmt.Errorf("--select: %w", err)
	}
	if flags.Ignore, flags.IgnoreHouse, err = c.lookup(c.ignored); err != nil {
		return flags, fmt.Errorf("--ignore: %w", err)
	}
	c.wantedHouse = slices.Concat(flags.SelectHouse, flags.IgnoreHouse)
	return flags, nil
}

// checkHouse looks for house rules that a flag names and no configuration defines.
func (c *checker) checkHouse() error {
	if len(c.wantedHouse) == 0 || c.code != exitClean {
		return nil // the rule may be one of a configuration that is wrong
	}
	index := c.index().With(c.house)
	var errs []error
	for _, name := range c.wantedHouse {
		if index[name] == nil {
			errs = append(errs, unknownRule(index, name))
		}
	}
	return errors.Join(errs...)
}

// index is that of the rules. Most runs do without.
func (c *checker) index() lint.Index {
	if c.known == nil {
		c.known = lint.NewIndex(c.rules)
	}
	return c.known
}

// lookup finds the rules called names. A retired code has none, and is not an error. Names with a slash are those of house rules,
// which the configurations have to define.
func (c *checker) lookup(names []string) (found []*lint.Rule, house []string, err error) {
	var errs []error
	for _, name := range names {
		name = strings.TrimSpace(name)
		if r := c.index().Find(name); r != nil {
			found = append(found, r)
		} else if r, ok := lint.FindRetired(rules.Retired(), name); ok {
			c.note(errors.New(r.String()))
		} else if strings.Contains(name, "/") {
			house = append(house, name)
		} else if name != "" {
			errs = append(errs, unknownRule(c.index(), name))
		}
	}
	return found, house, errors.Join(errs...)
}

func unknownRule(index lint.Index, name string) error {
	for _, r := range index {
		if string(r.Category) == name {
			return fmt.Errorf("`%s` is a category, not a rule; `dockvet rules` lists its rules", name)
		}
	}
	if lint.Tool(name) == "shellcheck" {
		return errors.New(lint.NoShellRule(name))
	}
	if near, ok := nearest.Name(name, index.Names()); ok {
		return fmt.Errorf("no rule is called `%s`; the nearest is `%s`", name, near)
	}
	return fmt.Errorf("no rule is called `%s`; `dockvet rules` lists them", name)
}

// targets finds the Dockerfiles to check.
func (c *checker) targets(w *workspace.Workspace, args []string) ([]workspace.Target, error) {
	stdin := slices.Contains(args, "-")
	args = slices.DeleteFunc(slices.Clone(args), func(s string) bool { return s == "-" })
	if c.fileList != "" {
		list, err := c.list(stdin)
		if err != nil {
			return nil, fmt.Errorf("--files-from: %w", err)
		}
		c.listed = list
	} else if len(args) == 0 && !stdin {
		args = []string{"."}
	}
	c.paths = args
	targets, errs := w.Candidates(args, c.listed)
	for _, err := range errs {
		c.warn(err)
	}
	if stdin {
		t := workspace.Target{Path: "-"}
		if c.stdinFilename != "" {
			t.As = filepath.Clean(c.stdinFilename)
			t.Path = filepath.ToSlash(t.As)
		}
		targets = append(targets, t)
		order.By(targets, func(a, b workspace.Target) int { return strings.Compare(a.Path, b.Path) })
	}
	wanted := func(t workspace.Target) bool {
		return !t.Describes || slices.Contains(args, t.Name) || slices.Contains(c.listed, t.Name)
	}
	none := !slices.ContainsFunc(targets, wanted)
	if !none {
		c.tellEmpty(w, args, targets)
	}
	if policy, err := w.Policy(); none && (policy.RequireFiles || err != nil) {
		c.warn(cmp.Or(err, errors.New("there is no Dockerfile to check, and at least one is required")))
	} else if none && len(errs) == 0 && c.fileList == "" {
		c.note(fmt.Errorf("no Dockerfile in %s", strings.Join(args, ", ")))
	}
	return targets, nil
}

// tellEmpty names the directories among args without a Dockerfile, if there is one elsewhere.
func (c *checker) tellEmpty(w *workspace.Workspace, args []string, targets []workspace.Target) {
	policy, _ := w.Policy() // an error in the file was told
	for _, arg := range args {
		if info, err := os.Stat(arg); err != nil || !info.IsDir() {
			continue
		}
		inside := func(t workspace.Target) bool {
			rel, err := filepath.Rel(w.Abs(arg), w.Abs(cmp.Or(t.Name, t.Path)))
			return err == nil && filepath.IsLocal(rel)
		}
		if slices.ContainsFunc(targets, inside) {
			continue
		}
		if err := fmt.Errorf("no Dockerfile in %s", filepath.ToSlash(arg)); policy.RequireFiles {
			c.warn(err)
		} else {
			c.note(err)
		}
	}
}

// list reads the paths of --files-from.
func (c *checker) list(stdin bool) ([]string, error) {
	if c.fileList == "-" {
		if stdin {
			return nil, errors.New("standard input is already the Dockerfile")
		}
		return workspace.ReadList(c.in)
	}
	data, err := disk.ReadNamed(c.fileList)
	if err != nil {
		return nil, workspace.CannotRead(c.fileList, err)
	}
	return workspace.ReadList(bytes.NewReader(data))
}

// leaveOut reports whether t is not to be checked: its profile is off, or it is excluded and nobody named it.
func (c *checker) leaveOut(t workspace.Target, s workspace.Settings) bool {
	return s.Unchecked.V || s.Off.V && (c.forceExclude || !t.Named)
}

// jobs gives each target what its configuration asks for, and says of each configuration what fails the run. A target with an invalid
// configuration is left out: to check it by other rules than its own would mislead.
func (c *checker) jobs(w *workspace.Workspace, targets []workspace.Target) ([]pipeline.Job, map[*pipeline.Setup]func(*lint.Finding) bool) {
	jobs, fails := make([]pipeline.Job, 0, len(targets)), map[*pipeline.Setup]func(*lint.Finding) bool{}
	c.off = map[string]bool{}
	told := map[string]bool{} // several Dockerfiles may share an invalid configuration
	ran := map[*lint.Linter]bool{}
	setups := map[*lint.Linter]*pipeline.Setup{}
	skipped := 0
	for _, t := range targets {
		s, err := w.Settings(t)
		if (err != nil || !ran[s.Linter]) && !w.Proves(t) {
			continue // what it is configured to be must not show
		}
		if err != nil {
			skipped++
			if !told[err.Error()] {
				told[err.Error()] = true
				c.warn(err)
			}
			continue
		}
		if c.leaveOut(t, s) {
			c.excluded++
			continue
		}
		if !ran[s.Linter] {
			ran[s.Linter] = true
			c.house = append(c.house, s.House...)
			for name, r := range s.Rules {
				if r.Off && !strings.HasPrefix(r.From, "--") {
					c.off[name] = true
				}
			}
		}
		setup := setups[s.Linter]
		if setup == nil {
			if setup, err = c.setup(w, s); err != nil {
				if !told[err.Error()] {
					told[err.Error()] = true
					c.warn(err)
				}
				continue
			}
			setups[s.Linter], fails[setup] = setup, s.Fails
		}
		jobs = append(jobs, pipeline.Job{Target: t, Setup: setup})
	}
	if c.excluded > 0 {
		c.note(fmt.Errorf("not checked because they are excluded: %d of %d files", c.excluded, len(targets)))
		if policy, err := w.Policy(); len(jobs) == 0 && skipped == 0 && err == nil && policy.RequireFiles {
			c.warn(errors.New("there is no Dockerfile to check, and at least one is required"))
		}
	}
	if skipped > 0 {
		targets = slices.DeleteFunc(targets, func(t workspace.Target) bool { return !w.Proves(t) })
		c.note(fmt.Errorf("not checked because of that: %d of %d Dockerfiles", skipped, len(targets)))
	}
	return jobs, fails
}

// setup is what the settings s ask for.
func (c *checker) setup(w *workspace.Workspace, s workspace.Settings) (*pipeline.Setup, error) {
	if err := c.ignorable(s); err != nil {
		return nil, err
	}
	b, err := c.baselines.of(w, s)
	if err != nil {
		return nil, err
	}
	return &pipeline.Setup{Linter: s.Linter, Sources: c.sources(s), Baseline: b}, nil
}

// sources are the outside sources that the settings ask for; one for all Dockerfiles that need it.
func (c *checker) sources(s workspace.Settings) []outside.Source {
	var out []outside.Source
	if c.commits > 0 {
		if c.history == nil {
			c.history = outside.NewHistory(rebuild.Options{History: history.Options{Commits: c.commits}, Sub: c.files.Sub})
		}
		out = append(out, c.history)
	}
	program := s.ShellCheck.V
	if program == "" {
		return out
	}
	if c.shells == nil {
		c.shells = map[string]outside.Source{}
	}
	if c.shells[program] == nil {
		c.shells[program] = outside.NewShellCheck(program)
	}
	return append(out, c.shells[program])
}

// close ends what the run needed.
func (c *checker) close() {
	for _, x := range c.closers {
		_ = x.Close() // nothing was written
	}
}

// streams reports whether results can be printed while later ones are still to come. What fixes did is known in the end; and while a
// report appears on a terminal, there could be no progress on it.
func (c *checker) streams(destinations []destination, o pipeline.Options) bool {
	_, isTerminal := terminal(c.out)
	if c.baselines.write != "" || c.baselines.prune {
		return false // they are written before the report
	}
	return o.Fix == nil && !c.addIgnores && len(destinations) == 1 && destinations[0].format.Streams && (destinations[0].file != "" || !isTerminal)
}

// stream runs jobs and prints what is found as it comes. It does the same as run does with all results.
func (c *checker) stream(d destination, w *workspace.Workspace, jobs []pipeline.Job, o pipeline.Options, fails map[*pipeline.Setup]func(*lint.Finding) bool,
	progress *progress,
) error {
	next, stop := iter.Pull2(pipeline.Stream(context.Background(), w, jobs, o))
	defer stop()
	gc := newCollector(len(jobs))
	defer gc.end()
	var said messages
	var builds []report.Build // to tell of
	found := false
	each := func(i int, r *pipeline.Result) {
		gc.step()
		said.add(r)
		if c.verbose {
			builds = append(builds, r.Builds...)
		}
		found = found || slices.ContainsFunc(r.Findings, fails[jobs[i].Setup])
	}
	// If something went wrong, nothing is printed about no file at all, so what is before the first Dockerfile that can be read has to wait.
	var waiting []*pipeline.Result
	i, r, ok := next()
	for ; ok && !r.Read; i, r, ok = next() {
		waiting = append(waiting, r)
	}
	failed := slices.ContainsFunc(waiting, func(r *pipeline.Result) bool { return len(r.Errs) > 0 })
	var rep *report.Report
	all := func(yield func(int, *pipeline.Result) bool) {
		for n := 0; n < len(waiting); n++ {
			w := waiting[n]
			waiting[n] = &pipeline.Result{}
			if !yield(n, w) {
				return
			}
		}
		for ; ok; i, r, ok = next() {
			if !yield(i, r) {
				return
			}
		}
		progress.end()
		rep.Suppressed.Removable = c.baselines.removable()
	}
	rep = pipeline.Live(jobs, all, c.rules, c.showSuppressed, each)
	c.describe(rep)
	var err error
	if ok || !failed && c.code == exitClean {
		err = c.write(d.file, c.color, c.quiet, c.printer(d, rep))
	}
	for range rep.Stream { // if nobody has wanted it
		continue
	}
	said.tell(c)
	c.tellUnfit()
	c.tellRefused()
	for i := range builds {
		c.note(errors.New(builds[i].String()))
	}
	if err == nil && found && c.code == exitClean {
		c.code = exitFindings
	}
	return err
}

// tell says what went wrong, and once what several Dockerfiles share.
func (c *checker) tell(results []pipeline.Result) {
	var said messages
	for i := range results {
		said.add(&results[i])
	}
	said.tell(c)
}

// messages are the errors and notes of results, each note once.
type messages struct {
	list  []message
	known map[string]bool // notes
}

type message struct {
	err  error
	note bool
}

func (m *messages) add(r *pipeline.Result) {
	for _, err := range r.Notes {
		if text := err.Error(); !m.known[text] {
			if m.known == nil {
				m.known = map[string]bool{}
			}
			m.known[text] = true
			m.list = append(m.list, message{err, true})
		}
	}
	for _, err := range r.Errs {
		m.list = append(m.list, message{err, false})
	}
}

func (m *messages) tell(c *checker) {
	for _, x := range m.list {
		if x.note {
			c.note(x.err)
		} else {
			c.warn(x.err)
		}
	}
}

// describe adds to rep what is not about results.
func (c *checker) describe(rep *report.Report) {
	rep.Version, rep.Page, rep.URL = version(), rules.Page, rules.URL
	rep.Suppressed.Rules, rep.Suppressed.Ignored = len(c.off), c.ignoredFiles
}

// printer prints rep for d.
func (c *checker) printer(d destination, rep *report.Report) func(io.Writer, report.Options) error {
	return func(out io.Writer, o report.Options) error {
		o.Statistics = c.statistics
		if d.format.Name != "text" && d.format.Name != "compact" { // a program reads it
			return d.format.Write(out, rep, o)
		}
		_, isTerminal := terminal(c.out)
		return forPeople(out, d.file == "" && isTerminal, func(w io.Writer) error { return d.format.Write(w, rep, o) })
	}
}

// print writes the report to all places where it was asked for, also if one of them fails, and sets the exit code.
func (c *checker) print(
	destinations []destination, jobs []pipeline.Job, results []pipeline.Result, fails map[*pipeline.Setup]func(*lint.Finding) bool,
) error {
	rep := pipeline.Report(jobs, results, c.rules, c.showSuppressed)
	c.describe(rep)
	if !c.baselines.prune {
		rep.Suppressed.Removable = c.baselines.removable()
	}
	if rep.Files == 0 && c.code != exitClean {
		return nil // a report on nothing would only hide why
	}
	var errs []error
	for _, d := range destinations {
		errs = append(errs, c.write(d.file, c.color, c.quiet, c.printer(d, rep)))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for i, r := range results {
		if c.code == exitClean && slices.ContainsFunc(r.Findings, fails[jobs[i].Setup]) {
			c.code = exitFindings
		}
	}
	return nil
}

// forPeople calls do with out. Unless that is a terminal, it may be the log of a CI run, and what a runner would treat as a
// command is broken up.
func forPeople(out io.Writer, isTerminal bool, do func(io.Writer) error) error {
	if isTerminal {
		return do(out)
	}
	w := console.NewDefused(out)
	if err := do(w); err != nil {
		return err
	}
	return w.Flush()
}

// write calls do with the standard output, or with file, which --output or --format names. color is the value of --color.
func (a *app) write(file, color string, quiet bool, do func(io.Writer, report.Options) error) error {
	o := report.Options{Quiet: quiet}
	if file != "" {
		o.Color = color == "always"
		name := file
		if !filepath.IsAbs(name) {
			name = filepath.Join(a.files.Dir(), file)
		}
		if err := a.files.WriteFile(name, func(w io.Writer) error { return do(w, o) }); err != nil {
			return fmt.Errorf("cannot write %s: %w", filepath.ToSlash(file), disk.Reason(err))
		}
		return nil
	}
	var isTerminal bool
	o.Width, isTerminal = terminal(a.out)
	o.Color = useColor(color, isTerminal)
	o.Links = useLinks(isTerminal, os.Getenv)
	w := bufio.NewWriter(a.out)
	if err := do(w, o); err != nil && !closedPipe(err) {
		return fmt.Errorf("print: %w", err)
	}
	return a.flush(w)
}
