package buildcontext_test

import (
	"io/fs"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/dockvet/dockvet/buildcontext"
)

// listings counts how often each directory is listed.
type listings struct {
	fstest.MapFS
	lists map[string]int
}

func (c listings) ReadDir(name string) ([]fs.DirEntry, error) {
	c.lists[name]++
	return c.MapFS.ReadDir(name)
}

// TestDirectory checks that the contexts of a directory list it once, and that ignore files of the same text share what is found out.
func TestDirectory(t *testing.T) {
	fsys := listings{fstest.MapFS{
		"a.dockerignore": {Data: []byte("*.log\n")}, "b.dockerignore": {Data: []byte("*.log\n")}, "c.dockerignore": {Data: []byte("src\n")},
		"src/deep/x": {}, "src/y": {}, "z.log": {},
	}, map[string]int{}}
	found := 0
	fact := buildcontext.NewFact(func(_ *buildcontext.Context, files []buildcontext.File) int {
		found++
		return len(files)
	})
	d := buildcontext.NewDirectory(fsys)
	for _, x := range []struct {
		dockerfile, ignore string
		count, found       int // files that the build sees, and how often the fact was found out by then
	}{
		{"a", "a.dockerignore", 5, 1}, {"b", "b.dockerignore", 5, 1}, {"c", "c.dockerignore", 4, 2}, {"d", "", 6, 3}, {"", "", 6, 3}, {"a", "a.dockerignore", 5, 3},
	} {
		c, err := d.Context(x.dockerfile)
		if err != nil {
			t.Fatal(err)
		}
		files := c.Take(".", buildcontext.How{}).Files
		if n := fact.Among(c, files); c.Ignore != x.ignore || n != x.count || found != x.found {
			t.Errorf("%q: ignore file %q, %d files, found out %d times", x.dockerfile, c.Ignore, n, found)
		}
	}
	for name, n := range fsys.lists {
		if n != 1 {
			t.Errorf("%s is listed %d times", name, n)
		}
	}
	if len(fsys.lists) != 3 {
		t.Errorf("listed %v", fsys.lists)
	}
}

// TestFactAmong checks that a fact is about the files that it is asked about, and found out once for a source that Take remembers.
func TestFactAmong(t *testing.T) {
	fsys := fstest.MapFS{"a/x": {}, "a/y": {}, "b/z": {}}
	c, err := buildcontext.New(fsys, "")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	names := buildcontext.NewFact(func(_ *buildcontext.Context, files []buildcontext.File) (out []string) {
		found++
		for _, f := range files {
			out = append(out, f.Name)
		}
		return out
	})
	for range 2 {
		for source, want := range map[string][]string{"a": {"a/x", "a/y"}, "*": {"a/x", "a/y", "b/z"}, "a/y": {"a/y"}, "nothing": nil} {
			if got := names.Among(c, c.Take(source, buildcontext.How{}).Files); !slices.Equal(got, want) {
				t.Errorf("%s: %q", source, got)
			}
		}
		got := names.Among(c, c.Take("a", buildcontext.How{Exclude: []string{"x"}}).Files)
		if !slices.Equal(got, []string{"a/y"}) {
			t.Errorf("with --exclude: %q", got)
		}
	}
	if found != 6 { // none is remembered for no files
		t.Errorf("found out %d times", found)
	}
	for range 2 {
		if got := names.Of(c); got != nil || found != 7 {
			t.Errorf("about the context: %q, found out %d times", got, found)
		}
	}
}

// TestReader checks that a reader sees what the context sees.
func TestReader(t *testing.T) {
	c, err := buildcontext.New(fstest.MapFS{".dockerignore": {Data: []byte("b\n")}, "a": {Data: []byte("text")}, "b": {}}, "")
	if err != nil {
		t.Fatal(err)
	}
	read := c.Reader()
	if data, err := read("a"); string(data) != "text" || err != nil {
		t.Errorf("%q, error %v", data, err)
	}
	if data, err := read("b"); err == nil {
		t.Errorf("an ignored file holds %q", data)
	}
}
