package buildcontext

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"sort"
	"strings"
	"sync/atomic"
)

// MaxFiles bounds how many files of a context are listed.
const MaxFiles = 200_000

// File is a file or link, not a directory, that the build sees.
type File struct {
	Name  string // in the context
	entry *entry
}

// Type is what kind of file it is, known without a look at the file itself. A link is a link, whatever it points to.
func (f File) Type() fs.FileMode { return f.entry.Type() }

// Size is the size in bytes, that of a link itself. It looks at the file once; one that is gone has none.
func (f File) Size() int64 {
	if known := f.entry.weight.Load(); known > 0 {
		return known - 1
	}
	var size int64
	if info, err := f.entry.Info(); err == nil {
		size = max(info.Size(), 0)
	}
	f.entry.weight.Store(size + 1)
	return size
}

// Executable reports whether a regular file may be executed. known is false where the file system has no such bit, as
// on Windows, and for a link.
func (f File) Executable() (executable, known bool) {
	info, err := f.entry.Info()
	if err != nil || !info.Mode().IsRegular() || info.Mode().Perm() == 0 || !hasModes {
		return false, false
	}
	return info.Mode().Perm()&0o111 != 0, true
}

// Bytes is the sum of the sizes of files. It looks at each once.
func Bytes(files []File) int64 {
	var n int64
	for _, f := range files {
		n += f.Size()
	}
	return n
}

// MaxWeighed bounds how many files a finding looks at for their sizes.
const MaxWeighed = 20_000

// Weigh is the sum of the sizes of files, or of the first MaxWeighed: then all is false.
func Weigh(files []File) (bytes int64, all bool) {
	return Bytes(files[:min(len(files), MaxWeighed)]), len(files) <= MaxWeighed
}

// entry is a file or directory, whatever ignore files say about it.
type entry struct {
	fs.DirEntry // nil for the directory of the context itself
	name        string
	below       []entry // of a directory that is listed, sorted
	listed      bool
	err         error        // why it could not be listed
	of          *entry       // the same in Directory.base, nil if it is not there
	facts       map[any]any  // see FileFact
	weight      atomic.Int64 // its size and 1, 0 if that is not known yet
}

// list is what the directory e contains. Several goroutines may ask at once.
func (d *Directory) list(e *entry) ([]entry, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.listLocked(e)
}

func (d *Directory) listLocked(e *entry) ([]entry, error) {
	if e.listed {
		return e.below, e.err
	}
	e.listed = true
	var known []entry // below the same in base
	if e.of != nil {
		var err error
		if known, err = d.base.listLocked(e.of); !d.changed[e.name] {
			e.below, e.err = known, err
			return known, err
		}
	}
	found, err := fs.ReadDir(d.fsys, e.name)
	if err != nil {
		e.err = err
		return nil, err
	}
	prefix := ""
	if e.name != "." {
		prefix = e.name + "/"
	}
	e.below = make([]entry, len(found))
	for i, x := range found {
		e.below[i].name, e.below[i].DirEntry = prefix+x.Name(), x
		if at, ok := sort.Find(len(known), func(k int) int { return strings.Compare(x.Name(), known[k].Name()) }); ok {
			e.below[i].of = &known[at]
		}
	}
	return e.below, nil
}

// node is a file or directory as an ignore file leaves it.
type node struct {
	*entry
	*verdict
	below  []node // of a directory that is listed, sorted
	listed bool
}

// list is what the directory n contains, whether the build sees it or not. A directory that cannot be read is empty.
func (c *Context) list(n *node) []node {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n.listed {
		return n.below
	}
	n.listed = true
	entries, err := c.dir.list(n.entry)
	if err == nil && c.work > maxWork {
		err = errWork
	}
	if err != nil {
		if c.err == nil && !n.ignored {
			c.err = err
		}
		return nil
	}
	n.below = make([]node, len(entries))
	for i := range entries {
		x := &n.below[i]
		x.entry, x.verdict = &entries[i], n.verdict
		if c.matcher != nil {
			x.verdict = c.match(x.name, n.verdict)
		}
	}
	return n.below
}

// find is the node called name, nil if there is none; it is case-sensitive even if the file system is not.
func (c *Context) find(name string) *node {
	n := &c.root
	if name == "." {
		return n
	}
	for _, part := range strings.Split(name, "/") {
		if !n.dir() {
			return nil
		}
		if n = child(c.list(n), part); n == nil {
			return nil
		}
	}
	return n
}

func child(nodes []node, base string) *node {
	i, ok := slices.BinarySearchFunc(nodes, base, func(n node, base string) int { return strings.Compare(n.Name(), base) })
	if !ok {
		return nil
	}
	return &nodes[i]
}

func (e *entry) dir() bool { return e.DirEntry == nil || e.IsDir() }

// errStop ends a walk.
var errStop = errors.New("stop")

// each calls f for each file at or below n that the build sees, in lexical order. Ignored directories are only
// entered if a `!` pattern may bring something in them back.
func (c *Context) each(n *node, f func(File) error) error {
	if !n.dir() {
		if n.ignored {
			return nil
		}
		return f(File{n.name, n.entry})
	}
	if n.ignored && !c.reaches(n.name) {
		return nil
	}
	below := c.list(n)
	for i := range below {
		if err := c.each(&below[i], f); err != nil {
			return err
		}
	}
	return nil
}

// Files are the files that the build sees, in lexical order. They are found on the first call, without a look at any
// of them, and must not be changed. cut: there are more than MaxFiles, and the rest is left out.
func (c *Context) Files() (files []File, cut bool) {
	c.walk.Do(func() {
		c.files, c.cut = c.visible(&c.root)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.keep(c.files)
	})
	return c.files, c.cut
}

// under is the files at or below n, of all that Files has.
func (c *Context) under(n *node) (files []File, cut bool) {
	if n == &c.root {
		return c.Files()
	}
	return c.visible(n)
}

func (c *Context) visible(n *node) (files []File, cut bool) {
	err := c.each(n, func(f File) error {
		if len(files) >= MaxFiles {
			return errStop
		}
		files = append(files, f)
		return nil
	})
	return files, err != nil
}

// Lookup is the file that the build sees under name. ok is false if there is none, for a directory, and if only the
// case differs.
func (c *Context) Lookup(name string) (f File, ok bool) {
	n := c.find(clean(name))
	if n == nil || n.dir() || n.ignored {
		return File{}, false
	}
	return File{n.name, n.entry}, true
}

// clean is a name or pattern of COPY within the context: what would lead out of it is cut at its root, as BuildKit
// does.
func clean(name string) string {
	if name = strings.TrimPrefix(path.Clean("/"+name), "/"); name == "" {
		return "."
	}
	return name
}
