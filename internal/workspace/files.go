package workspace

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/order"
)

// Files is the file system of a workspace. Names are absolute, in the form of the system.
type Files interface {
	Trust(name string)                           // the user named it: it may be anywhere
	Forget()                                     // what it knows about directories, which may have changed
	Open(name string) (fs.File, error)           // a regular file
	OpenFrom(from, name string) (fs.File, error) // one that the file called from refers to
	Stat(name string) (fs.FileInfo, error)
	Lstat(name string) (fs.FileInfo, error)
	ReadDir(name string) ([]fs.DirEntry, error)
	Resolve(name string) (string, error) // where name really is, after all links
	Sub(dir string) fs.FS                // dir as a file system of its own, which lists its directories by fs.ReadDirFS
}

// reader reads the files of a workspace, with the unsaved text in place of what is on the disk. It notes in seen what
// it has looked at. Names are absolute or relative to the root.
type reader struct {
	*Workspace
	seen *seen
}

func (r reader) Open(name string) (fs.File, error) {
	name = r.abs(name)
	r.seen.name(name)
	if text, ok := r.unsaved[name]; ok {
		return newMemory(filepath.Base(name), text), nil
	}
	return r.config.Files.Open(name)
}

// OpenFrom implements config.Files.
func (r reader) OpenFrom(from, name string) (fs.File, error) {
	name = r.abs(name)
	r.seen.name(name)
	if text, ok := r.unsaved[name]; ok {
		return newMemory(filepath.Base(name), text), nil
	}
	return r.config.Files.OpenFrom(r.abs(from), name)
}

func (r reader) Stat(name string) (fs.FileInfo, error) {
	name = r.abs(name)
	r.seen.name(name)
	if text, ok := r.unsaved[name]; ok {
		return memoryInfo{filepath.Base(name), int64(len(text))}, nil
	}
	return r.config.Files.Stat(name)
}

func (r reader) Lstat(name string) (fs.FileInfo, error) {
	name = r.abs(name)
	r.seen.name(name)
	if text, ok := r.unsaved[name]; ok {
		return memoryInfo{filepath.Base(name), int64(len(text))}, nil
	}
	return r.config.Files.Lstat(name)
}

// ReadDir lists a directory, sorted by name.
func (r reader) ReadDir(name string) ([]fs.DirEntry, error) { return r.list(name, anyEntry) }

// list is ReadDir where only some entries matter.
func (r reader) list(name string, what interest) ([]fs.DirEntry, error) {
	name = r.abs(name)
	r.seen.list(name, what)
	entries, err := r.config.Files.ReadDir(name)
	if err != nil || len(r.unsaved) == 0 {
		return entries, err
	}
	return withFiles(entries, ".", r.below(name), func(file string) fs.FileInfo { return r.unsavedInfo(filepath.Join(name, file)) }), nil
}

// unsavedInfo is about the unsaved text of a file as it is now, whenever the file was listed.
func (w *Workspace) unsavedInfo(name string) fs.FileInfo {
	return memoryInfo{filepath.Base(name), int64(len(w.unsaved[name]))}
}

// Sub is dir as a file system of its own, in which files holds what the named files hold instead or in addition.
func (r reader) Sub(dir string, files map[string]string) fs.FS {
	dir = r.abs(dir)
	fsys := r.config.Files.Sub(dir)
	if len(r.unsaved)+len(files) > 0 {
		fsys = overlay{fsys, files, r.Workspace, dir}
	}
	if r.seen != nil {
		fsys = watched{fsys, dir, r.seen}
	}
	return fsys
}

// below are the files in dir that have unsaved text, by their path in it.
func (r reader) below(dir string) map[string]string {
	out := map[string]string{}
	for name, text := range r.unsaved {
		if rel, err := filepath.Rel(dir, name); err == nil && filepath.IsLocal(rel) {
			out[filepath.ToSlash(rel)] = text
		}
	}
	return out
}

func (r reader) exists(name string) bool {
	_, err := r.Stat(name)
	return err == nil
}

// readFile is the first bytes of a file, up to limit.
func (r reader) readFile(name string, limit int64) ([]byte, error) {
	f, err := r.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	info, err := f.Stat()
	if err != nil || info.Size() >= limit {
		return io.ReadAll(io.LimitReader(f, limit))
	}
	buf := make([]byte, info.Size()+1)
	n, err := f.Read(buf) // most often all of it
	if err == nil && int64(n) == info.Size() {
		return buf[:n:n], nil
	}
	if errors.Is(err, io.EOF) {
		return buf[:n], nil
	}
	if err != nil {
		return buf[:n], err
	}
	rest, err := io.ReadAll(io.LimitReader(f, limit-int64(n)))
	return append(buf[:n], rest...), err
}

// CannotRead says for a user what err means, without the name of a system call.
func CannotRead(name string, err error) error {
	return fmt.Errorf("cannot read %s: %w", filepath.ToSlash(name), reason(err))
}

// reason is err without the path that the sentence around it already names.
func reason(err error) error {
	if detail, ok := errors.AsType[*fs.PathError](err); ok {
		return detail.Err
	}
	return err
}

// overlay is a directory with files that it does not have yet, or that hold something else: files, and the unsaved text of a
// workspace as it is when somebody asks. Package fs lists its directories by ReadDir and asks for them by Stat; Open only
// opens files.
type overlay struct {
	fs.FS
	files   map[string]string
	unsaved *Workspace // may be nil
	dir     string
}

// text is what the file called name holds; false if that is what is on the disk.
func (o overlay) text(name string) (string, bool) {
	text, ok := o.files[name]
	if !ok && o.unsaved != nil && len(o.unsaved.unsaved) > 0 {
		text, ok = o.unsaved.unsaved[filepath.Join(o.dir, filepath.FromSlash(name))]
	}
	return text, ok
}

// Open implements fs.FS.
func (o overlay) Open(name string) (fs.File, error) {
	if text, ok := o.text(name); ok {
		return newMemory(path.Base(name), text), nil
	}
	return o.FS.Open(name)
}

// Stat implements fs.StatFS.
func (o overlay) Stat(name string) (fs.FileInfo, error) {
	if text, ok := o.text(name); ok {
		return memoryInfo{path.Base(name), int64(len(text))}, nil
	}
	return fs.Stat(o.FS, name)
}

// ReadDir implements fs.ReadDirFS.
func (o overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(o.FS, name)
	if err != nil {
		return entries, err
	}
	all := o.files
	if o.unsaved != nil && len(o.unsaved.unsaved) > 0 {
		all = reader{o.unsaved, nil}.below(o.dir)
		maps.Copy(all, o.files)
	}
	return withFiles(entries, name, all, func(file string) fs.FileInfo {
		file = path.Join(name, file)
		text, _ := o.text(file)
		return memoryInfo{path.Base(file), int64(len(text))}
	}), nil
}

// unsavedEntry is an entry of a directory whose file has unsaved text.
type unsavedEntry struct {
	name string
	info func(name string) fs.FileInfo
}

// Name implements fs.DirEntry, as do those below.
func (e unsavedEntry) Name() string               { return e.name }
func (unsavedEntry) IsDir() bool                  { return false }
func (unsavedEntry) Type() fs.FileMode            { return 0 }
func (e unsavedEntry) Info() (fs.FileInfo, error) { return e.info(e.name), nil }

// withFiles is the entries of dir with those of files in it, about which info tells. entries are changed.
func withFiles(entries []fs.DirEntry, dir string, files map[string]string, info func(name string) fs.FileInfo) []fs.DirEntry {
	more := false
	for name := range files {
		if dir != "." && !strings.HasPrefix(name, dir) || path.Dir(name) != dir {
			continue
		}
		entry := unsavedEntry{path.Base(name), info}
		i := slices.IndexFunc(entries, func(e fs.DirEntry) bool { return e.Name() == entry.name })
		if i < 0 {
			entries, more = append(entries, entry), true
		} else if entries[i].Type().IsRegular() {
			entries[i] = entry // its size is that of the text
		}
	}
	if more {
		order.By(entries, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	}
	return entries
}

// watched notes in seen what is looked at in a directory.
type watched struct {
	fs.FS
	dir  string
	seen *seen
}

func (w watched) name(name string) string { return filepath.Join(w.dir, filepath.FromSlash(name)) }

// Open implements fs.FS.
func (w watched) Open(name string) (fs.File, error) {
	w.seen.name(w.name(name))
	return w.FS.Open(name)
}

// Stat implements fs.StatFS.
func (w watched) Stat(name string) (fs.FileInfo, error) {
	w.seen.name(w.name(name))
	return fs.Stat(w.FS, name)
}

// ReadDir implements fs.ReadDirFS.
func (w watched) ReadDir(name string) ([]fs.DirEntry, error) {
	w.seen.list(w.name(name), anyEntry)
	entries, err := fs.ReadDir(w.FS, name)
	for i, e := range entries {
		entries[i] = watchedEntry{e, w.name(name), w.seen}
	}
	return entries, err
}

// watchedEntry is an entry of a directory that is watched.
type watchedEntry struct {
	fs.DirEntry
	dir  string
	seen *seen
}

// Info implements fs.DirEntry. Whoever asks for the size of a file depends on what it holds.
func (e watchedEntry) Info() (fs.FileInfo, error) {
	e.seen.name(filepath.Join(e.dir, e.Name()))
	return e.DirEntry.Info()
}

// seen is what was looked at to find something out: if none of it changes, the answer holds. A nil one notes nothing.
type seen struct {
	mu    sync.Mutex
	names map[string]bool     // opened, or asked whether it is there
	lists map[string]interest // by directory that was listed
	more  []*seen             // of answers that were used
}

// interest is which entries of a listed directory matter, a set.
type interest uint8

const (
	anyEntry         interest = 1 << iota
	manifests                 // files that belong at the root of a build context
	workspaceRoot             // files that may say that it is the root of a workspace of packages
	descriptionFiles          // files that may describe builds, and directories
)

func (i interest) has(name string) bool {
	switch {
	case i&anyEntry != 0, i&manifests != 0 && app.RootFile(name), i&descriptionFiles != 0 && maybeDescription(name):
		return true
	case i&workspaceRoot == 0:
		return false
	}
	asked := false
	said := app.Workspace(name, func() string { asked = true; return "" })
	return said || asked
}

func (s *seen) name(name string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.names == nil {
		s.names = map[string]bool{}
	}
	s.names[name] = true
}

func (s *seen) list(dir string, what interest) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lists == nil {
		s.lists = map[string]interest{}
	}
	s.lists[dir] |= what
}

func (s *seen) use(other *seen) {
	if s == nil || other == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.more, other) {
		s.more = append(s.more, other)
	}
}

// holds reports whether other text in the file called name, which has neither come nor gone, can make another answer of what
// s was noted for.
func (s *seen) holds(name string) bool {
	if s == nil {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.names[name] || slices.ContainsFunc(s.more, func(o *seen) bool { return o.holds(name) })
}

// depends reports whether a change of name, which may have come or gone, can make another answer of what s was noted
// for.
func (s *seen) depends(name string) bool {
	if s == nil {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.names[name] || s.lists[name] != 0 {
		return true
	}
	if s.lists[filepath.Dir(name)].has(filepath.Base(name)) {
		return true
	}
	// A directory comes or goes with what is in it.
	below := name + string(filepath.Separator)
	for other := range s.names {
		if strings.HasPrefix(other, below) {
			return true
		}
	}
	for other := range s.lists {
		if strings.HasPrefix(other, below) {
			return true
		}
	}
	return slices.ContainsFunc(s.more, func(o *seen) bool { return o.depends(name) })
}

// cache remembers answers by a name. Several goroutines may ask at once.
type cache[T any] struct {
	mu      sync.Mutex
	entries map[string]*entry[T]
}

type entry[T any] struct {
	once  sync.Once
	value T
	seen  *seen
}

// get is the answer for key, which find finds out. The asker, who reads with r, depends on what find has looked at.
func (c *cache[T]) get(key string, r reader, find func(reader) T) T {
	c.mu.Lock()
	e := c.entries[key]
	if e == nil {
		e = &entry[T]{}
		if r.config.Keep {
			e.seen = &seen{}
		}
		if c.entries == nil {
			c.entries = map[string]*entry[T]{}
		}
		c.entries[key] = e
	}
	c.mu.Unlock()
	e.once.Do(func() { e.value = find(reader{r.Workspace, e.seen}) })
	r.seen.use(e.seen)
	return e.value
}

// forget drops the answers that out accepts what was looked at for. Without a note of that, it gets nil.
func (c *cache[T]) forget(out func(*seen) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, e := range c.entries {
		if out(e.seen) {
			delete(c.entries, key)
		}
	}
}
