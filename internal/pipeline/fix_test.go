package pipeline

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/internal/disk"
	"github.com/dockvet/dockvet/internal/workspace"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// fixRules offer what no real rule does: fixes that lie, and files of the build context.
func fixRules() []*lint.Rule {
	replace := func(name string, safety lint.Safety, old, text string) *lint.Rule {
		return &lint.Rule{Name: name, Severity: lint.Warning, Fix: safety, Check: lint.OnFile(func(p *lint.Pass) {
			if at := strings.Index(string(p.File.Bytes), old); at >= 0 {
				span := parser.Span{Start: at, End: at + len(old)}
				p.Report(span, "%s", old).Offer(safety, "replace it", lint.Edit{Span: span, Text: text})
			}
		})}
	}
	missing := &lint.Rule{Name: "missing", Severity: lint.Warning, Fix: lint.Unsafe, Check: lint.OnContext(func(p *lint.Pass) {
		if !p.Context().Has(".dockerignore") {
			p.Report(parser.Span{}, "none").Offer(lint.Unsafe, "write it", lint.Edit{File: ".dockerignore", Create: true, Text: ".git\n"})
		}
	})}
	return []*lint.Rule{
		replace("safe", lint.Safe, "ENV a b", "ENV a=b"), replace("liar", lint.Safe, "USER a", "USER b"),
		replace("unsafe", lint.Unsafe, "USER c", "USER d"), missing,
		{Name: lint.RuleBug, Severity: lint.Error},
	}
}

type fixCase struct {
	dir  string
	how  FixOptions
	jobs []Job
}

// first is the first Dockerfile.
func (c fixCase) first() string { return filepath.Join(c.dir, c.jobs[0].Name) }

// fixing puts files in a directory of their own, which is their build context.
func fixing(t *testing.T, how FixOptions, files map[string]string) fixCase {
	t.Helper()
	c := fixCase{dir: t.TempDir(), how: how}
	c.how.Disk = disk.New(c.dir)
	l := lint.New(fixRules(), lint.Settings{})
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(name, "Dockerfile") {
			c.jobs = append(c.jobs, Job{Target: workspace.Target{Path: name, Name: name}, Setup: &Setup{Linter: l}})
		}
	}
	slices.SortFunc(c.jobs, func(a, b Job) int { return strings.Compare(a.Path, b.Path) })
	return c
}

// run checks the files, calls between, and fixes them.
func (c fixCase) run(between func()) []Result {
	w := workspace.New(workspace.Config{Root: c.dir, Files: disk.New(c.dir)}, workspace.Options{Context: "."})
	r := &run{Options: Options{Fix: &c.how}, workspace: w, jobs: c.jobs, items: make([]item, len(c.jobs)), results: make([]Result, len(c.jobs))}
	for i := range c.jobs {
		r.load(i, &r.items[i], &r.results[i])
		r.lint(i, &r.items[i], &r.results[i])
	}
	between()
	for i := range c.jobs {
		r.fix([]int{i})
	}
	return r.results
}

// holds compares the directory with what it must hold now.
func (c fixCase) holds(t *testing.T, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(c.dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		got[e.Name()] = string(data)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("directory (-want +got)\n%s", diff)
	}
}

func messages(r Result) (out []string) {
	for _, f := range r.Findings {
		out = append(out, f.Rule.Name+": "+f.Message)
	}
	return out
}

func errs(r Result) (out []string) {
	for _, err := range r.Errs {
		out = append(out, err.Error())
	}
	return out
}

func TestFixDropsWhatIsNotSafe(t *testing.T) {
	c := fixing(t, FixOptions{Write: true}, map[string]string{"Dockerfile": "FROM x\nENV a b\nUSER a\n", ".dockerignore": "x\n"})
	r := c.run(func() {})[0]
	c.holds(t, map[string]string{"Dockerfile": "FROM x\nENV a=b\nUSER a\n", ".dockerignore": "x\n"})
	want := []string{"rule-bug: bug in the fix `replace it` of rule liar: the build changes: image: user changes from `a` to `b`", "liar: USER a"}
	if diff := cmp.Diff(want, messages(r)); diff != "" {
		t.Errorf("findings (-want +got)\n%s", diff)
	}
	info, err := os.Stat(c.first())
	if err != nil || filepath.Separator == '/' && info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
}

func TestFixCreates(t *testing.T) {
	files := map[string]string{"Dockerfile": "FROM x\nENV a b\nUSER c\n", "b.Dockerfile": "FROM x\n"}
	c := fixing(t, FixOptions{Unsafe: true, Write: true}, files)
	results := c.run(func() {})
	c.holds(t, map[string]string{"Dockerfile": "FROM x\nENV a=b\nUSER d\n", "b.Dockerfile": "FROM x\n", ".dockerignore": ".git\n"})
	if diff := cmp.Diff([]string{"image: user changes from `c` to `d`", "`.dockerignore` is added to the build context"}, results[0].Fixed.Changes); diff != "" {
		t.Errorf("changes (-want +got)\n%s", diff)
	}
	for _, r := range results {
		if len(r.Findings)+len(r.Errs) > 0 {
			t.Errorf("left: %v, errors %v", messages(r), r.Errs)
		}
	}

	c = fixing(t, FixOptions{Unsafe: true}, files)
	results = c.run(func() {})
	c.holds(t, files)
	if n, m := len(results[0].Fixed.Files), len(results[1].Fixed.Files); n != 1 || m != 0 {
		t.Errorf("without writing: %d and %d files would be created for one build context", n, m)
	}
}

func TestFixLimit(t *testing.T) {
	line := "# 16 characters.\n"
	files := map[string]string{"Dockerfile": strings.Repeat(line, maxFixed/len(line)) + "FROM x\nENV a b\n"}
	c := fixing(t, FixOptions{Write: true}, files)
	r := c.run(func() {})[0]
	c.holds(t, files)
	if len(r.Notes) != 1 || len(r.Errs) != 0 || !slices.Contains(messages(r), "safe: ENV a b") {
		t.Errorf("notes %v, errors %v, findings %v", r.Notes, r.Errs, messages(r))
	}
}

// TestFixAllOrNothing checks that a fix that cannot be written leaves the directory and the findings as they were.
func TestFixAllOrNothing(t *testing.T) {
	source := "FROM x\nENV a b\n"
	for _, x := range []struct {
		name    string
		between func(c fixCase) error
		want    map[string]string
		err     string
	}{
		{
			"read-only", func(c fixCase) error { return os.Chmod(c.first(), 0o444) },
			map[string]string{"Dockerfile": source},
			"not fixed: cannot write Dockerfile: it is read-only",
		},
		{
			"gone", func(c fixCase) error { return os.Remove(c.first()) },
			map[string]string{},
			"not fixed: cannot write Dockerfile: no such file or directory",
		},
		{
			"changed", func(c fixCase) error { return os.WriteFile(c.first(), []byte("FROM y\n"), 0o644) },
			map[string]string{"Dockerfile": "FROM y\n"},
			"not fixed: cannot write Dockerfile: it has changed since it was read",
		},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := fixing(t, FixOptions{Unsafe: true, Write: true}, map[string]string{"Dockerfile": source})
			r := c.run(func() {
				if err := x.between(c); err != nil {
					t.Fatal(err)
				}
			})[0]
			c.holds(t, x.want)
			if got := errs(r); x.name != "gone" && !slices.Equal(got, []string{x.err}) || len(got) != 1 { // each system words it differently
				t.Errorf("errors %q, want %q", got, x.err)
			}
			if diff := cmp.Diff([]string{"missing: none", "safe: ENV a b"}, messages(r)); diff != "" {
				t.Errorf("findings (-want +got)\n%s", diff)
			}
		})
	}
}
