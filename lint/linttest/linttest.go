// Package linttest tests rules with cases, as dockvet tests its own: text archives that hold a Dockerfile and what
// the rule must say about it.
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
//
// A test is a loop over the rules:
//
//	var update = flag.Bool("update", false, "rewrite what the cases want")
//
//	func TestRules(t *testing.T) {
//		suite := linttest.Suite{Rules: myRules, Update: *update}
//		for _, rule := range myRules {
//			t.Run(rule.Name, func(t *testing.T) { suite.Run(t, rule, "testdata/"+rule.Name) })
//		}
//	}
package linttest

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

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
	Inspect func(*testing.T, *lint.Finding)
	// Update rewrites what the cases want instead of comparing it.
	Update bool
}

// Case is one case, read from an archive.
type Case struct {
	Name       string // the base name of its file, without the extension
	Why        string // what comes before the first section
	Dockerfile []byte
	Files      fstest.MapFS // of the build context, without the Dockerfile
	Config     Config

	path        string
	archive     *txtar.Archive
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

// Run runs each case *.txtar in the directory dir as a subtest. There must be one at least.
func (s Suite) Run(t *testing.T, rule *lint.Rule, dir string) {
	t.Helper()
	cases := Read(t, dir)
	if len(cases) == 0 {
		t.Fatalf("no cases in %s", dir)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) { s.run(t, rule, c) })
	}
}

// Read reads each case *.txtar in the directory dir, by name. There may be none.
func Read(t *testing.T, dir string) []Case {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []Case
	for _, name := range names {
		cases = append(cases, read(t, name))
	}
	return cases
}

// The sections of a case with the Dockerfile after fixes. Files that fixes create or change are below them.
const (
	safeSection   = "fixed"
	unsafeSection = "unsafe-fixed"
)

func read(t *testing.T, name string) Case {
	t.Helper()
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	c := Case{
		Name: strings.TrimSuffix(filepath.Base(name), ".txtar"), Why: strings.TrimSpace(string(archive.Comment)), Files: fstest.MapFS{},
		path: name, archive: archive,
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
				t.Fatalf("%s: config: %v", name, err)
			}
		default:
			c.Files[f.Name] = &fstest.MapFile{Data: f.Data}
		}
		c.given = append(c.given, f)
	}
	if !seen {
		t.Fatalf("%s has no section Dockerfile", name)
	}
	for file, mode := range c.Config.Modes {
		c.Files[file].Mode = mode
	}
	for _, file := range c.Config.CRLF {
		c.Files[file].Data = bytes.ReplaceAll(c.Files[file].Data, []byte("\n"), []byte("\r\n"))
	}
	return c
}

func (s Suite) run(t *testing.T, rule *lint.Rule, c Case) {
	t.Helper()
	got := []txtar.File{{Name: "want", Data: []byte(Render(s.Lint(t, rule, c)))}}
	got = append(got, s.fix(t, rule, c, false)...)
	got = append(got, s.fix(t, rule, c, true)...)
	if s.Update {
		c.archive.Files = slices.Concat(c.given, got)
		if err := os.WriteFile(c.path, txtar.Format(c.archive), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if len(c.want) == 0 {
		t.Fatal("the case has no section want; update it and read what was written")
	}
	text := func(files []txtar.File) string { return string(txtar.Format(&txtar.Archive{Files: files})) }
	if want, got := text(c.want), text(got); want != got {
		t.Errorf("findings or fixes differ\n%s", diff(want, got))
	}
}

// Lint runs all rules over c and returns the findings of rule, in order. A rule that panics is an error of t.
func (s Suite) Lint(t *testing.T, rule *lint.Rule, c Case) []*lint.Finding {
	t.Helper()
	o := plan.Options{Target: c.Config.Target, Args: c.Config.Args, AllArgs: c.Config.AllArgs, NamedContexts: c.Config.Contexts}
	b := lint.Build{Plan: plan.New(parser.Parse("Dockerfile", c.Dockerfile), o)}
	b.Builder, b.BuilderHint = lint.Builder(c.Config.Builder), c.Config.BuilderHint
	b.DockerFormat, b.Platforms = c.Config.DockerFormat, c.Config.Platforms
	b.Outside.ShellCheck = notes(b.Plan, c.Config.ShellCheck)
	if c.Files["compose.yaml"] != nil {
		b.Services = services(t, c.Files)
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
			t.Fatal(err)
		}
		context.Chosen = c.Config.Chosen
		b.Context = context
	}
	linter := lint.New(s.Rules, s.settings(t, rule, c.Config))
	found := linter.Lint(b)
	if c.Files["compose.yaml"] != nil {
		described, _ := linter.LintDescription(describe(t, b, c))
		found = append(described, found...)
	}
	var out []*lint.Finding
	for _, f := range found {
		if f.Rule == nil || f.Rule.Name == lint.RuleBug && rule.Name != lint.RuleBug {
			t.Error(f.Message)
		} else if f.Rule == rule {
			out = append(out, f)
		}
	}
	for _, f := range out {
		check(t, f)
		if s.Inspect != nil {
			s.Inspect(t, f)
		}
	}
	return out
}

func (s Suite) settings(t *testing.T, rule *lint.Rule, c Config) lint.Settings {
	t.Helper()
	settings := lint.Settings{
		Profile: lint.Strict, RequireReason: c.RequireReason, NoComments: c.NoComments, Retired: s.Retired,
		Now: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC),
	}
	setting := lint.Setting{On: true}
	var err error
	if c.Now != "" {
		if settings.Now, err = time.Parse(time.DateOnly, c.Now); err != nil {
			t.Fatal(err)
		}
	}
	if c.Profile != "" {
		var ok bool
		if settings.Profile, ok = lint.ParseProfile(c.Profile); !ok {
			t.Fatalf("no profile is called %s", c.Profile)
		}
	}
	if !c.Options.IsZero() {
		setting.Options = rule.NewOptions()
		if err := c.Options.Decode(setting.Options); err != nil {
			t.Fatal(err)
		}
	}
	settings.Rules = map[string]lint.Setting{rule.Name: setting}
	return settings
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

// services are those that the compose.yaml in files builds from the Dockerfile of the case.
func services(t *testing.T, files fstest.MapFS) []lint.Service {
	t.Helper()
	var out []lint.Service
	for _, u := range project(t, files).Usages() {
		if u.Dockerfile == "Dockerfile" {
			out = append(out, u.Services...)
		}
	}
	return out
}

func project(t *testing.T, files fstest.MapFS) *compose.Project {
	t.Helper()
	p, err := compose.Load(files, compose.Find(func(name string) bool { return files[name] != nil }), nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// describe is the compose.yaml of c. b is the build of the Dockerfile of the case, whose context all builds share.
func describe(t *testing.T, b lint.Build, c Case) lint.Description {
	t.Helper()
	files := maps.Clone(c.Files)
	files["Dockerfile"] = &fstest.MapFile{Data: c.Dockerfile}
	d, _ := project(t, c.Files).Describe("compose.yaml", func(u compose.Usage, d *lint.Declaration) lint.Build {
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
func check(t *testing.T, f *lint.Finding) {
	t.Helper()
	for _, a := range f.Aliases {
		if !slices.Contains(f.Rule.Aliases, a) && f.Rule.Name != lint.ShellCheck {
			t.Errorf("finding has alias %s, which %s does not list", a, f.Rule.Name)
		}
	}
	if f.Span.Start > f.Span.End || f.Span.End > len(f.Source.Bytes) {
		t.Errorf("span %v is outside of the file", f.Span)
	}
	if f.Breaks != "" && f.Breaks != lint.BreaksFrontend && f.Breaks != lint.BreaksBuild {
		t.Errorf("finding breaks %q, which is not a value of lint.Breaks", f.Breaks)
	}
	for _, x := range f.Fixes {
		if x.Safety > f.Rule.Fix || x.Safety == lint.NoFix {
			t.Errorf("fix %q is %v, but the rule says %v at most", x.Title, x.Safety, f.Rule.Fix)
		}
		edits := slices.DeleteFunc(slices.Clone(x.Edits), func(e lint.Edit) bool { return e.File != "" })
		out, refused := fix.Apply(f.Source.Bytes, edits)
		if refused != nil {
			t.Errorf("fix %q: %v", x.Title, refused)
		} else if x.Safety > lint.Display {
			parses(t, fmt.Sprintf("fix %q", x.Title), f.Source.Bytes, out)
		}
	}
}

// parses reports an error if fixes made a Dockerfile worse.
func parses(t *testing.T, what string, before, after []byte) {
	t.Helper()
	if was, is := parser.Parse("Dockerfile", before), parser.Parse("Dockerfile", after); len(is.Errors) > len(was.Errors) {
		t.Errorf("after %s the Dockerfile does not parse: %v\n%s", what, is.Errors, after)
	}
}

// fix applies the fixes of rule only, checks that they keep their promises, and returns the sections that show the
// result.
func (s Suite) fix(t *testing.T, rule *lint.Rule, c Case, unsafe bool) []txtar.File {
	t.Helper()
	o := fix.Options{
		Name: "Dockerfile", Unsafe: unsafe, Only: map[string]bool{rule.Name: true},
		Plan: plan.Options{Target: c.Config.Target, Args: c.Config.Args, NamedContexts: c.Config.Contexts},
	}
	files := maps.Clone(c.Files)
	o.Read = func(name string) ([]byte, error) { return fs.ReadFile(files, name) }
	o.Lint = func(p *plan.Plan, made map[string]string) []*lint.Finding {
		now := c
		now.Dockerfile, now.Files = p.File.Bytes, maps.Clone(files)
		for name, text := range made {
			now.Files[name] = &fstest.MapFile{Data: []byte(text)}
		}
		return s.Lint(t, rule, now)
	}
	r := fix.Run(c.Dockerfile, o)
	for _, f := range r.Failures {
		t.Errorf("fix %q: %s", f.Title, f.Reason)
	}
	section, safety := safeSection, lint.Safe
	if unsafe {
		section, safety = unsafeSection, lint.Unsafe
	}
	if !slices.ContainsFunc(r.Applied, func(a fix.Applied) bool { return a.Safety == safety }) {
		return nil
	}
	if !unsafe && len(r.Changes) > 0 {
		t.Errorf("safe fixes change the build: %v", r.Changes)
	}
	parses(t, "all fixes", c.Dockerfile, r.Source)
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
		t.Errorf("a second run applies %q to\n%s", again.Applied[0].Title, r.Source)
	}
	return out
}
