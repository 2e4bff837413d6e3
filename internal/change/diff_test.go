package change_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/diff"
	"golang.org/x/tools/txtar"

	"github.com/dockvet/dockvet/internal/change"
)

// tree is files by their absolute names.
type tree map[string]string

func (t tree) exists(name string) bool { _, ok := t[name]; return ok }

func (t tree) read(name string) ([]byte, error) {
	if text, ok := t[name]; ok {
		return []byte(text), nil
	}
	return nil, fs.ErrNotExist
}

// describe is what a diff says about each file: its names, what it held, the lines that changed.
func describe(d *change.Diff) string {
	var b strings.Builder
	for _, f := range d.Files {
		fmt.Fprintf(&b, "%s -> %s", f.Old, f.New)
		if f.Link {
			b.WriteString(" link")
		}
		if f.Executable {
			b.WriteString(" executable")
		}
		if f.Old != "" {
			before, _ := f.Before()
			fmt.Fprintf(&b, " %q", before)
		}
		if f.Old != "" && f.New != "" {
			lines, _ := f.Lines()
			for _, l := range lines {
				if l.Last > 1<<40 {
					b.WriteString(" whole")
					continue
				}
				fmt.Fprintf(&b, " %d-%d", l.First, l.Last)
			}
		}
		b.WriteByte('\n')
	}
	for _, err := range d.Faults() {
		fmt.Fprintln(&b, err)
	}
	return b.String()
}

// TestReadDiff reads the diffs in testdata: each has the files as they are, the diff, and what is to be understood. In the files, `␍` stands
// for a carriage return, and `∅` at the end for a line without an end.
func TestReadDiff(t *testing.T) {
	a, err := txtar.ParseFile("testdata/diffs.txtar")
	if err != nil {
		t.Fatal(err)
	}
	signs := strings.NewReplacer("␍", "\r", "∅\n", "")
	for len(a.Files) > 0 {
		name := a.Files[0].Name
		now := tree{}
		var text, want string
		for want == "" {
			f := a.Files[0]
			a.Files = a.Files[1:]
			switch data := signs.Replace(string(f.Data)); {
			case f.Name == "diff":
				text = data
			case f.Name == "want":
				want = string(f.Data)
			case strings.HasPrefix(f.Name, "/"):
				now[f.Name] = data
			}
		}
		t.Run(name, func(t *testing.T) {
			d, err := change.ReadDiff([]byte(text), []string{"/top", "/top/sub"}, now.exists, now.read)
			var got string
			if err != nil {
				got = "error: " + err.Error() + "\n"
			} else {
				got = describe(d)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestReadDiffOdd checks what cannot be in a text file.
func TestReadDiffOdd(t *testing.T) {
	for text, want := range map[string]string{
		"":               "",
		"\n":             "",
		"hello\n":        "it is not a unified diff",
		"\xff\xfed\x00":  "UTF-16",
		"\xfe\xff\x00d":  "UTF-16",
		"--- a\n+++ b\n": "",
		strings.Repeat("diff --git a/x b/x\n", 2):                       "line 2 changes `x` again",
		"--- a\n+++ a\n@@ -1 +99999999999999999999 @@\n-a\n+b\n":        "",
		"--- a\n+++ a\n@@ -1,99999999999 +1 @@\n-a\n+b\n":               "ends too early",
		"--- a\n+++ a\n@@ -3 +3 @@\n-a\n+b\n@@ -1 +1 @@\n-a\n+b\n":      "has to be below",
		"--- ../../etc/passwd\n+++ ../../etc/passwd\n@@ -1 +1 @@\n a\n": "",
	} {
		d, err := change.ReadDiff([]byte(text), []string{"/top"}, tree{}.exists, tree{}.read)
		switch {
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v", text, err)
		case err == nil && strings.Contains(text, "passwd") && len(d.Files) > 0:
			t.Errorf("%q: %s", text, d.Files[0].New)
		}
	}
	if _, err := change.ReadDiff(make([]byte, change.MaxDiff+1), nil, tree{}.exists, tree{}.read); err == nil {
		t.Error("a diff that is too large is read")
	}
}

// TestUndo checks that of random pairs of files the first is worked out from the second and the diff, with any line ends.
func TestUndo(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	file := func() string {
		var b strings.Builder
		for range rnd.IntN(30) {
			b.WriteString([]string{"a", "b", "", "-", "+", "@@ -1 +1 @@", "--- x", "\\ No", "é", " "}[rnd.IntN(10)])
			b.WriteString([]string{"\n", "\n", "\n", "\r\n"}[rnd.IntN(4)])
		}
		s := b.String()
		if rnd.IntN(4) == 0 {
			s = strings.TrimSuffix(s, "\n")
		}
		return s
	}
	for range 3000 {
		before, after := file(), file()
		text := diff.Diff("a/Dockerfile", []byte(before), "b/Dockerfile", []byte(after))
		if len(text) == 0 {
			continue
		}
		_, text, _ = bytes.Cut(text, []byte("\n")) // without its command
		now := tree{"/top/Dockerfile": after}
		d, err := change.ReadDiff(text, []string{"/top"}, now.exists, now.read)
		if err != nil || len(d.Files) != 1 {
			t.Fatalf("%v\n%s", err, text)
		}
		got, err := d.Files[0].Before()
		if err != nil || string(got) != before {
			t.Fatalf("%v, %q, want %q, of %q\n%s", err, got, before, after, text)
		}
	}
}

// TestHostileDiff checks that the work grows with the size of a diff only.
func TestHostileDiff(t *testing.T) {
	const n = 200_000
	now := tree{"/top/d": strings.Repeat("a\n", n)}
	for name, text := range map[string]string{
		"hunks": "--- d\n+++ d\n" + strings.Repeat("@@ -1 +1 @@\n a\n", n),
		"ascending": "--- d\n+++ d\n" + func() string {
			var b strings.Builder
			for i := range n {
				fmt.Fprintf(&b, "@@ -%d +%d @@\n a\n", i+1, i+1)
			}
			return b.String()
		}(),
		"lines":   "--- d\n+++ d\n@@ -0,0 +1," + fmt.Sprint(n) + " @@\n" + strings.Repeat("+a\n", n),
		"headers": strings.Repeat("diff --git a/x b/x\nrename from x\n", 90_000),
		"slashes": "--- " + strings.Repeat("a/", n) + "\n+++ " + strings.Repeat("b/", n) + "\n",
		"quotes":  `diff --git "` + strings.Repeat(`\`, n) + "\n",
	} {
		start := time.Now()
		d, err := change.ReadDiff([]byte(text), []string{"/top"}, now.exists, now.read)
		if err == nil {
			_ = describe(d)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: %v", name, took)
		}
	}
	var many strings.Builder
	for i := range 100_001 {
		fmt.Fprintf(&many, "diff --git a/%d b/%d\n", i, i)
	}
	if _, err := change.ReadDiff([]byte(many.String()), []string{"/top"}, now.exists, now.read); err == nil {
		t.Error("there is no bound on the number of files")
	}
}

// FuzzReadDiff checks that whatever a diff says, it stays in the directories that it is given, and does not panic.
func FuzzReadDiff(f *testing.F) {
	a, err := txtar.ParseFile("testdata/diffs.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, x := range a.Files {
		if x.Name == "diff" {
			f.Add(x.Data, "FROM a\nRUN b\n")
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, now string) {
		files := tree{"/top/Dockerfile": now, "/top/sub/Dockerfile": now}
		read := func(name string) ([]byte, error) {
			if !strings.HasPrefix(name, "/top/") || strings.Contains(name, "/../") {
				t.Errorf("reads %q", name)
			}
			return []byte(now), nil
		}
		d, err := change.ReadDiff(text, []string{"/top", "/top/sub"}, files.exists, read)
		if err != nil {
			return
		}
		for _, x := range d.Files {
			if x.Old != "" {
				if _, err := x.Before(); err != nil && errors.Is(err, fs.ErrNotExist) {
					t.Error(err)
				}
			}
			if lines, _ := x.Lines(); !slices.IsSortedFunc(lines, func(a, b change.Lines) int { return a.First - b.First }) {
				t.Errorf("lines %v", lines)
			}
		}
	})
}
