package buildcontext_test

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/patternmatcher"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

func open(t *testing.T, fsys fs.FS) *buildcontext.Context {
	t.Helper()
	c, err := buildcontext.New(fsys, "")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func names(files []buildcontext.File) string {
	var out []string
	for _, f := range files {
		out = append(out, f.Name)
	}
	return strings.Join(out, " ")
}

func TestTake(t *testing.T) {
	fsys := files("Main.go=12345", "a.txt=1", "b.txt=22", "d/e/f.txt=333", "d/g=4444", "d/node_modules/m", "gone/x", "part/in", "part/out", "src/app/main.py",
		".dockerignore=**/node_modules\ngone\npart/out\nb.txt")
	for _, c := range []struct {
		name, source string
		how          buildcontext.How
		files        string
		want         string // exists, ignored, partly, other
	}{
		{"file", "a.txt", buildcontext.How{}, "a.txt", "exists"},
		{"folder", "d", buildcontext.How{}, "d/e/f.txt d/g", "exists partly"},
		{"folder with slashes", "/d/", buildcontext.How{}, "d/e/f.txt d/g", "exists partly"},
		{"cut at the root", "../../d/e", buildcontext.How{}, "d/e/f.txt", "exists"},
		{"all", ".", buildcontext.How{}, ".dockerignore Main.go a.txt d/e/f.txt d/g part/in src/app/main.py", "exists partly"},
		{"absent", "nothing", buildcontext.How{}, "", ""},
		{"below a file", "a.txt/x", buildcontext.How{}, "", ""},
		{"other case", "main.go", buildcontext.How{}, "", "other=Main.go"},
		{"other case of a folder", "D/E/f.txt", buildcontext.How{}, "", "other=d/e/f.txt"},
		{"ignored", "gone", buildcontext.How{}, "", "exists ignored"},
		{"ignored file in a folder", "gone/x", buildcontext.How{}, "", "exists ignored"},
		{"pattern", "*.txt", buildcontext.How{}, "a.txt", "exists partly"},
		{"pattern in the middle", "d/*/f.txt", buildcontext.How{}, "d/e/f.txt", "exists"},
		{"pattern of folders", "[dp]*", buildcontext.How{}, "d/e/f.txt d/g part/in", "exists partly"},
		{"pattern that is all ignored", "b*", buildcontext.How{}, "", "exists ignored"},
		{"pattern of nothing", "*.md", buildcontext.How{}, "", ""},
		{"malformed", "[a", buildcontext.How{}, "", ""},
		{"exclude below the source", "d", buildcontext.How{Exclude: []string{"**/*.txt"}}, "d/g", "exists partly"},
		{"exclude is relative to the source", "d", buildcontext.How{Exclude: []string{"d/g", "e"}}, "d/g", "exists partly"},
		{"exclude with an exception", ".", buildcontext.How{Exclude: []string{"*", "!d"}}, "d/e/f.txt d/g", "exists partly"},
		{"exclude of what a pattern names", "*.txt", buildcontext.How{Exclude: []string{"a*"}}, "a.txt", "exists partly"},
		{"parents", "src/app", buildcontext.How{Parents: true}, "src/app/main.py", "exists"},
		{"parents at any depth", "**/*.txt", buildcontext.How{Parents: true}, "a.txt d/e/f.txt", "exists"},
		{"parents in a folder", "./d/**/f.txt", buildcontext.How{Parents: true}, "d/e/f.txt", "exists"},
		{"parents from a point", "d/./e", buildcontext.How{Parents: true}, "d/e/f.txt", "exists"},
		{"parents with exclude", "d", buildcontext.How{Parents: true, Exclude: []string{"d/e"}}, "d/g", "exists"},
		{"parents of what is ignored", "gone", buildcontext.How{Parents: true}, "", "exists ignored"},
		{"parents in other case", "SRC/app", buildcontext.How{Parents: true}, "", "other=src/app"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := open(t, fsys).Take(c.source, c.how)
			if diff := cmp.Diff(c.files, names(got.Files)); diff != "" {
				t.Errorf("files (-want +got)\n%s", diff)
			}
			var flags []string
			for name, on := range map[string]bool{"exists": got.Exists, "other=" + got.Other: got.Other != ""} {
				if on {
					flags = append(flags, name)
				}
			}
			if got.Ignored {
				flags = append(flags, "ignored")
			}
			if got.Partly {
				flags = append(flags, "partly")
			}
			if diff := cmp.Diff(c.want, strings.Join(flags, " ")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	if n := open(t, fsys).Take("d", buildcontext.How{}).Bytes(); n != 7 {
		t.Errorf("%d bytes", n)
	}
}

func TestTransfer(t *testing.T) {
	f := parser.Parse("Dockerfile", []byte("FROM scratch\nARG X=*.md\nCOPY --exclude=$X --exclude=c --parents . $UNKNOWN* /\nCOPY --from=a b c\nADD http://example.com/x /\n"))
	p := plan.New(f, plan.Options{})
	c := open(t, files("a.txt", "b.md", "c", "d"))
	steps := p.Stages[0].Steps
	got, ok := c.Transfer(steps[1], steps[1].Copy.Sources[0])
	if !ok || names(got.Files) != "a.txt d" {
		t.Errorf("%v %q", ok, names(got.Files))
	}
	if _, ok := c.Transfer(steps[3], steps[3].Copy.Sources[0]); ok {
		t.Error("a URL is not in the context")
	}
	if _, ok := c.Transfer(steps[2], steps[2].Copy.Sources[0]); ok {
		t.Error("another stage is not the context")
	}
}

func TestLinksAndModes(t *testing.T) {
	c := open(t, fstest.MapFS{
		"link":   {Mode: fs.ModeSymlink | 0o777, Data: []byte("/etc/passwd")},
		"run.sh": {Mode: 0o755},
		"plain":  {Mode: 0o644},
		"none":   {},
	})
	for name, want := range map[string]string{"link": "L false false", "run.sh": "- true true", "plain": "- false true", "none": "- false false"} {
		f, ok := c.Lookup(name)
		if !ok {
			t.Fatal(name)
		}
		x, known := f.Executable()
		if got := fmt.Sprintf("%c %v %v", f.Type().String()[0], x, known); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if _, ok := c.Lookup("Run.sh"); ok {
		t.Error("case counts")
	}
}

func TestPatterns(t *testing.T) {
	text := "\ufeff# no\n\n  /a/b/ \n!a/b/c\r\n**/*.pyc"
	c := open(t, files(".dockerignore="+text, "a/b/c", "a/b/d"))
	var got []string
	for _, p := range c.Patterns() {
		if text[p.Start:p.End] != p.Text {
			t.Errorf("%q is at %q", p.Text, text[p.Start:p.End])
		}
		got = append(got, fmt.Sprintf("%d %s %s %v", p.Line, p.Text, p.Glob, p.Exception))
	}
	if diff := cmp.Diff([]string{"3 /a/b/ a/b false", "4 !a/b/c a/b/c true", "5 **/*.pyc **/*.pyc false"}, got); diff != "" {
		t.Error(diff)
	}
	for name, line := range map[string]int{"a/b/c": 4, "a/b/d": 3, "a/b": 3, "a": 0, "x/y.pyc": 5} {
		got := 0
		if p := c.Decider(name); p != nil {
			got = p.Line
		}
		if got != line {
			t.Errorf("%s: line %d, want %d", name, got, line)
		}
	}
}

// TestAgainstPlainMatching compares what is seen, found by skipping directories early, with calling the matcher for
// every file.
func TestAgainstPlainMatching(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	differ, brought := 0, 0
	for range 5000 {
		fsys := fstest.MapFS{}
		for range 1 + r.IntN(25) {
			name := pick("a", "b", "ab", "c.go")
			for range r.IntN(4) {
				name = pick("a", "b", "ab", "x.d") + "/" + name
			}
			bad := false
			for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
				bad = bad || fsys[dir] != nil
			}
			for other := range fsys {
				bad = bad || strings.HasPrefix(other, name+"/")
			}
			if !bad {
				fsys[name] = &fstest.MapFile{}
			}
		}
		var lines []string
		for range 1 + r.IntN(5) {
			var parts []string
			for range 1 + r.IntN(3) {
				parts = append(parts, pick("a", "b", "ab", "*", "**", "?", "a*", "*.go", "[ab]", "[^a]", "x.d", `\a`, "a**", "**b", "***", "?b", "*.?o", "x*"))
			}
			lines = append(lines, pick("", "", "!")+strings.Join(parts, "/"))
		}
		plain, err := patternmatcher.New(lines)
		if err != nil {
			t.Fatal(lines, err)
		}
		var want, other []string
		for name := range fsys {
			ignored, err := plain.MatchesOrParentMatches(name)
			if err != nil {
				t.Fatal(err)
			}
			if !ignored {
				want = append(want, name)
			}
			// BuildKit's walk, without leaving anything out.
			var info patternmatcher.MatchInfo
			for i := 0; i <= len(name); i++ {
				if i == len(name) || name[i] == '/' {
					if ignored, info, err = plain.MatchesUsingParentResults(name[:i], info); err != nil {
						t.Fatal(err)
					}
				}
			}
			if !ignored {
				other = append(other, name)
			}
		}
		fsys[".dockerignore"] = &fstest.MapFile{Data: []byte(strings.Join(lines, "\n"))}
		c := open(t, fsys)
		seen := map[string]bool{}
		all, _ := c.Files()
		for _, f := range all {
			seen[f.Name] = true
			if c.Ignored(f.Name) {
				t.Errorf("%q: %s is listed and ignored", lines, f.Name)
			}
		}
		delete(seen, ".dockerignore")
		same := len(want) == len(other)
		for _, name := range want {
			same = same && seen[name]
		}
		if !same {
			differ++
		}
		if len(seen) != len(other) {
			t.Fatalf("%q: sees %v, want %v", lines, seen, other)
		}
		for _, name := range other {
			if !seen[name] {
				t.Fatalf("%q: does not see %s", lines, name)
			}
			if plain.Exclusions() {
				brought++
			}
		}
		// Without exceptions, and wherever the two ways of the matcher agree, the plain way is right too.
		if !plain.Exclusions() && !same {
			t.Fatalf("%q: sees %v, want %v", lines, seen, want)
		}
	}
	t.Logf("the walk and the plain way differ in %d of 5000, files seen under exceptions: %d", differ, brought)
	if differ > 500 || brought < 1000 {
		t.Error("the generated cases say little")
	}
}
