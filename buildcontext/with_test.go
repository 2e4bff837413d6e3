package buildcontext_test

import (
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dockvet/dockvet/buildcontext"
)

// asked counts what is asked of a file system.
type asked struct {
	fstest.MapFS
	opened map[string]int
	listed map[string]int
}

func (c asked) Open(name string) (fs.File, error) {
	c.opened[name]++
	return c.MapFS.Open(name)
}

func (c asked) ReadDir(name string) ([]fs.DirEntry, error) {
	c.listed[name]++
	return c.MapFS.ReadDir(name)
}

func TestWith(t *testing.T) {
	disk := fstest.MapFS{
		"Dockerfile":   {Data: []byte("FROM a")},
		"src/a/one.js": {Data: []byte("one")},
		"src/b/two.js": {Data: []byte("two")},
	}
	open := func(files fstest.MapFS) asked { return asked{files, map[string]int{}, map[string]int{}} }
	base := open(disk)
	d := buildcontext.NewDirectory(base)
	shouted := buildcontext.NewFileFact(func(src []byte, _ string) string { return strings.ToUpper(string(src)) })

	all := maps.Clone(disk)
	all[".dockerignore"] = &fstest.MapFile{Data: []byte("src/b/t*")}
	all["src/b/new.js"] = &fstest.MapFile{Data: []byte("new")}
	all["new/three.js"] = &fstest.MapFile{Data: []byte("three")}
	var last asked
	for range 2 {
		last = open(all)
		c, err := d.With(last, slices.Values([]string{".dockerignore", "src/b/new.js", "new/three.js"})).Context("")
		if err != nil {
			t.Fatal(err)
		}
		files, _ := c.Files()
		var names []string
		for _, f := range files {
			names = append(names, f.Name)
			if _, err := shouted.Of(c, f.Name); err != nil {
				t.Error(err)
			}
		}
		if got := strings.Join(names, " "); got != ".dockerignore Dockerfile new/three.js src/a/one.js src/b/new.js" {
			t.Errorf("the build sees %s", got)
		}
		if got, _ := shouted.Of(c, "src/a/one.js"); got != "ONE" {
			t.Errorf("the fact is %s", got)
		}
		if _, err := shouted.Of(c, "src/b/two.js"); err == nil {
			t.Error("an ignored file has a fact")
		}
	}
	if last.listed["src/a"] != 0 || last.opened["src/a/one.js"] != 0 {
		t.Error("src/a was looked at again, although nothing in it is changed")
	}
	if last.listed["src/b"] != 1 || last.opened["src/b/new.js"] != 1 {
		t.Error("src/b was not looked at, although a file in it is changed")
	}
	c, err := d.Context("")
	if err != nil {
		t.Fatal(err)
	}
	if files, _ := c.Files(); len(files) != 3 {
		t.Errorf("the directory itself has %d files", len(files))
	}
}
