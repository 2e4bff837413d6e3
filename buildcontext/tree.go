package buildcontext

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// MaxFiles bounds how many files of a context are listed.
const MaxFiles = 200_000

// File is a file or link, not a directory, that the build sees.
type File struct {
	Name  string // in the context
	entry fs.DirEntry
}

// Type is what kind of file it is, known without a look at the file itself. A link is a link, whatever it points to.
func (f File) Type() fs.FileMode { return f.entry.Type() }

// Size is the size in bytes, that of a link itself. It looks at the file; one that is gone has none.
func (f File) Size() int64 {
	info, err := f.entry.Info()
	if err != nil {
		return 0
	}
	return info.Size()
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

// Bytes is the sum of the sizes of files. It looks at each.
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

// node is a file or directory in the context.
type node struct {
	name  string // in the context
	entry fs.DirEntry
	verdict
	below  []*node // of a directory that is listed, sorted
	listed bool
}

// list is what the directory n contains, whether the build sees it or not. A directory that cannot be read is empty.
func (c *Context) list(n *node) []*node {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n.listed {
		return n.below
	}
	n.listed = true
	entries, err := fs.ReadDir(c.fsys, n.name)
	if err == nil && c.work > maxWork {
		err = errWork
	}
	if err != nil {
		if c.err == nil && !n.ignored {
			c.err = err
		}
		return nil
	}
	prefix := ""
	if n.name != "." {
		prefix = n.name + "/"
	}
	nodes := make([]node, len(entries)) // one allocation for all
	n.below = make([]*node, len(entries))
	for i, e := range entries {
		x := &nodes[i]
		x.name, x.entry = prefix+e.Name(), e
		if c.matcher != nil {
			x.verdict = c.match(x.name, n.verdict)
		}
		n.below[i] = x
	}
	return n.below
}

// find is the node called name, nil if there is none; it is case-sensitive even if the file system is not.
func (c *Context) find(name string) *node {
	n := c.root
	if name == "." {
		return n
	}
	for part := range strings.SplitSeq(name, "/") {
		if n.entry != nil && !n.entry.IsDir() {
			return nil
		}
		if n = child(c.list(n), part); n == nil {
			return nil
		}
	}
	return n
}

func child(nodes []*node, base string) *node {
	i, ok := slices.BinarySearchFunc(nodes, base, func(n *node, base string) int { return strings.Compare(n.entry.Name(), base) })
	if !ok {
		return nil
	}
	return nodes[i]
}

func (n *node) dir() bool { return n.entry == nil || n.entry.IsDir() }

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
	for _, x := range c.list(n) {
		if err := c.each(x, f); err != nil {
			return err
		}
	}
	return nil
}

// Files are the files that the build sees, in lexical order. They are found on the first call, without a look at any
// of them, and must not be changed. cut: there are more than MaxFiles, and the rest is left out.
func (c *Context) Files() (files []File, cut bool) {
	c.walk.Do(func() { c.files, c.cut = c.visible(c.root) })
	return c.files, c.cut
}

// under is the files at or below n, of all that Files has.
func (c *Context) under(n *node) (files []File, cut bool) {
	if n == c.root {
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
