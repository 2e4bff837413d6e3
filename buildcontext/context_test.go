package buildcontext_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/buildcontext"
)

func files(names ...string) fstest.MapFS {
	out := fstest.MapFS{}
	for _, n := range names {
		name, text, _ := strings.Cut(n, "=")
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

func TestIgnoreFile(t *testing.T) {
	for _, c := range []struct {
		name, dockerfile string
		fsys             fstest.MapFS
		ignore           string
		seen             []string
	}{
		{"none", "Dockerfile", files("a", "b/c"), "", []string{"a", "b/c"}},
		{"plain", "Dockerfile", files("a", "b/c", ".dockerignore=b"), ".dockerignore", []string{".dockerignore", "a"}},
		{"the Dockerfile's own comes first", "x/Dockerfile", files("a", "b", ".dockerignore=a", "x/Dockerfile.dockerignore=b"), "x/Dockerfile.dockerignore", []string{".dockerignore", "a", "x/Dockerfile.dockerignore"}},
		{"exception in an ignored folder", "Dockerfile", files("b/c", "b/d", ".dockerignore=b\n!b/d"), ".dockerignore", []string{".dockerignore", "b/d"}},
		{"any depth", "Dockerfile", files("a/b/node_modules/x", "a/y", ".dockerignore=**/node_modules"), ".dockerignore", []string{".dockerignore", "a/y"}},
		{"comment and blank line", "Dockerfile", files("a", ".dockerignore=# a\n\n /a/ \n"), ".dockerignore", []string{".dockerignore"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, err := buildcontext.New(c.fsys, c.dockerfile)
			if err != nil {
				t.Fatal(err)
			}
			if ctx.Ignore != c.ignore {
				t.Errorf("ignore file %q, want %q", ctx.Ignore, c.ignore)
			}
			all, _ := ctx.Files()
			if diff := cmp.Diff(strings.Join(c.seen, " "), names(all)); diff != "" {
				t.Errorf("files (-want +got)\n%s", diff)
			}
			if ctx.Count() != len(c.seen) {
				t.Errorf("count %d, want %d", ctx.Count(), len(c.seen))
			}
		})
	}
}

// TestBuildahIgnoreFile checks the order in which buildah 1.43.2 looks for ignore files.
func TestBuildahIgnoreFile(t *testing.T) {
	for _, c := range []struct {
		fsys   fstest.MapFS
		ignore string
	}{
		{files("a"), ""},
		{files(".dockerignore=a"), ".dockerignore"},
		{files(".dockerignore=a", ".containerignore=a"), ".containerignore"},
		{files(".containerignore=a", "x/Dockerfile.containerignore=a"), "x/Dockerfile.containerignore"},
		{files("x/Dockerfile.containerignore=a", "x/Dockerfile.dockerignore=a"), "x/Dockerfile.dockerignore"},
	} {
		ctx, err := buildcontext.NewDirectory(c.fsys).BuildahContext("x/Dockerfile")
		if err != nil {
			t.Fatal(err)
		}
		if ctx.Ignore != c.ignore {
			t.Errorf("ignore file %q, want %q", ctx.Ignore, c.ignore)
		}
	}
}

// TestBroken checks that a malformed line is reported and does not hide the others.
func TestBroken(t *testing.T) {
	ctx, err := buildcontext.New(files(".dockerignore=# x\n [a \nb\n!\n[z-a]\n[b-a]c", "b", "c"), "")
	if err != nil {
		t.Fatal(err)
	}
	want := []buildcontext.Broken{{Text: "[a", Line: 2}, {Text: "!", Line: 4}, {Text: "[z-a]", Line: 5}, {Text: "[b-a]c", Line: 6}}
	if diff := cmp.Diff(want, ctx.Broken()); diff != "" {
		t.Errorf("broken lines (-want +got)\n%s", diff)
	}
	if !ctx.Ignored("b") || ctx.Ignored("c") {
		t.Error("the line b is not in force, or another one is")
	}
}

func TestExcluded(t *testing.T) {
	for _, c := range []struct {
		name, ignore, source string
		want                 bool
	}{
		{"file", "a", "a", true},
		{"leading slash", "a", "/a", true},
		{"in a folder", "d", "d/x", true},
		{"folder", "d", "d/", true},
		{"other file", "a", "b", false},
		{"a file that does not exist", "gone", "gone", true},
		{"some of a pattern", "d/x", "d/*", false},
		{"all of a pattern", "d", "d/*", true},
		{"a pattern that matches nothing", "*.md", "*.md", true},
		{"another pattern that matches nothing", "a", "*.md", false},
		{"brought back", "d\n!d/x", "d/x", false},
		{"folder with a file brought back", "d\n!d/x", "d", false},
		{"folder without a file brought back", "d\n!b", "d", true},
		{"neighbour of what is brought back", "d\n!d/x", "d/y", true},
		{"everything", "*", ".", true},
		{"root with a file brought back", "*\n!b", "/", false},
		{"no ignore file", "", "a", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			fsys := files("a", "b", "d/x", "d/y")
			if c.ignore != "" {
				fsys[".dockerignore"] = &fstest.MapFile{Data: []byte(c.ignore)}
			}
			ctx, err := buildcontext.New(fsys, "")
			if err != nil {
				t.Fatal(err)
			}
			if got := ctx.Excluded(c.source); got != c.want {
				t.Errorf("Excluded(%q) = %v", c.source, got)
			}
		})
	}
}

func TestHasGlobRead(t *testing.T) {
	ctx, err := buildcontext.New(files("a.txt=one", "b.txt=two", "c/d.txt", ".dockerignore=b*"), "")
	if err != nil {
		t.Fatal(err)
	}
	if !ctx.Has("a.txt") || !ctx.Has("/c") || ctx.Has("b.txt") || ctx.Has("x") {
		t.Error("Has does not follow the ignore file")
	}
	if diff := cmp.Diff([]string{"a.txt"}, ctx.Glob("*.txt")); diff != "" {
		t.Error(diff)
	}
	if text, err := ctx.Read("a.txt"); err != nil || string(text) != "one" {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := ctx.Read("b.txt"); err == nil {
		t.Error("an ignored file was read")
	}
	big, err := buildcontext.New(files("big="+strings.Repeat("x", buildcontext.MaxRead+1)), "")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := big.Read("big"); err != nil || len(text) != buildcontext.MaxRead {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}
