package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/internal/disk"
	"github.com/dockvet/dockvet/lint"
)

type options struct {
	Allowed  []string          `yaml:"allowed" doc:"Names that are fine."`
	Mode     string            `yaml:"mode" enum:"loose,tight" doc:"How much to say."`
	Max      int               `yaml:"max"`
	Deep     bool              `yaml:"deep"`
	Labels   map[string]string `yaml:"label-schema"`
	Trusted  []string          `yaml:"trusted-registries"`
	unlisted int
}

// testRules are made up, so that the tests do not depend on which rules have options.
func testRules() []*lint.Rule {
	return []*lint.Rule{
		{Name: "with-options", Summary: "has options", Aliases: []string{"DL9001"}, Severity: lint.Warning, Profile: lint.Strict, Options: &options{
			Allowed: []string{"a"}, Mode: "loose", Max: 3, unlisted: 1,
		}},
		{Name: "plain-rule", Summary: "has none", Severity: lint.Error, Profile: lint.Recommended},
	}
}

// effective are the settings of the Dockerfile in a directory with files.
func effective(t *testing.T, files map[string]string) (*Effective, []string, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	all := testRules()
	var warnings []string
	l := Loader{Root: dir, Files: disk.New(dir), Rules: all, Warn: func(err error) { warnings = append(warnings, err.Error()) }}
	e, err := l.For("Dockerfile")
	return e, warnings, err
}

func TestOptions(t *testing.T) {
	e, _, err := effective(t, map[string]string{
		".dockvet.yaml": "extends: [base.yaml]\nrules:\n  with-options: {max: 7, allowed: [c]}\n",
		"base.yaml":     "rules:\n  DL9001: {severity: error, mode: tight, allowed: [a, b], deep: true}\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	r := e.Rules["with-options"]
	want := &options{Allowed: []string{"c"}, Mode: "tight", Max: 7, Deep: true, unlisted: 1}
	if diff := cmp.Diff(want, r.Options, cmp.AllowUnexported(options{})); diff != "" {
		t.Error(diff)
	}
	if !r.On || r.Off || r.Severity == nil || *r.Severity != lint.Error {
		t.Errorf("the severity of the file below is lost: %+v", r.Setting)
	}
	defaults := testRules()[0].Options
	if diff := cmp.Diff(&options{Allowed: []string{"a"}, Mode: "loose", Max: 3, unlisted: 1}, defaults, cmp.AllowUnexported(options{})); diff != "" {
		t.Errorf("the rule's own defaults have changed: %s", diff)
	}
}

func TestOptionsAlone(t *testing.T) {
	e, _, err := effective(t, map[string]string{".dockvet.yaml": "rules:\n  with-options: {max: 7}\n"})
	if err != nil {
		t.Fatal(err)
	}
	if r := e.Rules["with-options"]; r.On || r.Off || r.Severity != nil {
		t.Errorf("options without a severity switch a rule on or off: %+v", r.Setting)
	}
}

func TestMistakes(t *testing.T) {
	_, _, err := effective(t, map[string]string{".dockvet.yaml": `rules:
  with-options:
    allowd: [a]
    mode: tigth
    max: many
    deep: 1
    severity: loud
    label-schema: [a]
    trusted-registries: {a: b}
  plain-rule: {max: 3}
`})
	want := []string{
		".dockvet.yaml:3:5: unknown key `allowd`; the nearest is `allowed`",
		".dockvet.yaml:4:11: unknown mode `tigth`; the nearest is `tight`",
		".dockvet.yaml:5:10: `max` must be a whole number",
		".dockvet.yaml:6:11: `deep` must be true or false",
		".dockvet.yaml:7:15: unknown severity `loud`; it must be one of off, error, warning, info",
		".dockvet.yaml:8:19: `label-schema` must be a mapping",
		".dockvet.yaml:9:25: `trusted-registries` must be a list, as in [a, b]",
		".dockvet.yaml:10:16: `plain-rule` has no options, only a severity",
	}
	if err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Error(diff)
	}
}

// TestHadolintOptions checks that the settings that hadolint has for all rules reach the rules that have an option of
// that name.
func TestHadolintOptions(t *testing.T) {
	e, warnings, err := effective(t, map[string]string{
		".hadolint.yaml": "trustedRegistries: [registry.example]\nlabel-schema: {version: semver}\nignored: [SC2086]\noverride: {info: [DL9001]}\n",
	})
	if err != nil || warnings != nil {
		t.Fatal(err, warnings)
	}
	r := e.Rules["with-options"]
	got, ok := r.Options.(*options)
	if !ok {
		t.Fatalf("options are %T", r.Options)
	}
	if !slices.Equal(got.Trusted, []string{"registry.example"}) || got.Labels["version"] != "semver" || got.Max != 3 {
		t.Errorf("%+v", got)
	}
	if !r.On || *r.Severity != lint.Info {
		t.Errorf("%+v", r.Setting)
	}
}

func TestFlagsWin(t *testing.T) {
	all := testRules()
	strict, never := lint.Minimal, FailNever
	l := Loader{Root: t.TempDir(), Files: disk.New(t.TempDir()), Rules: all, None: true, Flags: Flags{
		Profile: &strict, FailOn: &never, Select: all[:1], Ignore: all[1:],
	}}
	e, err := l.For("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	s := e.Settings(time.Time{})
	if s.Profile != lint.Minimal || e.FailOn.V != FailNever || !s.Rules["with-options"].On || !s.Rules["plain-rule"].Off {
		t.Errorf("%+v", s)
	}
}

// TestTags compares the values in the tags of File with those that the program knows.
func TestTags(t *testing.T) {
	all := testRules()
	properties, ok := Schema(all)["properties"].(map[string]any)
	if !ok {
		t.Fatal("no properties")
	}
	for key, want := range map[string][]string{"profile": lint.Profiles(), "fail-on": FailOns()} {
		property, _ := properties[key].(map[string]any)
		if diff := cmp.Diff(want, property["enum"]); diff != "" {
			t.Errorf("%s: %s", key, diff)
		}
	}
	option, ok := OptionsSchema(all[0])["mode"].(map[string]any)
	if !ok {
		t.Fatal("no schema for the option `mode`")
	}
	want := map[string]any{"type": "string", "enum": []string{"loose", "tight"}, "default": "loose", "description": "How much to say."}
	if diff := cmp.Diff(want, option); diff != "" {
		t.Error(diff)
	}
}

// FuzzConfig checks that no configuration makes the reader panic.
func FuzzConfig(f *testing.F) {
	f.Add("rules: {DL9001: {max: 1}}")
	f.Add("a: &a [*a]")
	f.Add("overrides:\n- files: [a]\n  rules: {DL9001: off}\nextends: [x]")
	f.Add("profile: &k extends\n*k : [y]")
	f.Add("profile: &k overrides\n*k : [{files: [\"[\"]}]")
	f.Add("? [a]\n: b\n<<: *x")
	all, root := testRules(), f.TempDir()
	f.Fuzz(func(_ *testing.T, src string) {
		l := Loader{Root: root, Files: disk.New(root), Rules: all}
		for _, name := range []string{".dockvet.yaml", ".hadolint.yaml"} {
			_, _ = l.parse(name, []byte(src), nil, new(reading)) // an error is fine
		}
	})
}
