package buildcontext_test

import (
	"fmt"
	"io/fs"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/dockvet/dockvet/buildcontext"
)

// BenchmarkFiles lists a context of 100,000 files, 80,000 of them below an ignored node_modules.
func BenchmarkFiles(b *testing.B) {
	fsys := fstest.MapFS{".dockerignore": {Data: []byte("**/node_modules\n**/*.log\n.git\n")}}
	for i := range 100_000 {
		dir := "src"
		if i%5 != 0 {
			dir = "node_modules"
		}
		fsys[fmt.Sprintf("%s/d%d/f%d.js", dir, i/1000, i)] = &fstest.MapFile{}
	}
	listed, err := buildcontext.New(frozen(fsys), "")
	if err != nil {
		b.Fatal(err)
	}
	if files, _ := listed.Files(); len(files) != 20_001 {
		b.Fatal(len(files))
	}
	f := frozen(fsys)
	f.warm()
	for b.Loop() {
		c, err := buildcontext.New(f, "")
		if err != nil {
			b.Fatal(err)
		}
		c.Files()
	}
}

// folders is a file system whose directories are listed once, so that a benchmark measures what is done with them.
type folders struct {
	fs.FS
	lists map[string][]fs.DirEntry
}

func frozen(fsys fs.FS) *folders { return &folders{fsys, map[string][]fs.DirEntry{}} }

func (f *folders) warm() {
	byDir := map[string][]fs.DirEntry{}
	_ = fs.WalkDir(f.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if name != "." {
			dir := "."
			for i := len(name) - 1; i >= 0; i-- {
				if name[i] == '/' {
					dir = name[:i]
					break
				}
			}
			byDir[dir] = append(byDir[dir], d)
		}
		return err
	})
	f.lists = byDir
}

// ReadDir implements fs.ReadDirFS.
func (f *folders) ReadDir(name string) ([]fs.DirEntry, error) {
	if list, ok := f.lists[name]; ok {
		return list, nil
	}
	return fs.ReadDir(f.FS, name)
}

// counted counts what is opened and read, and the directories that are listed.
type counted struct {
	fs.FS
	opens, bytes, lists atomic.Int64
}

// ReadDir implements fs.ReadDirFS.
func (c *counted) ReadDir(name string) ([]fs.DirEntry, error) {
	c.lists.Add(1)
	return fs.ReadDir(c.FS, name)
}

// Open implements fs.FS.
func (c *counted) Open(name string) (fs.File, error) {
	f, err := c.FS.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err == nil && !info.IsDir() {
		c.opens.Add(1)
		return &countedFile{f, c}, nil
	}
	return f, nil
}

type countedFile struct {
	fs.File
	c *counted
}

// Read implements fs.File.
func (f *countedFile) Read(b []byte) (int, error) {
	n, err := f.File.Read(b)
	f.c.bytes.Add(int64(n))
	return n, err
}

func TestOnlyWhatIsAskedForIsRead(t *testing.T) {
	fsys := &counted{FS: fstest.MapFS{
		".dockerignore": {Data: []byte("*.log")}, "a.log": {Data: make([]byte, 10)},
		"big": {Data: make([]byte, 3*buildcontext.MaxRead)}, "src/b": {Data: make([]byte, 10)}, "src/c": {Data: make([]byte, 10)},
	}}
	c := open(t, fsys)
	opens, bytes := fsys.opens.Load(), fsys.bytes.Load()
	c.Files()
	c.Count()
	c.Ignored("src/b")
	c.Excluded("src")
	c.Dir("src")
	c.Litter(c.Take("src", buildcontext.How{}).Files, "src")
	if n := c.Take(".", buildcontext.How{}).Bytes(); n != 3*buildcontext.MaxRead+25 {
		t.Errorf("%d bytes", n)
	}
	if _, _, err := c.Survey(nil); err != nil {
		t.Error(err)
	}
	if fsys.opens.Load() != opens || fsys.bytes.Load() != bytes {
		t.Errorf("%d files were opened", fsys.opens.Load()-opens)
	}
	if n := fsys.lists.Load(); n != 2 {
		t.Errorf("two folders were listed %d times", n)
	}
	if _, err := c.Read("big"); err != nil {
		t.Error(err)
	}
	if n := fsys.bytes.Load() - bytes; fsys.opens.Load() != opens+1 || n > buildcontext.MaxRead {
		t.Errorf("%d bytes were read", n)
	}
}
