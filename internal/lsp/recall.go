package lsp

import (
	"bytes"
	"io"
	"io/fs"
	"slices"
	"sync"
	"time"

	"github.com/dockvet/dockvet/internal/disk"
)

// recall is the disk as it was a moment ago. Typing changes what is in the editor and nothing on the disk, so that a build context of
// thousands of files need not be listed and read again for each key. All of it is forgotten as soon as the client says that a file has
// changed, and after a while, since not every client does and none says everything.
type recall struct {
	*disk.Files
	now     func() time.Time
	longest time.Duration // how long it is recalled

	mu     sync.Mutex
	since  time.Time
	bytes  int // of the files that are kept
	opened map[string]recalled[*kept]
	stats  map[string]recalled[fs.FileInfo]
	links  map[string]recalled[fs.FileInfo] // what Lstat says
	lists  map[string]recalled[[]fs.DirEntry]
}

// recalled is an answer of the disk.
type recalled[T any] struct {
	value T
	err   error
}

// kept is a file.
type kept struct {
	info fs.FileInfo
	text []byte
}

// How long the disk is recalled for a client that tells what changes there, and for one that does not.
const (
	longTold   = time.Minute
	longUntold = 2 * time.Second
)

// What is kept is bounded: the size of a file, of all files, and the number of answers, in bytes and pieces.
const (
	maxKeptFile    = 256 << 10
	maxKept        = 16 << 20
	maxKeptAnswers = 50_000
)

func newRecall(files *disk.Files, now func() time.Time, longest time.Duration) *recall {
	r := &recall{Files: files, now: now, longest: longest}
	r.forget()
	return r
}

// forget makes r look at the disk again.
func (r *recall) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.since, r.bytes = r.now(), 0
	r.opened, r.stats = map[string]recalled[*kept]{}, map[string]recalled[fs.FileInfo]{}
	r.links, r.lists = map[string]recalled[fs.FileInfo]{}, map[string]recalled[[]fs.DirEntry]{}
	r.Files.Forget()
}

// Forget implements workspace.Files. What the disk said is still true if only unsaved text has changed.
func (r *recall) Forget() {
	r.mu.Lock()
	old := r.now().Sub(r.since) >= r.longest || len(r.opened)+len(r.stats)+len(r.links)+len(r.lists) > maxKeptAnswers
	r.mu.Unlock()
	if old {
		r.forget()
	}
}

// answer is what from says about name, or what ask finds out.
func answer[T any](r *recall, from map[string]recalled[T], name string, ask func() (T, error)) (T, error) {
	r.mu.Lock()
	known, ok := from[name]
	r.mu.Unlock()
	if !ok {
		known.value, known.err = ask()
		r.mu.Lock()
		from[name] = known
		r.mu.Unlock()
	}
	return known.value, known.err
}

// open opens a file. One that is too large to be kept is read from the disk each time.
func (r *recall) open(name string, open func() (fs.File, error)) (fs.File, error) {
	var large fs.File
	k, err := answer(r, r.opened, name, func() (*kept, error) {
		f, err := open()
		if err != nil {
			return nil, err
		}
		info, err := f.Stat()
		if err != nil || info.Size() > maxKeptFile || r.full(int(info.Size())) {
			large = f
			return nil, nil //nolint:nilnil // the file is not kept
		}
		defer func() { _ = f.Close() }() // nothing was written
		text, err := io.ReadAll(f)
		return &kept{info, text}, err
	})
	switch {
	case large != nil:
		return large, nil
	case err != nil:
		return nil, err
	case k == nil:
		return open()
	}
	return &keptFile{*bytes.NewReader(k.text), k.info}, nil
}

// full reports whether a file of that size would exceed the limit, and counts the file if it would not.
func (r *recall) full(size int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.bytes+size > maxKept {
		return true
	}
	r.bytes += size
	return false
}

// list is a copy of a listing, which the caller may change.
func (r *recall) list(name string, list func() ([]fs.DirEntry, error)) ([]fs.DirEntry, error) {
	entries, err := answer(r, r.lists, name, func() ([]fs.DirEntry, error) {
		entries, err := list()
		for i, e := range entries {
			entries[i] = &keptEntry{DirEntry: e}
		}
		return entries, err
	})
	return slices.Clone(entries), err
}

// Open implements workspace.Files, as do those below.
func (r *recall) Open(name string) (fs.File, error) {
	return r.open(name, func() (fs.File, error) { return r.Files.Open(name) })
}

func (r *recall) OpenFrom(from, name string) (fs.File, error) {
	return r.open(from+"\x00"+name, func() (fs.File, error) { return r.Files.OpenFrom(from, name) })
}

func (r *recall) Stat(name string) (fs.FileInfo, error) {
	return answer(r, r.stats, name, func() (fs.FileInfo, error) { return r.Files.Stat(name) })
}

func (r *recall) Lstat(name string) (fs.FileInfo, error) {
	return answer(r, r.links, name, func() (fs.FileInfo, error) { return r.Files.Lstat(name) })
}

func (r *recall) ReadDir(name string) ([]fs.DirEntry, error) {
	return r.list(name, func() ([]fs.DirEntry, error) { return r.Files.ReadDir(name) })
}

func (r *recall) Sub(dir string) fs.FS { return recalledSub{r.Files.Sub(dir), r, dir + "\x00"} }

// recalledSub is a directory of r.
type recalledSub struct {
	fs.FS
	r      *recall
	prefix string // of its names in r
}

// Open implements fs.FS.
func (s recalledSub) Open(name string) (fs.File, error) {
	return s.r.open(s.prefix+name, func() (fs.File, error) { return s.FS.Open(name) })
}

// Stat implements fs.StatFS.
func (s recalledSub) Stat(name string) (fs.FileInfo, error) {
	return answer(s.r, s.r.stats, s.prefix+name, func() (fs.FileInfo, error) { return fs.Stat(s.FS, name) })
}

// ReadDir implements fs.ReadDirFS.
func (s recalledSub) ReadDir(name string) ([]fs.DirEntry, error) {
	return s.r.list(s.prefix+name, func() ([]fs.DirEntry, error) { return fs.ReadDir(s.FS, name) })
}

// keptFile is an open file of which everything is known.
type keptFile struct {
	bytes.Reader
	info fs.FileInfo
}

// Stat implements fs.File.
func (f *keptFile) Stat() (fs.FileInfo, error) { return f.info, nil }

// Close implements fs.File.
func (*keptFile) Close() error { return nil }

// keptEntry is an entry of a directory that is looked at once.
type keptEntry struct {
	fs.DirEntry
	once sync.Once
	info fs.FileInfo
	err  error
}

// Info implements fs.DirEntry.
func (e *keptEntry) Info() (fs.FileInfo, error) {
	e.once.Do(func() { e.info, e.err = e.DirEntry.Info() })
	return e.info, e.err
}
