package rules_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
	"gopkg.in/yaml.v3"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/compose"
	"github.com/dockvet/dockvet/internal/fix"
	"github.com/dockvet/dockvet/lint"
	dockerfile "github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules"
	"github.com/dockvet/dockvet/shell"
)

var update = flag.Bool("update", false, "rewrite what the cases of testdata/rules want")

const cases = "../testdata/rules"

// config is the optional section `config` of a case.
type config struct {
	noComments    bool
	Options       yaml.Node         `yaml:"options"` // of the rule
	Target        string            `yaml:"target"`
	Args          map[string]string `yaml:"args"`
	Contexts      []string          `yaml:"contexts"` // named build contexts
	Context       bool              `yaml:"context"`  // there is a build context, though an empty one
	RequireReason bool              `yaml:"require-reason"`
	ShellCheck    []note            `yaml:"shellcheck"` // what it says; with an empty list it has nothing to say
	Now           string            `yaml:"now"`
	Profile       string            `yaml:"profile"` // strict where nothing is said, so that doubtful findings show
	// Modes are permissions of files in the build context, such as 0755; a file that is not among them has none that are known.
	Modes map[string]fs.FileMode `yaml:"modes"`
	CRLF  []string               `yaml:"crlf"` // files of the build context whose lines end as in Windows
}

// note is one finding of ShellCheck, at the first place of a script that has the text At.
type note struct {
	Code, Level, Message, At string
}

func shellNotes(p *plan.Plan, notes []note) map[*plan.Step][]lint.ShellNote {
	if notes == nil {
		return nil
	}
	out := map[*plan.Step][]lint.ShellNote{}
	for s := range new(shell.Scripts).All(p) {
		if s.File == nil {
			continue
		}
		out[s.Step] = nil
		for _, n := range notes {
			if i := strings.Index(s.Text.String, n.At); i >= 0 {
				note := lint.ShellNote{Code: n.Code, Level: n.Level, Message: n.Message, Start: i, End: i + len(n.At)}
				out[s.Step] = append(out[s.Step], note)
			}
		}
	}
	return out
}

// lintCase runs all rules, strictly, over a Dockerfile and its context and returns the findings of rule.
func lintCase(t *testing.T, rule *lint.Rule, src []byte, files fstest.MapFS, c config) []*lint.Finding {
	t.Helper()
	settings := lint.Settings{
		Profile: lint.Strict, RequireReason: c.RequireReason, Rules: map[string]lint.Setting{rule.Name: {On: true}},
		Now: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Retired: rules.Retired(),
	}
	if c.Profile != "" {
		profile, ok := lint.ParseProfile(c.Profile)
		if !ok {
			t.Fatalf("no profile is called %s", c.Profile)
		}
		settings.Profile = profile
	}
	if c.Now != "" {
		now, err := time.Parse(time.DateOnly, c.Now)
		if err != nil {
			t.Fatal(err)
		}
		settings.Now = now
	}
	if !c.Options.IsZero() {
		options := rule.NewOptions()
		if err := c.Options.Decode(options); err != nil {
			t.Fatal(err)
		}
		settings.Rules[rule.Name] = lint.Setting{On: true, Options: options}
	}
	settings.NoComments = c.noComments
	o := plan.Options{Target: c.Target, Args: c.Args, NamedContexts: c.Contexts}
	b := lint.Build{Plan: plan.New(dockerfile.Parse("Dockerfile", src), o)}
	b.Outside.ShellCheck = shellNotes(b.Plan, c.ShellCheck)
	if files["compose.yaml"] != nil {
		b.Services = services(t, files)
	}
	if len(files) > 0 || c.Context {
		files["Dockerfile"] = &fstest.MapFile{Data: src}
		ctx, err := buildcontext.New(files, "Dockerfile")
		if err != nil {
			t.Fatal(err)
		}
		b.Context = ctx
	}
	var out []*lint.Finding
	for _, f := range lint.New(rules.All(), settings).Lint(b) {
		if f.Rule.Name == lint.RuleBug && rule.Name != lint.RuleBug {
			t.Error(f.Message)
		}
		if f.Rule == rule {
			out = append(out, f)
		}
	}
	for _, f := range out {
		meta(t, f)
	}
	return out
}

// services are those that the compose.yaml in files builds from `.`.
func services(t *testing.T, files fstest.MapFS) []lint.Service {
	t.Helper()
	project, err := compose.Load(files, compose.Find(func(name string) bool { return files[name] != nil }), nil)
	if err != nil {
		t.Fatal(err)
	}
	var out []lint.Service
	for _, u := range project.Usages() {
		if u.Dockerfile != "Dockerfile" {
			t.Errorf("%s:%d: it builds %s", u.Place.File, u.Place.Line, u.Dockerfile)
		}
		out = append(out, u.Services...)
	}
	return out
}

// meta holds a finding against what its rule says of itself, and its words against our style.
func meta(t *testing.T, f *lint.Finding) {
	t.Helper()
	for _, a := range f.Aliases {
		if !slices.Contains(f.Rule.Aliases, a) && f.Rule.Name != lint.ShellCheck {
			t.Errorf("finding has alias %s, which %s does not list", a, f.Rule.Name)
		}
	}
	for _, text := range []string{f.Message, f.Note, f.Help, f.Doubt} {
		wording(t, text)
	}
	if f.Span.Start > f.Span.End || f.Span.End > len(f.Source.Bytes) {
		t.Errorf("span %v is outside of the file", f.Span)
	}
	for _, x := range f.Fixes {
		if x.Safety > f.Rule.Fix || x.Safety == lint.NoFix {
			t.Errorf("fix %q is %v, but the rule says %v at most", x.Title, x.Safety, f.Rule.Fix)
		}
		wording(t, x.Title)
		edits := slices.DeleteFunc(slices.Clone(x.Edits), func(e lint.Edit) bool { return e.File != "" })
		out, refused := fix.Apply(f.Source.Bytes, edits)
		if refused != "" {
			t.Errorf("fix %q: %s", x.Title, refused)
			continue
		}
		if after := dockerfile.Parse("Dockerfile", out); x.Safety > lint.Display && len(after.Errors) > len(dockerfile.Parse("Dockerfile", f.Source.Bytes).Errors) {
			t.Errorf("after fix %q: %v\n%s", x.Title, after.Errors, out)
		}
	}
}

var politeness = regexp.MustCompile(`(?i)\b(please don't|illegal|simply|just|obviously)\b`)

func wording(t *testing.T, text string) {
	t.Helper()
	if text == "" {
		return
	}
	if text[0] >= 'A' && text[0] <= 'Z' && (len(text) < 2 || text[1] >= 'a' && text[1] <= 'z') && !strings.HasPrefix(text, "Python ") {
		first, _, _ := strings.Cut(text, " ")
		if !properNoun[strings.Trim(first, "',:")] {
			t.Errorf("%q does not begin in lower case", text)
		}
	}
	if strings.HasSuffix(text, ".") {
		t.Errorf("%q ends in a full stop", text)
	}
	if m := politeness.FindString(text); m != "" {
		t.Errorf("%q says %q", text, m)
	}
}

// properNoun are names that keep their capital at the start of a message.
var properNoun = map[string]bool{
	"ShellCheck": true, "Flask": true, "Django": true, "Python": true, "Debian": true, "Ubuntu": true, "Alpine": true, "Docker": true, "BuildKit": true,
	"Node": true, "Express": true, "Windows": true, "Linux": true, "Kubernetes": true, "Compose": true, "Go": true, "Ruby": true, "Rails": true,
	"FastAPI": true, "Vite": true, "Werkzeug": true, "Next.js": true, "Spring": true, "Maven": true, "Gradle": true, "Java": true, "Git": true,
	"Podman": true, "Bundler": true, "Composer": true, "Poetry": true, "Yarn": true, "Cargo": true, "Rust": true, "Nodemon": true, "NuGet": true, "Bun": true,
	"Puma": true, "Gunicorn": true, "Uvicorn": true, "Fastify": true, "Koa": true, "Laravel": true, "Phoenix": true, "Hugo": true, "Webpack": true, "Amazon": true, "Apache": true, "AlmaLinux": true, "Azul": true, "CentOS": true, "Eclipse": true, "Elasticsearch": true, "Elixir": true, "Erlang/OTP": true, "Fedora": true, "MariaDB": true, "Memcached": true, "Microsoft": true, "MongoDB": true, "Node.js": true, "Oracle": true, "Perl": true, "PostgreSQL": true, "Red": true, "Redis": true, "Rocky": true, "Tomcat": true, "Traefik": true, "Valkey": true,
}

func render(findings []*lint.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%s %s %s\n", place(f.Source, f.Span), f.Severity, f.Message)
		for _, a := range f.Aliases {
			fmt.Fprintf(&b, "  alias %s\n", a)
		}
		for _, x := range [][2]string{{"doubt", f.Doubt}, {"note", f.Note}, {"help", f.Help}} {
			if x[1] != "" {
				fmt.Fprintf(&b, "  %s %s\n", x[0], x[1])
			}
		}
		for _, r := range f.Related {
			if r.File != "" {
				fmt.Fprintf(&b, "  see %s:%d %s\n", r.File, r.Line, r.Message)
			} else {
				fmt.Fprintf(&b, "  see %s %s\n", place(f.Source, r.Span), r.Message)
			}
		}
		for _, fix := range f.Fixes {
			fmt.Fprintf(&b, "  fix (%s) %s\n", fix.Safety, fix.Title)
			for _, e := range fix.Edits {
				if e.File != "" {
					fmt.Fprintf(&b, "    %s %q\n", e.File, e.Text)
				} else {
					fmt.Fprintf(&b, "    %s %q\n", place(f.Source, e.Span), e.Text)
				}
			}
		}
	}
	return b.String()
}

func place(f *dockerfile.Source, s dockerfile.Span) string {
	from, to := f.Lines.Position(s.Start), f.Lines.Position(s.End)
	return fmt.Sprintf("%d:%d-%d:%d", from.Line, from.Column, to.Line, to.Column)
}

// TestRules runs the cases testdata/rules/<rule>/*.txtar; `-update` rewrites what they want.
func TestRules(t *testing.T) {
	for _, rule := range rules.All() {
		t.Run(rule.Name, func(t *testing.T) {
			names, err := filepath.Glob(filepath.Join(cases, rule.Name, "*.txtar"))
			if err != nil {
				t.Fatal(err)
			}
			if len(names) == 0 && rule.Name != lint.RuleBug {
				t.Fatalf("no cases in testdata/rules/%s", rule.Name)
			}
			for _, name := range names {
				t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { runCase(t, rule, name) })
			}
		})
	}
	dirs, err := os.ReadDir(cases)
	if err != nil {
		t.Fatal(err)
	}
	index := lint.NewIndex(rules.All())
	for _, d := range dirs {
		if index[d.Name()] == nil {
			t.Errorf("testdata/rules/%s belongs to no rule", d.Name())
		}
	}
}

// testCase is one archive of testdata/rules.
type testCase struct {
	archive     *txtar.Archive
	given, want []txtar.File // its sections: what is linted, and what is to come of it
	src         []byte
	files       fstest.MapFS
	config      config
}

func readCase(t *testing.T, name string) testCase {
	t.Helper()
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	c := testCase{archive: archive, files: fstest.MapFS{}}
	seen := false
	for _, f := range archive.Files {
		if section, _, _ := strings.Cut(f.Name, "/"); f.Name == "want" || section == safeSection || section == unsafeSection {
			c.want = append(c.want, f)
			continue
		}
		switch f.Name {
		case "Dockerfile":
			c.src, seen = f.Data, true
		case "config":
			if err := yaml.Unmarshal(f.Data, &c.config); err != nil {
				t.Fatal(err)
			}
		default:
			c.files[f.Name] = &fstest.MapFile{Data: f.Data}
		}
		c.given = append(c.given, f)
	}
	if !seen {
		t.Fatal("case has no Dockerfile section")
	}
	for name, mode := range c.config.Modes {
		c.files[name].Mode = mode
	}
	for _, name := range c.config.CRLF {
		c.files[name].Data = bytes.ReplaceAll(c.files[name].Data, []byte("\n"), []byte("\r\n"))
	}
	return c
}

func runCase(t *testing.T, rule *lint.Rule, name string) {
	t.Helper()
	c := readCase(t, name)
	got := []txtar.File{{Name: "want", Data: []byte(render(lintCase(t, rule, c.src, c.files, c.config)))}}
	got = append(got, fixCase(t, rule, c.src, c.files, c.config, false)...)
	got = append(got, fixCase(t, rule, c.src, c.files, c.config, true)...)
	if *update {
		c.archive.Files = slices.Concat(c.given, got)
		if err := os.WriteFile(name, txtar.Format(c.archive), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if len(c.want) == 0 {
		t.Fatal("case has no want section; run with -update and read what it wrote")
	}
	text := func(files []txtar.File) string { return string(txtar.Format(&txtar.Archive{Files: files})) }
	if diff := cmp.Diff(text(c.want), text(got)); diff != "" {
		t.Errorf("findings and fixes (-want +got)\n%s", diff)
	}
}

// The sections of a case that hold the Dockerfile after the safe fixes of its rule, and after the unsafe ones as well. Files
// that fixes create stand below them, as in `unsafe-fixed/.dockerignore`. A section is there if any such fix applies.
const (
	safeSection   = "fixed"
	unsafeSection = "unsafe-fixed"
)

// fixCase applies the fixes of rule alone, holds them to what they promise, and returns the sections that show the result.
func fixCase(t *testing.T, rule *lint.Rule, src []byte, files fstest.MapFS, c config, unsafe bool) []txtar.File {
	t.Helper()
	o := fix.Options{
		Name: "Dockerfile", Unsafe: unsafe, Only: map[string]bool{rule.Name: true},
		Plan: plan.Options{Target: c.Target, Args: c.Args, NamedContexts: c.Contexts},
		Lint: func(p *plan.Plan, created map[string]string) []*lint.Finding {
			have := maps.Clone(files)
			for name, text := range created {
				have[name] = &fstest.MapFile{Data: []byte(text)}
			}
			return lintCase(t, rule, p.File.Bytes, have, c)
		},
	}
	r := fix.Run(src, o)
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
	if was, is := dockerfile.Parse("Dockerfile", src), dockerfile.Parse("Dockerfile", r.Source); len(is.Errors) > len(was.Errors) {
		t.Errorf("the result does not parse: %v\n%s", is.Errors, r.Source)
	}
	have := maps.Clone(files)
	var out []txtar.File
	if string(r.Source) != string(src) {
		out = append(out, txtar.File{Name: section, Data: r.Source})
	}
	for _, name := range slices.Sorted(maps.Keys(r.Files)) {
		have[name] = &fstest.MapFile{Data: []byte(r.Files[name].After)}
		out = append(out, txtar.File{Name: section + "/" + name, Data: []byte(r.Files[name].After)})
	}
	files = have // what the fixes made is there from the start when they run again
	if again := fix.Run(r.Source, o); len(again.Applied) > 0 {
		t.Errorf("a second run applies %q to\n%s", again.Applied[0].Title, r.Source)
	}
	return out
}

// TestCaseCoverage holds that the cases of each rule show where it speaks, at least twice; where it nearly does and must not, at two
// instructions of a kind that it speaks of; that a comment silences it, by the code of another tool if it has one; and, for a rule
// that looks into RUN, that it points into a continued line or a heredoc.
func TestCaseCoverage(t *testing.T) {
	// These are findings on comments: with comments off there are none. Each has a case that a comment silences nonetheless.
	onComments := []string{lint.MissingReason, lint.UnknownIgnore, lint.UnusedIgnore}
	for _, rule := range rules.All() {
		if rule.Name == lint.RuleBug {
			continue // no Dockerfile shows it
		}
		t.Run(rule.Name, func(t *testing.T) {
			names, err := filepath.Glob(filepath.Join(cases, rule.Name, "*.txtar"))
			if err != nil {
				t.Fatal(err)
			}
			findings, suppressed, byAlias, inside, continued := 0, 0, 0, 0, 0
			fires, silent := map[string]bool{}, map[string]int{} // by the name of the instruction, "" for what lies in none
			for _, name := range names {
				c := readCase(t, name)
				if len(strings.TrimSpace(string(c.archive.Comment))) == 0 {
					t.Errorf("%s does not begin with a line that says why it exists", filepath.Base(name))
				}
				got := lintCase(t, rule, c.src, c.files, c.config)
				c.config.noComments = true
				all := lintCase(t, rule, c.src, c.files, c.config)
				findings += len(got)
				switch {
				case len(all) > len(got):
					suppressed++
					if namesAlias(rule, c.src) {
						byAlias++
					}
				case len(got) == 0:
					silent[""]++
					for _, in := range dockerfile.Parse("Dockerfile", c.src).Instructions {
						silent[in.Name]++
					}
				}
				for _, f := range got {
					kind := f.Instruction.Name
					fires[kind] = true
					if f.Instruction.Name != "" && f.Source.Lines.Position(f.Span.Start).Line > f.Source.Lines.Position(f.Instruction.Span.Start).Line {
						inside++
					}
					if f.Instruction.Name != "" && f.Source.Lines.Position(f.Instruction.Span.End).Line > f.Source.Lines.Position(f.Instruction.Span.Start).Line {
						continued++
					}
				}
			}
			if findings < 2 {
				t.Errorf("%d findings in all cases, want 2", findings)
			}
			misses := 0
			for kind := range fires {
				misses += silent[kind]
			}
			if misses < 2 {
				t.Errorf("silent cases have %d of %v, want 2: a near miss is missing", misses, slices.Sorted(maps.Keys(fires)))
			}
			if suppressed == 0 && !slices.Contains(onComments, rule.Name) {
				t.Error("no case has a comment that silences a finding")
			}
			if len(rule.Aliases) > 0 && byAlias == 0 {
				t.Errorf("no comment that names one of %v silences a finding", rule.Aliases)
			}
			delete(fires, "")
			if continued == 0 && len(fires) > 0 {
				t.Error("no finding is in an instruction of several lines")
			}
			looksIntoRun := rule.Category == lint.Scripts || rule.Category == lint.Packages
			if inside == 0 && looksIntoRun && rule.Name != "consecutive-runs" { // which points at the word RUN
				t.Error("no finding lies in a continued line or a heredoc")
			}
		})
	}
}

// namesAlias reports whether a comment of src speaks to rule in the words of another tool.
func namesAlias(rule *lint.Rule, src []byte) bool {
	for line := range strings.Lines(string(src)) {
		text, ok := strings.CutPrefix(strings.TrimSpace(line), "#")
		if !ok {
			continue
		}
		words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" =,;\n", r) })
		if slices.ContainsFunc(words, func(w string) bool { return slices.Contains(rule.Aliases, w) }) {
			return true
		}
	}
	return false
}

// TestPages holds that each rule has a page in our order, whose bad examples the rule reports and whose good ones it does not.
func TestPages(t *testing.T) {
	for _, rule := range rules.All() {
		t.Run(rule.Name, func(t *testing.T) {
			page := pageFile(t, rule)
			title := "# " + rule.Name
			if len(rule.Aliases) > 0 {
				title += " (" + strings.Join(rule.Aliases, ", ") + ")"
			}
			if first, _, _ := strings.Cut(page, "\n"); first != title {
				t.Fatalf("page begins with %q, want %q", first, title)
			}
			var heads []string
			for line := range strings.SplitSeq(page, "\n") {
				if h, ok := strings.CutPrefix(line, "## "); ok {
					heads = append(heads, h)
				}
			}
			order := []string{"Why", "Bad", "Good", "Fix", "Options", "Other tools", "References"}
			at := -1
			for _, h := range heads {
				i := slices.Index(order, h)
				if i <= at {
					t.Errorf("heading %q is unknown or out of the order %v", h, order)
				}
				at = i
			}
			if (rule.Options != nil) != slices.Contains(heads, "Options") {
				t.Error("the page has a section Options if and only if the rule has options")
			}
			if (rule.Fix > lint.Display) != slices.Contains(heads, "Fix") {
				t.Error("the page has a section Fix if and only if the rule has one that can be applied")
			}
			examples(t, rule, page)
		})
	}
}

var fence = regexp.MustCompile("(?ms)^```([a-z]*)(?: title=(\\S+))?\n(.*?)^```$")

// examples runs the code blocks of the sections Bad and Good. Each block called `dockerfile` is one Dockerfile; blocks with a
// title before it are files of its build context; one called .dockvet.yaml holds the rule's options instead, for all that
// follows in the section.
func examples(t *testing.T, rule *lint.Rule, page string) {
	t.Helper()
	if rule.Name == lint.RuleBug || rule.Name == lint.MissingReason || rule.Name == lint.ShellCheck {
		return // no Dockerfile alone shows them
	}
	for _, section := range []string{"Bad", "Good"} {
		_, text, ok := strings.Cut(page, "\n## "+section+"\n")
		if !ok {
			t.Errorf("no section %s", section)
			continue
		}
		text, _, _ = strings.Cut(text, "\n## ")
		files := fstest.MapFS{}
		n := 0
		var c config
		for _, m := range fence.FindAllStringSubmatch(text, -1) {
			if m[2] == ".dockvet.yaml" {
				c = optionsOf(t, rule, m[3])
				continue
			}
			if m[2] != "" {
				files[m[2]] = &fstest.MapFile{Data: []byte(m[3])}
				continue
			}
			if m[1] != "dockerfile" {
				continue
			}
			n++
			got := lintCase(t, rule, []byte(m[3]), files, c)
			if section == "Bad" && len(got) == 0 {
				t.Errorf("no finding in the bad example\n%s", m[3])
			}
			if section == "Good" && len(got) > 0 {
				t.Errorf("the good example has findings\n%s", render(got))
			}
			files = fstest.MapFS{}
		}
		if n == 0 {
			t.Errorf("section %s has no example", section)
		}
	}
}

// TestRetired holds that no rule has a code that is retired, and that each has its words.
func TestRetired(t *testing.T) {
	index := lint.NewIndex(rules.All())
	for _, r := range rules.Retired() {
		if index[r.Code] != nil || lint.Tool(r.Code) == "" {
			t.Errorf("%+v: a rule has it, or it says too little", r)
		}
		wording(t, r.What)
	}
}

// optionsOf is the case that a page's configuration stands for.
func optionsOf(t *testing.T, rule *lint.Rule, text string) config {
	t.Helper()
	var file struct {
		Rules map[string]yaml.Node `yaml:"rules"`
	}
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		t.Fatal(err)
	}
	return config{Options: file.Rules[rule.Name]}
}

// TestListed holds that each rule declared in a folder of rules stands in All, in the folder of its category and in a file of
// its name.
func TestListed(t *testing.T) {
	listed := map[string]bool{}
	aliases := map[string]string{}
	for _, r := range rules.All() {
		if listed[r.Name] {
			t.Errorf("%s is listed twice", r.Name)
		}
		listed[r.Name] = true
		wording(t, r.Summary)
		if r.Summary == "" || r.Since == "" {
			t.Errorf("%s lacks a summary or an edition", r.Name)
		}
		for _, a := range r.Aliases {
			if other := aliases[a]; other != "" {
				t.Errorf("alias %s belongs to %s and %s", a, other, r.Name)
			}
			aliases[a] = r.Name
		}
	}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || !strings.Contains(path, string(filepath.Separator)) {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			if sel, ok := lit.Type.(*ast.SelectorExpr); !ok || sel.Sel.Name != "Rule" {
				return true
			}
			for _, e := range lit.Elts {
				kv, ok := e.(*ast.KeyValueExpr)
				if !ok || fmt.Sprint(kv.Key) != "Name" {
					continue
				}
				value, ok := kv.Value.(*ast.BasicLit)
				if !ok {
					continue // the engine's rules take their names from lint
				}
				name := strings.Trim(value.Value, `"`)
				if !listed[name] {
					t.Errorf("%s: rule %s is not in rules.All", path, name)
				}
				if stem := strings.TrimSuffix(filepath.Base(path), ".go"); stem != strings.ReplaceAll(name, "-", "_") {
					t.Errorf("%s: rule %s belongs in a file of its name", path, name)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// pageFile is the text of a rule's page, "" if it has none.
func pageFile(t *testing.T, r *lint.Rule) string {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash(r.Page()))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(text)
}
