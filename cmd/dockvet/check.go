package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dockvet/dockvet/cmd/dockvet/internal/config"
	"github.com/dockvet/dockvet/cmd/dockvet/internal/driver"
	"github.com/dockvet/dockvet/cmd/dockvet/internal/nearest"
	"github.com/dockvet/dockvet/internal/outside"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/report"
	"github.com/dockvet/dockvet/rules"
)

// checker is the flags of `dockvet check`.
type checker struct {
	*app
	format, output, color   string
	profile, failOn         string
	selected, ignored       []string
	config                  string
	noConfig                bool
	context                 string
	noContext               bool
	buildContexts           []string
	buildArgs               []string
	target, now             string
	stdinFilename, fileList string
	shellcheck              string
	quiet                   bool
	fix, unsafeFixes, diff  bool
	fixOnly                 []string

	day     time.Time // that the run is held to
	loader  config.Loader
	linters map[*config.Effective]*lint.Linter
	shells  map[string]*outside.ShellCheck // by program
}

func (a *app) check() *cobra.Command {
	c := &checker{app: a, linters: map[*config.Effective]*lint.Linter{}, shells: map[string]*outside.ShellCheck{}}
	cmd := &cobra.Command{
		Use:   "check [PATH…]",
		Short: "Check Dockerfiles",
		Long: `Check the Dockerfiles named, and in folders named (default: the working directory) all that are called Dockerfile*, *.Dockerfile or Containerfile* and that git does not ignore, outside of node_modules. The path - reads standard input.

The exit code is 0 if all is clean, 1 if there is a finding from --fail-on upwards, and 2 for wrong usage, a wrong configuration or a file that cannot be read; the rest is still reported. With --fix, what is left counts; with --diff, whether there is a difference.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error { return c.run(args) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	names := func(list []string) string { return strings.Join(list, ", ") }
	f.StringVarP(&c.format, "format", "f", report.Formats()[0].Name, "print findings in `FORMAT`: "+names(formatNames()))
	f.StringVarP(&c.output, "output", "o", "", "write findings to `FILE`, whole or not at all")
	f.StringVar(&c.profile, "profile", "", "run the rules of `PROFILE`: "+names(lint.Profiles())+" (default recommended)")
	f.StringSliceVar(&c.selected, "select", nil, "run only the rules `NAMES`, or codes of other tools, with commas between")
	f.StringSliceVar(&c.ignored, "ignore", nil, "run all but the rules `NAMES`, or codes of other tools, with commas between")
	f.StringVar(&c.failOn, "fail-on", "", "exit with 1 from `SEVERITY` upwards: "+names(config.FailOns())+" (default warning)")
	f.Var((*programFlag)(&c.shellcheck), "shellcheck", "have the installed ShellCheck read the shell code of RUN; --shellcheck=PROGRAM names another one, --shellcheck=false none")
	f.Lookup("shellcheck").NoOptDefVal = "true" // so that it takes no path for its value
	f.BoolVar(&c.fix, "fix", false, "fix what can be fixed without a change to the build, and report the rest")
	f.BoolVar(&c.unsafeFixes, "unsafe-fixes", false, "with --fix or --diff: also what changes the build")
	f.StringSliceVar(&c.fixOnly, "fix-only", nil, "with --fix or --diff: only what the rules `NAMES` find, or codes of other tools, with commas between")
	f.BoolVar(&c.diff, "diff", false, "write no file: print what --fix would change, instead of a report")
	f.StringVar(&c.config, "config", "", "read `FILE` instead of the .dockvet.yaml nearest to each Dockerfile")
	f.BoolVar(&c.noConfig, "no-config", false, "read no configuration")
	f.StringVar(&c.context, "context", "", "take `DIR` for the build context (default: what a compose file says, or the Dockerfile's folder if what lies there speaks for it)")
	f.BoolVar(&c.noContext, "no-context", false, "look at no build context, and at no compose file")
	f.StringArrayVar(&c.buildContexts, "build-context", nil, "there is a named build context, as in `NAME=DIR`")
	f.StringArrayVar(&c.buildArgs, "build-arg", nil, "set a build argument, as in `KEY=VALUE`; KEY alone takes the environment's value")
	f.StringVar(&c.target, "target", "", "build `STAGE` (default: the last one)")
	f.StringVar(&c.stdinFilename, "stdin-filename", "", "call standard input `NAME`, in reports and for configuration")
	f.StringVar(&c.fileList, "files-from", "", "check the paths in `FILE` too (- is standard input), one a line or separated by NULs")
	f.StringVar(&c.now, "now", "", "hold dates against `DATE`, as in 2026-11-23 (default: today)")
	f.StringVar(&c.color, "color", "auto", "use colours `WHEN`: "+names(colorModes()))
	f.BoolVarP(&c.quiet, "quiet", "q", false, "print findings only, no summary and no progress")
	complete(cmd, "format", formatNames)
	complete(cmd, "profile", lint.Profiles)
	complete(cmd, "fail-on", config.FailOns)
	complete(cmd, "color", colorModes)
	complete(cmd, "select", ruleNames)
	complete(cmd, "ignore", ruleNames)
	complete(cmd, "fix-only", ruleNames)
	return cmd
}

// programFlag is a flag that stands alone or has a value behind `=`. It is helped like a switch.
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

func (c *checker) run(args []string) error {
	format, options, err := c.prepare()
	if err != nil {
		return err
	}
	how, err := c.fixes(args)
	if err != nil {
		return err
	}
	targets, err := c.targets(args)
	if err != nil {
		return err
	}
	jobs, effective := c.jobs(targets)
	progress := c.progress(len(jobs))
	options.Progress = progress.step
	results := driver.Lint(jobs, options)
	progress.end()
	if c.fix || c.diff {
		driver.Fix(jobs, results, options, how)
		c.fixed(jobs, results)
	}
	if c.diff {
		return c.printDiff(jobs, results)
	}

	rep := c.report(jobs, results)
	code := exitClean
	c.tell(results)
	for i, r := range results {
		if slices.ContainsFunc(r.Findings, effective[i].FailOn.V.Fails) {
			code = exitFindings
		}
	}
	if rep.Files == 0 && c.code != exitClean {
		return nil // a report on nothing would only hide why
	}
	if err := c.print(format, rep); err != nil {
		return err
	}
	if c.code == exitClean {
		c.code = code
	}
	return nil
}

// tell says what went wrong, and once what several Dockerfiles share.
func (c *checker) tell(results []driver.Result) {
	told := map[string]bool{}
	for _, r := range results {
		for _, err := range r.Notes {
			if text := err.Error(); !told[text] {
				told[text] = true
				c.note(err)
			}
		}
		for _, err := range r.Errs {
			c.warn(err)
		}
	}
}

// prepare checks the flags that hold for the whole run.
func (c *checker) prepare() (report.Format, driver.Options, error) {
	o := driver.Options{Stdin: c.in, Context: c.context, NoContext: c.noContext}
	format, ok := report.Lookup(c.format)
	if !ok {
		return format, o, oneOf("format", c.format, formatNames())
	}
	if err := checkName("colour mode", c.color, colorModes()); err != nil {
		return format, o, err
	}
	if c.config != "" && c.noConfig {
		return format, o, errors.New("--config and --no-config exclude each other")
	}
	if c.context != "" && c.noContext {
		return format, o, errors.New("--context and --no-context exclude each other")
	}
	if c.context != "" {
		if info, err := os.Stat(c.context); err != nil {
			return format, o, fmt.Errorf("--context: %w", driver.CannotRead(c.context, err))
		} else if !info.IsDir() {
			return format, o, fmt.Errorf("--context: %s is no folder", c.context)
		}
	}
	c.day = time.Now()
	if c.now != "" {
		var err error
		if c.day, err = time.Parse(time.DateOnly, c.now); err != nil {
			return format, o, fmt.Errorf("--now takes a date as in 2026-11-23, not `%s`", c.now)
		}
	}
	o.Plan.Target = c.target
	o.Plan.Args = buildArguments(c.buildArgs)
	for _, arg := range c.buildContexts {
		name, dir, ok := strings.Cut(arg, "=")
		if !ok || name == "" || dir == "" {
			return format, o, fmt.Errorf("--build-context takes NAME=DIR, not `%s`", arg)
		}
		o.Plan.NamedContexts = append(o.Plan.NamedContexts, name)
	}
	return format, o, c.configure()
}

// buildArguments reads KEY=VALUE; KEY alone has the environment's value, and none where that has none, as docker build has it.
func buildArguments(args []string) map[string]string {
	out := map[string]string{}
	for _, arg := range args {
		name, value, ok := strings.Cut(arg, "=")
		if !ok {
			if value, ok = os.LookupEnv(name); !ok {
				continue
			}
		}
		out[name] = value
	}
	return out
}

// configure reads the flags that say what holds for each Dockerfile.
func (c *checker) configure() error {
	all := rules.All()
	index := lint.NewIndex(all)
	c.loader = config.Loader{Rules: all, Index: index, Retired: rules.Retired(), File: c.config, None: c.noConfig, Warn: c.note}
	flags := &c.loader.Flags
	flags.ShellCheck = c.shellcheck
	if c.profile != "" {
		p, ok := lint.ParseProfile(c.profile)
		if !ok {
			return oneOf("profile", c.profile, lint.Profiles())
		}
		flags.Profile = &p
	}
	if c.failOn != "" {
		f, ok := config.ParseFailOn(c.failOn)
		if !ok {
			return oneOf("severity", c.failOn, config.FailOns())
		}
		flags.FailOn = &f
	}
	var err error
	if flags.Select, err = c.lookup(index, c.selected); err != nil {
		return fmt.Errorf("--select: %w", err)
	}
	if flags.Ignore, err = c.lookup(index, c.ignored); err != nil {
		return fmt.Errorf("--ignore: %w", err)
	}
	return nil
}

// lookup is the rules called names. A retired code is none, and no error.
func (c *checker) lookup(index lint.Index, names []string) ([]*lint.Rule, error) {
	var found []*lint.Rule
	var errs []error
	for _, name := range names {
		name = strings.TrimSpace(name)
		if r := index[name]; r != nil {
			found = append(found, r)
		} else if r, ok := lint.FindRetired(c.loader.Retired, name); ok {
			c.note(errors.New(r.String()))
		} else if name != "" {
			errs = append(errs, unknownRule(index, name))
		}
	}
	return found, errors.Join(errs...)
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

// targets is the Dockerfiles to check.
func (c *checker) targets(args []string) ([]driver.Target, error) {
	stdin := slices.Contains(args, "-")
	args = slices.DeleteFunc(slices.Clone(args), func(s string) bool { return s == "-" })
	if c.fileList != "" {
		list, err := c.list(stdin)
		if err != nil {
			return nil, fmt.Errorf("--files-from: %w", err)
		}
		args = append(args, list...)
	} else if len(args) == 0 && !stdin {
		args = []string{"."}
	}
	targets, errs := driver.Find(args)
	for _, err := range errs {
		c.warn(err)
	}
	if stdin {
		name := "-"
		if c.stdinFilename != "" {
			name = filepath.ToSlash(filepath.Clean(c.stdinFilename))
		}
		targets = append(targets, driver.Target{Path: name})
		slices.SortFunc(targets, func(a, b driver.Target) int { return strings.Compare(a.Path, b.Path) })
	}
	if len(targets) == 0 && len(errs) == 0 && c.fileList == "" {
		c.note(fmt.Errorf("no Dockerfile in %s", strings.Join(args, ", ")))
	}
	return targets, nil
}

func (c *checker) list(stdin bool) ([]string, error) {
	if c.fileList == "-" {
		if stdin {
			return nil, errors.New("standard input holds the Dockerfile already")
		}
		return driver.ReadList(c.in)
	}
	data, err := os.ReadFile(c.fileList)
	if err != nil {
		return nil, driver.CannotRead(c.fileList, err)
	}
	return driver.ReadList(bytes.NewReader(data))
}

// jobs gives each target its linter. A target whose configuration is wrong is left out: to check it by other rules than its
// own would mislead.
func (c *checker) jobs(targets []driver.Target) ([]driver.Job, []*config.Effective) {
	var jobs []driver.Job
	var effective []*config.Effective
	skipped := 0
	told := map[string]bool{} // one wrong configuration is wrong for many Dockerfiles
	for _, t := range targets {
		name := t.Name
		if name == "" {
			name = t.Path
		}
		e, err := c.loader.For(name)
		if err != nil {
			if !told[err.Error()] {
				told[err.Error()] = true
				c.warn(err)
			}
			skipped++
			continue
		}
		l := c.linters[e]
		if l == nil {
			settings := e.Settings(c.day)
			settings.Retired = c.loader.Retired
			l = lint.New(c.loader.Rules, settings)
			c.linters[e] = l
		}
		jobs = append(jobs, driver.Job{Target: t, Linter: l, ShellCheck: c.shell(e.ShellCheck.V)})
		effective = append(effective, e)
	}
	if skipped > 0 {
		c.note(fmt.Errorf("not checked because of that: %d of %d Dockerfiles", skipped, len(targets)))
	}
	return jobs, effective
}

// shell is the ShellCheck that program names, nil for "".
func (c *checker) shell(program string) *outside.ShellCheck {
	if program == "" {
		return nil
	}
	s := c.shells[program]
	if s == nil {
		s = outside.NewShellCheck(program)
		c.shells[program] = s
	}
	return s
}

func (c *checker) report(jobs []driver.Job, results []driver.Result) *report.Report {
	rep := &report.Report{Version: version(), Page: rules.Page, URL: ruleURL}
	contexts := map[string]driver.Result{}
	for i, r := range results {
		rep.Findings = append(rep.Findings, r.Findings...)
		if r.Read {
			rep.Files++
		}
		if r.Context != nil {
			contexts[jobs[i].Path] = r
		}
	}
	ran := map[*lint.Rule]bool{}
	for _, l := range c.linters {
		for _, r := range l.Rules() {
			ran[r] = true
		}
	}
	for _, r := range c.loader.Rules {
		if ran[r] {
			rep.Rules = append(rep.Rules, r)
		}
	}
	rep.Context = func(dockerfile, name string) ([]byte, error) {
		if r, ok := contexts[dockerfile]; ok {
			return r.Context.Read(name)
		}
		return nil, fs.ErrNotExist
	}
	rep.ContextPath = func(dockerfile, name string) string {
		return path.Join(filepath.ToSlash(contexts[dockerfile].Dir), name)
	}
	return rep
}

// print writes the report to where it was asked for.
func (c *checker) print(format report.Format, rep *report.Report) error {
	o := report.Options{Quiet: c.quiet}
	if c.output != "" {
		o.Color = c.color == "always"
		err := driver.WriteFile(c.output, func(w io.Writer) error { return format.Write(w, rep, o) })
		if err != nil {
			return fmt.Errorf("--output: %w", err)
		}
		return nil
	}
	var isTerminal bool
	o.Width, isTerminal = terminal(c.out)
	o.Color = useColor(c.color, isTerminal)
	w := bufio.NewWriter(c.out)
	if err := format.Write(w, rep, o); err != nil && !closedPipe(err) {
		return fmt.Errorf("print findings: %w", err)
	}
	return c.flush(w)
}

func ruleURL(r *lint.Rule) string {
	return "https://github.com/dockvet/dockvet/blob/main/rules/" + r.Page()
}
