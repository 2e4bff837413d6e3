// Package lintcase runs rules over cases: text archives that hold a Dockerfile and what a rule must say about it. It neither reads
// files nor knows package testing, so that programs can test rules as well; package linttest is for tests in Go.
//
// The first lines of a case say why it exists. Its sections are
//
//	-- config --        optional: a Config in YAML
//	-- Dockerfile --    what is linted
//	-- compose.yaml --  optional: it is linted too, and its services that build `.` run the image
//	-- NAME --          any other file of the build context
//	-- want --          the findings, as Render prints them
//	-- fixed --         the Dockerfile after the safe fixes; missing if there are none
//	-- unsafe-fixed --  the Dockerfile after the unsafe fixes as well; missing if there are none
//	-- fixed/NAME --    a file of the build context that fixes create or change; and so unsafe-fixed/NAME
package lintcase

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing/fstest"
	"time"

	"github.com/rogpeppe/go-internal/diff"
	"golang.org/x/tools/txtar"
	"gopkg.in/yaml.v3"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/compose"
	"github.com/dockvet/dockvet/internal/fix"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Suite is a set of rules under test.
type Suite struct {
	// Rules run together in each case, so that a rule that fails on the case of another one is found. Only the
	// findings of the rule that the case belongs to are compared.
	Rules   []*lint.Rule
	Retired []lint.Retired
	// Inspect looks at each finding of the rule under test; nil: nobody does.
	Inspect func(*lint.Finding)
}

// Case is one case, read from an archive.
type Case struct {
	File       string // the name given to Parse
	Name       string // the base name of its file, without the extension
	Why        string // what comes before the first section
	Dockerfile []byte
	Files      fstest.MapFS // of the build context, without the Dockerfile
	Config     Config

	comment     []byte
	given, want []txtar.File // its sections: what is linted, and what is to come of it
}

// Config is the section `config` of a case.
type Config struct {
	Options       yaml.Node         `yaml:"options"` // of the rule; what is absent has its default
	Target        string            `yaml:"target"`
	Args          map[string]string `yaml:"args"`
	AllArgs       bool              `yaml:"all-args"` // the build passes no arguments but these
	Contexts      []string          `yaml:"contexts"` // the names of the named build contexts
	Context       bool              `yaml:"context"`  // there is a build context, even if no section is a file of it
	Chosen        bool              `yaml:"chosen"`   // the user has named the build context
	RequireReason bool              `yaml:"require-reason"`
	ShellCheck    []Note            `yaml:"shellcheck"` // what ShellCheck says; an empty list: it ran and found nothing
	Now           string            `yaml:"now"`        // a date such as 2026-11-23, which is the default
	Profile       string            `yaml:"profile"`    // strict by default, so that findings with a doubt show
	NoComments    bool              `yaml:"no-comments"`
	Builder       string            `yaml:"builder"`
	BuilderHint   string            `yaml:"builder-hint"`
	DockerFormat  bool              `yaml:"docker-format"`
	Platforms     []string          `yaml:"platforms"`
	// Modes are the permissions of files of the build context, such as 0755; those of other files are unknown.
	Modes map[string]fs.FileMode `yaml:"modes"`
	CRLF  []string               `yaml:"crlf"` // files of the build context that have Windows line endings
}

// Note is one finding of ShellCheck, at the first place of each script that contains At.
type Note struct {
	Code, Level, Message, At string
}

// The sections of a case with the Dockerfile after fixes. Files that fixes create or change are below them.
const (
	safeSection   = "fixed"
	unsafeSection = "unsafe-fixed"
)

// Parse reads the case in src, a text archive. file is its name.
func Parse(file string, src []byte) (Case, error) {
	archive := txtar.Parse(src)
	c := Case{
		File: file, Name: strings.TrimSuffix(path.Base(file), path.Ext(file)),
		Why: strings.TrimSpace(string(archive.Comment)), Files: fstest.MapFS{},
		comment: archive.Comment,
	}
	seen := false
	for _, f := range archive.Files {
		if section, _, _ := strings.Cut(f.Name, "/"); f.Name == "want" || section == safeSection || section == unsafeSection {
			c.want = append(c.want, f)
			continue
		}
		switch f.Name {
		case "Dockerfile":
			c.Dockerfile, seen = f.Data, true
		case "config":
			d := yaml.NewDecoder(bytes.NewReader(f.Data))
			d.KnownFields(true)
			if err := d.Decode(&c.Config); err != nil {
				return c, fmt.Errorf("section config: %w", err)
			}
		default:
			c.Files[f.Name] = &fstest.MapFile{Data: f.Data}
		}
		c.given = append(c.given, f)
	}
	if !seen {
		return c, errors.New("the Dockerfile section is missing")
	}
	for name, mode := range c.Config.Modes {
		if c.Files[name] == nil {
			return c, fmt.Errorf("section config: modes: section %s is missing", name)
		}
		c.Files[name].Mode = mode
	}
	for _, name := range c.Config.CRLF {
		if c.Files[name] == nil {
			return c, fmt.Errorf("section config: crlf: section %s is missing", name)
		}
		c.Files[name].Data = bytes.ReplaceAll(c.Files[name].Data, []byte("\n"), []byte("\r\n"))
	}
	return c, nil
}

// Outcome is what came of a case.
type Outcome struct {
	Text   []byte // the case with what came of it instead of what it wants
	Wanted bool   // the case says what it wants
	Diff   string // a unified diff from what it wants to what came of it; "" if these are equal
}

// Run runs the case c of rule. The error is what no case may show: rules that panic, and findings and fixes that do not keep
// their promises. The outcome is there nonetheless.
func (s Suite) Run(rule *lint.Rule, c Case) (Outcome, error) {
	found, err := s.Lint(rule, c)
	got := []txtar.File{{Name: "want", Data: []byte(Render(found))}}
	for _, unsafe := range []bool{false, true} {
		files, failed := s.fix(rule, c, unsafe)
		got = append(got, files...)
		if err == nil { // or it would be said again
			err = failed
		}
	}
	text := func(files []txtar.File) []byte { return txtar.Format(&txtar.Archive{Files: files}) }
	whole := txtar.Format(&txtar.Archive{Comment: c.comment, Files: slices.Concat(c.given, got)})
	o := Outcome{Text: whole, Wanted: len(c.want) > 0}
	if want, got := text(c.want), text(got); !bytes.Equal(want, got) {
		o.Diff = strings.TrimPrefix(string(diff.Diff("want", want, "got", got)), "diff want got\n")
	}
	return o, err
}

// Lint runs all rules over c and returns the findings of rule, in order. The error is what no case may show.
func (s Suite) Lint(rule *lint.Rule, c Case) ([]*lint.Finding, error) {
	o := plan.Options{Target: c.Config.Target, Args: c.Config.Args, AllArgs: c.Config.AllArgs, NamedContexts: c.Config.Contexts}
	b := lint.Build{Plan: plan.New(parser.Parse("Dockerfile", c.Dockerfile), o)}
	b.Builder, b.BuilderHint = lint.Builder(c.Config.Builder), c.Config.BuilderHint
	b.DockerFormat, b.Platforms = c.Config.DockerFormat, c.Config.Platforms
	b.Outside.ShellCheck = notes(b.Plan, c.Config.ShellCheck)
	settings, err := s.settings(rule, c.Config)
	if err != nil {
		return nil, fmt.Errorf("section config: %w", err)
	}
	var project *compose.Project
	if c.Files["compose.yaml"] != nil {
		if project, err = load(c.Files); err != nil {
			return nil, err
		}
		b.Services, b.OtherServices = services(project, c.Config.Target)
	}
	if len(c.Files) > 0 || c.Config.Context {
		files := maps.Clone(c.Files)
		if files == nil {
			files = fstest.MapFS{}
		}
		files["Dockerfile"] = &fstest.MapFile{Data: c.Dockerfile}
		open := buildcontext.NewDirectory(files).Context
		if b.Builder == lint.Buildah {
			open = buildcontext.NewDirectory(files).BuildahContext
		}
		context, err := open("Dockerfile")
		if err != nil {
			return nil, err
		}
		context.Chosen = c.Config.Chosen
		b.Context = context
	}
	linter := lint.New(s.Rules, settings)
	found := linter.Lint(b)
	if project != nil {
		described, _ := linter.LintDescription(describe(project, b, c))
		found = append(described, found...)
	}
	var out []*lint.Finding
	var errs []error
	for _, f := range found {
		if f.Rule == nil || f.Rule.Name == lint.RuleBug && rule.Name != lint.RuleBug {
			errs = append(errs, errors.New(f.Message))
		} else if f.Rule == rule {
			out = append(out, f)
		}
	}
	for _, f := range out {
		errs = append(errs, check(f)...)
		if s.Inspect != nil {
			s.Inspect(f)
		}
	}
	return out, errors.Join(errs...)
}

func (s Suite) settings(rule *lint.Rule, c Config) (lint.Settings, error) {
	settings := lint.Settings{
		Profile: lint.Strict, RequireReason: c.RequireReason, NoComments: c.NoComments, Retired: s.Retired,
		Now: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC),
	}
	setting := lint.Setting{On: true}
	var err error
	if c.Now != "" {
		if settings.Now, err = time.Parse(time.DateOnly, c.Now); err != nil {
			return settings, fmt.Errorf("now: %w", err)
		}
	}
	if c.Profile != "" {
		var ok bool
		if settings.Profile, ok = lint.ParseProfile(c.Profile); !ok {
			return settings, fmt.Errorf("no profile is called %s", c.Profile)
		}
	}
	if !c.Options.IsZero() {
		if setting.Options = rule.NewOptions(); setting.Options == nil {
			return settings, fmt.Errorf("%s has no options", rule.Name)
		}
		if err := c.Options.Decode(setting.Options); err != nil {
			return settings, fmt.Errorf("options: %w", err)
		}
	}
	settings.Rules = map[string]lint.Setting{rule.Name: setting}
	return settings, nil
}

func notes(p *plan.Plan, list []Note) map[*plan.Step][]lint.ShellNote {
	if list == nil {
		return nil
	}
	out := map[*plan.Step][]lint.ShellNote{}
	for s := range new(shell.Scripts).All(p) {
		if s.File == nil {
			continue
		}
		out[s.Step] = nil
		for _, n := range list {
			if i := strings.Index(s.Text.String, n.At); i >= 0 {
				note := lint.ShellNote{Code: n.Code, Level: n.Level, Message: n.Message, Start: i, End: i + len(n.At)}
				out[s.Step] = append(out[s.Step], note)
			}
		}
	}
	return out
}

// services are those that the project p builds from the Dockerfile of the case, and those of other targets than the last stage or target.
func services(p *compose.Project, target string) (own, other []lint.Service) {
	for _, u := range p.Usages() {
		switch {
		case u.Dockerfile != "Dockerfile":
		case u.Plan.Target == "" || u.Plan.Target == target:
			own = append(own, u.Services...)
		default:
			other = append(other, u.Services...)
		}
	}
	return own, other
}

func load(files fstest.MapFS) (*compose.Project, error) {
	return compose.Load(files, compose.Find(func(name string) bool { return files[name] != nil }), nil)
}

// describe is the compose.yaml of c, the project p. b is the build of the Dockerfile of the case, whose context all builds share.
func describe(p *compose.Project, b lint.Build, c Case) lint.Description {
	files := maps.Clone(c.Files)
	files["Dockerfile"] = &fstest.MapFile{Data: c.Dockerfile}
	d, _ := p.Describe("compose.yaml", func(u compose.Usage, d *lint.Declaration) lint.Build {
		out := lint.Build{Context: b.Context, Services: u.Services}
		if _, err := fs.Stat(files, u.Context); err != nil {
			d.NoContext = true
		} else if src, err := files.ReadFile(u.Dockerfile); err != nil {
			d.NoDockerfile = true
		} else {
			out.Plan = plan.New(parser.Parse(u.Dockerfile, src), u.Plan)
		}
		return out
	})
	return d
}

// check compares a finding with what its rule says about itself.
func check(f *lint.Finding) []error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	for _, a := range f.Aliases {
		if !slices.Contains(f.Rule.Aliases, a) && f.Rule.Name != lint.ShellCheck {
			fail("finding has alias %s, which %s does not list", a, f.Rule.Name)
		}
	}
	if f.Span.Start > f.Span.End || f.Span.End > len(f.Source.Bytes) {
		fail("span %v is outside of the file", f.Span)
	}
	if f.Breaks != "" && f.Breaks != lint.BreaksFrontend && f.Breaks != lint.BreaksBuild {
		fail("finding breaks %q, which is not a value of lint.Breaks", f.Breaks)
	}
	for _, x := range f.Fixes {
		if x.Safety > f.Rule.Fix || x.Safety == lint.NoFix {
			fail("fix %q is %v, but the rule says %v at most", x.Title, x.Safety, f.Rule.Fix)
		}
		edits := slices.DeleteFunc(slices.Clone(x.Edits), func(e lint.Edit) bool { return e.File != "" })
		out, refused := fix.Apply(f.Source.Bytes, edits)
		if refused != nil {
			fail("fix %q: %w", x.Title, refused)
		} else if x.Safety > lint.Display {
			errs = append(errs, parses(fmt.Sprintf("fix %q", x.Title), f.Source.Bytes, out))
		}
	}
	return errs
}

// parses is an error if fixes made a Dockerfile worse.
func parses(what string, before, after []byte) error {
	if was, is := parser.Parse("Dockerfile", before), parser.Parse("Dockerfile", after); len(is.Errors) > len(was.Errors) {
		return fmt.Errorf("after %s the Dockerfile does not parse: %v\n%s", what, is.Errors, after)
	}
	return nil
}

// fix applies the fixes of rule only, checks that they keep their promises, and returns the sections that show the
// result.
func (s Suite) fix(rule *lint.Rule, c Case, unsafe bool) ([]txtar.File, error) {
	var errs []error
	o := fix.Options{
		Name: "Dockerfile", Unsafe: unsafe, Only: map[string]bool{rule.Name: true},
		Plan: plan.Options{Target: c.Config.Target, Args: c.Config.Args, NamedContexts: c.Config.Contexts},
	}
	files := maps.Clone(c.Files)
	o.Read = func(name string) ([]byte, error) { return files.ReadFile(name) }
	o.Lint = func(p *plan.Plan, made map[string]string) []*lint.Finding {
		now := c
		now.Dockerfile, now.Files = p.File.Bytes, maps.Clone(files)
		for name, text := range made {
			now.Files[name] = &fstest.MapFile{Data: []byte(text)}
		}
		found, err := s.Lint(rule, now)
		errs = append(errs, err)
		return found
	}
	r := fix.Run(c.Dockerfile, o)
	for _, f := range r.Failures {
		errs = append(errs, fmt.Errorf("fix %q: %s", f.Title, f.Reason))
	}
	section, safety := safeSection, lint.Safe
	if unsafe {
		section, safety = unsafeSection, lint.Unsafe
	}
	if !slices.ContainsFunc(r.Applied, func(a fix.Applied) bool { return a.Safety == safety }) {
		return nil, errors.Join(errs...)
	}
	if !unsafe && len(r.Changes) > 0 {
		errs = append(errs, fmt.Errorf("safe fixes change the build: %v", r.Changes))
	}
	errs = append(errs, parses("all fixes", c.Dockerfile, r.Source))
	files = maps.Clone(files) // what the fixes made is there from the start when they run again
	var out []txtar.File
	if !bytes.Equal(r.Source, c.Dockerfile) {
		out = append(out, txtar.File{Name: section, Data: r.Source})
	}
	for _, name := range slices.Sorted(maps.Keys(r.Files)) {
		files[name] = &fstest.MapFile{Data: []byte(r.Files[name].After)}
		out = append(out, txtar.File{Name: section + "/" + name, Data: []byte(r.Files[name].After)})
	}
	if again := fix.Run(r.Source, o); len(again.Applied) > 0 {
		errs = append(errs, fmt.Errorf("a second run applies %q to\n%s", again.Applied[0].Title, r.Source))
	}
	return out, errors.Join(errs...)
}
