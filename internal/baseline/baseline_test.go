package baseline_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/internal/baseline"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

var (
	curl = &lint.Rule{Name: "curl", Aliases: []string{"old-curl"}}
	bug  = &lint.Rule{Name: lint.RuleBug}
	all  = []*lint.Rule{curl, bug, {Name: "other"}}
)

// findings are one of curl for each line that is not empty.
func findings(src string) []*lint.Finding {
	f := parser.NewSource("Dockerfile", []byte(src))
	var out []*lint.Finding
	at := 0
	for line := range strings.Lines(src) {
		if strings.TrimSpace(line) != "" {
			out = append(out, &lint.Finding{Rule: curl, Source: f, Span: parser.Span{Start: at, End: at + len(line) - 1}})
		}
		at += len(line)
	}
	return out
}

func read(t *testing.T, files []string, text string) *baseline.Baseline {
	t.Helper()
	b := baseline.New(lint.NewIndex(all), func(file string) bool { return slices.Contains(files, file) })
	if err := b.Read("base", []byte(text)); err != nil {
		t.Fatal(err)
	}
	return b
}

// written is a baseline with the findings of files, by name.
func written(t *testing.T, files map[string]string) string {
	t.Helper()
	b := read(t, nil, "")
	for name, src := range files {
		b.Replace(name, findings(src), always)
	}
	data, _ := b.Bytes()
	return string(data)
}

func always(string) bool { return true }

// left is how many findings of src are reported.
func left(b *baseline.Baseline, name, src string) int {
	out, known := b.Split(name, findings(src), always)
	if len(out)+len(known) != len(findings(src)) {
		return -1
	}
	return len(out)
}

func removable(b *baseline.Baseline) (out []string) {
	for _, e := range b.Removable() {
		out = append(out, e.File+" "+e.Text)
	}
	return out
}

func TestCounts(t *testing.T) {
	text := written(t, map[string]string{"Dockerfile": "a\na\na\nb\n"})
	files := []string{"Dockerfile"}
	for src, want := range map[string]struct {
		left      int
		removable []string
	}{
		"a\na\na\nb\n":       {0, nil},
		"b\n\n  a\n\ta\na\n": {0, nil},
		"a\na\na\na\nb\n":    {1, nil},
		"a\nb\n":             {0, []string{"Dockerfile a", "Dockerfile a"}},
		"c\n":                {1, []string{"Dockerfile b", "Dockerfile a", "Dockerfile a", "Dockerfile a"}},
	} {
		b := read(t, files, text)
		if got := left(b, "Dockerfile", src); got != want.left {
			t.Errorf("%q: %d findings left, want %d", src, got, want.left)
		}
		if diff := cmp.Diff(want.removable, removable(b)); diff != "" {
			t.Errorf("%q: removable (-want +got)\n%s", src, diff)
		}
		b.Prune()
		data, n := b.Bytes()
		if n != 4-len(want.removable) {
			t.Errorf("%q: %d entries after pruning", src, n)
		}
		again := read(t, files, string(data))
		if left(again, "Dockerfile", src) != want.left || removable(again) != nil {
			t.Errorf("%q: something is left to prune: %q", src, removable(again))
		}
	}
}

// TestPartialRun checks that entries of files that were not checked and of rules that did not run stay.
func TestPartialRun(t *testing.T) {
	text := written(t, map[string]string{"a": "x\n", "b": "y\n"})
	files := []string{"a", "b"}
	b := read(t, files, text)
	b.Split("a", nil, func(rule string) bool { return rule != "curl" })
	if got := removable(b); got != nil {
		t.Errorf("removable: %q", got)
	}
	b = read(t, files, text)
	b.Replace("a", findings("z\n"), always)
	b.Prune()
	data, n := b.Bytes()
	if again := read(t, files, string(data)); n != 2 || left(again, "a", "z\n") != 0 || left(again, "b", "y\n") != 0 {
		t.Errorf("after one file was written again: %s", data)
	}
}

// TestRenamed checks that findings follow a file to its new name, and only once.
func TestRenamed(t *testing.T) {
	text := written(t, map[string]string{"old": "x\ny\n"})
	b := read(t, []string{"new"}, text)
	if got := left(b, "new", "x\ny\ny\n"); got != 1 {
		t.Errorf("%d findings left, want 1", got)
	}
	if got := removable(b); got != nil {
		t.Errorf("removable: %q", got)
	}
	b.Prune()
	data, _ := b.Bytes()
	if strings.Contains(string(data), "old") || left(read(t, []string{"new"}, string(data)), "new", "x\ny\n") != 0 {
		t.Errorf("after pruning: %s", data)
	}
	b = read(t, []string{"old", "new"}, text)
	if got := left(b, "new", "x\ny\n"); got != 2 {
		t.Errorf("a copy: %d findings left, want 2", got)
	}
	b = read(t, nil, text)
	_ = left(b, "other", "")
	if got := removable(b); len(got) != 2 {
		t.Errorf("a file that is gone: removable %q", got)
	}
}

// TestRenamedPart checks that a run over some files or rules keeps what is known of a file that may have got a name that it did not see.
func TestRenamedPart(t *testing.T) {
	text := written(t, map[string]string{"old": "x\ny\n"})
	part := read(t, []string{"new", "other"}, text)
	part.Part()
	part.Replace("other", nil, always)
	chosen := read(t, []string{"new", "other"}, text)
	chosen.Replace("other", nil, func(string) bool { return false })
	for _, b := range []*baseline.Baseline{part, chosen} {
		if got := removable(b); got != nil {
			t.Errorf("removable: %q", got)
		}
		b.Prune()
		data, n := b.Bytes()
		if n != 2 || left(read(t, []string{"new", "other"}, string(data)), "new", "x\ny\n") != 0 {
			t.Errorf("after pruning: %s", data)
		}
	}
}

// TestRead checks what people and merges make of the file.
func TestRead(t *testing.T) {
	text := written(t, map[string]string{"a b": "x\n", "#c": "x\n", "d\te": "x\n", "\xff": "x\n"})
	b := read(t, nil, text+"\r\n# a remark\n"+text)
	for _, name := range []string{"a b", "#c", "d\te", "\xff"} {
		if left(b, name, "x\n") != 0 {
			t.Errorf("%q is not found in\n%s", name, text)
		}
	}
	if _, n := b.Bytes(); n != 4 {
		t.Errorf("%d entries, want 4", n)
	}
	b = read(t, []string{"a"}, strings.ReplaceAll(written(t, map[string]string{"a": "x\n"}), "\tcurl\t", "\told-curl\t"))
	if left(b, "a", "x\n") != 0 {
		t.Error("another name of the rule is not known")
	}
	b = read(t, []string{"a"}, strings.ReplaceAll(written(t, map[string]string{"a": "x\n"}), "\tcurl\t", "\tretired\t"))
	if b.Split("a", nil, func(string) bool { return false }); len(b.Removable()) != 1 {
		t.Error("an entry of a rule that does not exist stays")
	}
	for line, want := range map[string]string{
		"<<<<<<< ours":                   "base:1: a merge conflict",
		"a\tcurl":                        "base:1: a line needs",
		"a\tcurl\t0123":                  "base:1: `0123` is not a fingerprint",
		"a\tcurl\t0123456789abcdef-1":    "base:1: `0123456789abcdef-1` is not",
		"a\tcurl\t0123456789abcdef-x":    "base:1: `0123456789abcdef-x` is not",
		"\"a\tcurl\t0123456789abcdef\tx": "base:1: the name of the file",
	} {
		err := baseline.New(lint.NewIndex(all), func(string) bool { return true }).Read("base", []byte(line))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", line, err, want)
		}
	}
}

// TestBug checks that a bug of a rule is always reported.
func TestBug(t *testing.T) {
	list := []*lint.Finding{{Rule: bug, Source: parser.NewSource("a", nil)}}
	b := read(t, []string{"a"}, "")
	b.Replace("a", list, always)
	if out, known := b.Split("a", list, always); len(out) != 1 || len(known) != 0 {
		t.Error("a bug is in the baseline")
	}
}
