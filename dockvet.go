// Package dockvet checks Dockerfiles, and fixes them, from a Go program. It is what the command dockvet does without its flags: it
// finds Dockerfiles and their configuration, reads how compose files build them, looks at their build contexts, and runs the
// rules.
//
//	report, err := dockvet.Check(ctx, dockvet.Options{Dir: "."})
//	if err != nil {
//		return err
//	}
//	return report.Write(os.Stdout, "sarif")
//
// Programs that write rules of their own import package lint as well, and packages linttest and lintcase to test them.
package dockvet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"github.com/dockvet/dockvet/internal/config"
	"github.com/dockvet/dockvet/internal/disk"
	"github.com/dockvet/dockvet/internal/nearest"
	"github.com/dockvet/dockvet/internal/outside"
	"github.com/dockvet/dockvet/internal/pipeline"
	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/report"
	"github.com/dockvet/dockvet/rules"
)

// These are the types that a program meets without importing package lint.
type (
	// Rule is one thing that dockvet can find. Make one with the On functions of package lint.
	Rule = lint.Rule
	// Finding is one defect at one place.
	Finding = lint.Finding
	// Severity says what a finding costs.
	Severity = lint.Severity
	// Profile is a choice of rules.
	Profile = lint.Profile
)

// The severities and the profiles, in rising order.
const (
	Info    = lint.Info
	Warning = lint.Warning
	Error   = lint.Error

	Minimal     = lint.Minimal
	Recommended = lint.Recommended
	Strict      = lint.Strict
)

// Options say what to check and how. The zero Options check each Dockerfile below the working directory as `dockvet check` does.
type Options struct {
	// Dir is the directory where relative paths begin, and from which reports name files; "" is the working directory.
	Dir string
	// Paths are Dockerfiles, and directories in which to look for them; nil is Dir.
	Paths []string

	// ConfigFile is read instead of the .dockvet.yaml nearest to each Dockerfile. With NoConfig none is read.
	ConfigFile string
	NoConfig   bool
	// Profile, Select and Ignore win over the configuration. Rules are named as in an ignore comment: by name, or by a code that
	// another tool has for them. With Select only those run.
	Profile *Profile
	Select  []string
	Ignore  []string
	// Rules run in addition to dockvet's own, in the profiles that they name.
	Rules []*Rule
	// ShellCheck has the program of that name check the shell code of RUN; "" leaves it to the configuration.
	ShellCheck string

	// Context is the directory of the build context; "" finds out whether there is one. With NoContext neither build contexts nor
	// compose files are looked at.
	Context   string
	NoContext bool
	// Target is the stage to build, "" the last one. Args are the build arguments, NamedContexts the names of further contexts.
	Target        string
	Args          map[string]string
	NamedContexts []string

	// Unsafe has Fix and FixBytes also apply fixes that change the build.
	Unsafe bool
	// Now is the day to compare dates with, such as the end of support of a base image; zero is today.
	Now time.Time
}

// Report is the outcome of a check.
type Report struct {
	Files    int        // how many Dockerfiles were checked
	Findings []*Finding // by file, then by place, then by rule; after a fix those that are left
	Fixed    []Fixed    // the files that fixes changed, in the order of the Dockerfiles

	wire *report.Report
}

// Fixed is what fixes made of one file.
type Fixed struct {
	Name          string // as reports print it
	Created       bool   // there was no such file
	Before, After []byte
}

// Check checks Dockerfiles. An error means that the options are wrong or that something could not be read or done. The report is
// there nonetheless, of all Dockerfiles that could be checked, unless the options are wrong.
func Check(ctx context.Context, o Options) (*Report, error) { return o.run(ctx, nil) }

// CheckBytes checks one Dockerfile that need not be in a file. name is for reports only. Neither configuration nor build context is
// looked at, and no file is read.
func CheckBytes(ctx context.Context, name string, src []byte, o Options) (*Report, error) {
	return o.bytes(ctx, name, src, nil)
}

// Fix fixes Dockerfiles and files of their build contexts, and checks what is left. Each fix is proven to leave the build equal, except
// those that Options.Unsafe allows. A Dockerfile is written whole or not at all. For errors see Check.
func Fix(ctx context.Context, o Options) (*Report, error) {
	return o.run(ctx, &pipeline.FixOptions{Unsafe: o.Unsafe, Write: true})
}

// FixBytes is CheckBytes after fixes. It returns what the fixes made of src, and src itself if there was nothing to fix.
func FixBytes(ctx context.Context, name string, src []byte, o Options) ([]byte, *Report, error) {
	r, err := o.bytes(ctx, name, src, &pipeline.FixOptions{Unsafe: o.Unsafe})
	if r != nil && len(r.Fixed) > 0 {
		src = r.Fixed[0].After
	}
	return src, r, err
}

// Rules are dockvet's own rules, by category and name. The list is new with each call; the rules must not be changed.
func Rules() []*Rule { return rules.All() }

// Formats are the names that Report.Write knows.
func Formats() []string {
	var names []string
	for _, f := range report.Formats() {
		names = append(names, f.Name)
	}
	return names
}

// Write writes the report in the format of that name: text, json, sarif or another of Formats.
func (r *Report) Write(w io.Writer, format string) error {
	f, ok := report.Lookup(format)
	if !ok {
		return fmt.Errorf("no format is called `%s`", format)
	}
	return f.Write(w, r.wire, report.Options{})
}

// WriteDiff writes what fixes changed as a unified diff that git and patch can apply.
func (r *Report) WriteDiff(w io.Writer) error {
	var changes []report.Change
	for _, f := range r.Fixed {
		changes = append(changes, report.Change{Name: f.Name, Create: f.Created, Before: f.Before, After: f.After})
	}
	return report.WriteDiff(w, changes, report.Options{})
}

// Fails reports whether there is a finding of severity s or a higher one that is not a preview.
func (r *Report) Fails(s Severity) bool {
	return slices.ContainsFunc(r.Findings, func(f *Finding) bool { return f.Severity >= s && !f.Preview })
}

func (o Options) run(ctx context.Context, fix *pipeline.FixOptions) (*Report, error) {
	w, files, all, err := o.workspace(workspace.Config{ConfigFile: o.ConfigFile, NoConfig: o.NoConfig, Tracked: outside.TrackedAndIgnored})
	if err != nil {
		return nil, err
	}
	if fix != nil {
		fix.Disk = files
	}
	paths := o.Paths
	if paths == nil {
		paths = []string{"."}
	}
	targets, errs := w.Find(paths)
	return check(ctx, w, all, targets, errs, fix)
}

func (o Options) bytes(ctx context.Context, name string, src []byte, fix *pipeline.FixOptions) (*Report, error) {
	o.NoContext, o.Context = true, ""
	w, files, all, err := o.workspace(workspace.Config{Stdin: bytes.NewReader(src), NoConfig: true})
	if err != nil {
		return nil, err
	}
	if fix != nil {
		fix.Disk = files
	}
	return check(ctx, w, all, []workspace.Target{{Path: name}}, nil, fix)
}

// workspace opens c with what the options say, and returns the file system and all rules with it.
func (o Options) workspace(c workspace.Config) (*workspace.Workspace, *disk.Files, []*Rule, error) {
	if o.ConfigFile != "" && o.NoConfig || o.Context != "" && o.NoContext {
		return nil, nil, nil, errors.New("dockvet: ConfigFile excludes NoConfig, and Context excludes NoContext")
	}
	all := append(rules.All(), o.Rules...)
	index := lint.NewIndex(all)
	for _, r := range o.Rules {
		if index[r.Name] != r {
			return nil, nil, nil, fmt.Errorf("dockvet: two rules are called `%s`", r.Name)
		}
	}
	var err error
	if c.Flags, err = o.flags(index); err != nil {
		return nil, nil, nil, err
	}
	if c.Root, err = filepath.Abs(o.Dir); err != nil {
		return nil, nil, nil, fmt.Errorf("dockvet: %w", err)
	}
	if info, err := os.Stat(c.Root); err != nil || !info.IsDir() {
		return nil, nil, nil, fmt.Errorf("dockvet: `%s` is not a directory", o.Dir)
	}
	files := disk.New(c.Root)
	c.Files = files
	now := o.Now
	if now.IsZero() {
		now = time.Now()
	}
	c.Now = func() time.Time { return now }
	c.Rules, c.Retired = all, rules.Retired()
	return workspace.New(c, workspace.Options{
		Context: o.Context, NoContext: o.NoContext, Target: o.Target, Args: o.Args, NamedContexts: o.NamedContexts,
	}), files, all, nil
}

func (o Options) flags(index lint.Index) (config.Flags, error) {
	flags := config.Flags{Profile: o.Profile, ShellCheck: o.ShellCheck}
	find := func(names []string) (found []*Rule, err error) {
		for _, name := range names {
			r := index.Find(name)
			if _, retired := lint.FindRetired(rules.Retired(), name); r == nil && !retired {
				err = fmt.Errorf("dockvet: no rule is called `%s`", name)
				if near, ok := nearest.Name(name, index.Names()); ok {
					err = fmt.Errorf("%w; the nearest is `%s`", err, near)
				}
				return nil, err
			}
			if r != nil {
				found = append(found, r)
			}
		}
		return found, nil
	}
	var err error
	if flags.Select, err = find(o.Select); err == nil {
		flags.Ignore, err = find(o.Ignore)
	}
	return flags, err
}

// check runs the pipeline. errs are what went wrong before.
func check(ctx context.Context, w *workspace.Workspace, all []*Rule, targets []workspace.Target, errs []error,
	fix *pipeline.FixOptions,
) (*Report, error) {
	var jobs []pipeline.Job
	setups := map[*lint.Linter]*pipeline.Setup{}
	shells := map[string]outside.Source{} // by program
	told := map[string]bool{}             // several Dockerfiles may share an invalid configuration
	for _, t := range targets {
		s, err := w.Settings(t)
		if err == nil && (s.Unchecked.V || s.Off.V && !t.Named) {
			continue
		}
		if err != nil {
			if !told[err.Error()] {
				told[err.Error()] = true
				errs = append(errs, err)
			}
			continue
		}
		if setup := setups[s.Linter]; setup != nil {
			jobs = append(jobs, pipeline.Job{Target: t, Setup: setup})
			continue
		}
		setup := &pipeline.Setup{Linter: s.Linter}
		if name := s.Baseline.V; name != "" {
			if setup.Baseline, err = w.Baseline(name, false); err != nil {
				if !told[err.Error()] {
					told[err.Error()] = true
					errs = append(errs, err)
				}
				continue
			}
		}
		if program := s.ShellCheck.V; program != "" {
			if shells[program] == nil {
				shells[program] = outside.NewShellCheck(program)
			}
			setup.Sources = []outside.Source{shells[program]}
		}
		setups[s.Linter] = setup
		jobs = append(jobs, pipeline.Job{Target: t, Setup: setup})
	}
	results := pipeline.Run(ctx, w, jobs, pipeline.Options{Fix: fix})
	for _, r := range results {
		errs = append(errs, r.Errs...)
	}
	wire := pipeline.Report(jobs, results, all, false)
	wire.Version, wire.Page, wire.URL = version(), rules.Page, rules.URL
	out := &Report{Files: wire.Files, Findings: wire.Findings, wire: wire}
	if fix != nil {
		for _, c := range pipeline.Changes(jobs, results) {
			out.Fixed = append(out.Fixed, Fixed{Name: c.Name, Created: c.Create, Before: c.Before, After: c.After})
		}
	}
	return out, errors.Join(errs...)
}

// version is the version of this module in the program that runs, "" if it is not known.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	const path = "github.com/dockvet/dockvet"
	if info.Main.Path == path {
		return info.Main.Version
	}
	for _, m := range info.Deps {
		if m.Path == path {
			return m.Version
		}
	}
	return ""
}
