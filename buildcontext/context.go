// Package buildcontext is the build context as the build sees it: the files that are left after `.dockerignore`.
package buildcontext

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/moby/patternmatcher"
)

// Directory is the directory of build contexts. Each ignore file makes a context of it, and all list its files once.
// Several goroutines may use it at once.
type Directory struct {
	fsys    fs.FS
	base    *Directory      // which this is, except for the files in changed; nil for a directory of its own
	changed map[string]bool // the changed files, and the directories that they are in
	mu      *sync.Mutex     // for what entries contain, and for views; that of base
	root    entry
	// views are those that were used last.
	views     []*view
	common    func() ([]byte, error) // `.dockerignore`
	container func() ([]byte, error) // `.containerignore`
}

// NewDirectory is the directory fsys.
func NewDirectory(fsys fs.FS) *Directory {
	once := func(name string) func() ([]byte, error) {
		return sync.OnceValues(func() ([]byte, error) { return readIgnore(fsys, name) })
	}
	return &Directory{fsys: fsys, mu: new(sync.Mutex), root: entry{name: "."}, common: once(commonIgnore), container: once(containerIgnore)}
}

// With is d where only the files called changed, which d may not have, are others: those of fsys. Both list the directories without
// such files once, and share what is found out about the other files in them.
func (d *Directory) With(fsys fs.FS, changed iter.Seq[string]) *Directory {
	x := NewDirectory(fsys)
	x.base, x.mu, x.changed, x.root.of = d, d.mu, map[string]bool{".": true}, &d.root
	for name := range changed {
		for ; !x.changed[name]; name = path.Dir(name) {
			x.changed[name] = true
		}
	}
	return x
}

// commonIgnore is the ignore file of Dockerfiles without one of their own. For buildah containerIgnore is, if it exists.
const (
	commonIgnore    = ".dockerignore"
	containerIgnore = ".containerignore"
)

// Context is a directory that a build may copy from. Paths in it are slash-separated and relative to its root. Several
// goroutines may use it at once. Dockerfiles whose ignore files have the same text share what is found out about it.
type Context struct {
	// Chosen says that the user or a description of the build names the directory, and dockvet did not guess it.
	Chosen bool
	Ignore string // the ignore file that counts, such as `<Dockerfile>.dockerignore` or `.dockerignore`; "" without one
	*view
}

// view is what an ignore file leaves of a directory.
type view struct {
	*ignoring
	dir   *Directory
	root  node
	walk  sync.Once // for files and cut, see Files
	files []File
	cut   bool

	// What follows, and what nodes contain, needs mu.
	err   error             // for the first directory that could not be read
	taken map[request]Taken // see Take
	kept  int               // how many files are in taken
	lists map[*File]int     // the length of lists that are kept, by their first file
	facts map[factKey]any   // see Fact
	has   map[string]bool   // see Has
}

// ignoring is an ignore file.
type ignoring struct {
	mu       sync.Mutex // for the matcher, what it said, and views
	text     string
	matcher  *patternmatcher.PatternMatcher // nil without an ignore file
	checks   []check                        // of the patterns of matcher, see match
	patterns []*Pattern
	broken   []Broken
	folders  map[string]verdict // what the patterns say about directories, for Ignored
	work     int                // comparisons of a name with a pattern, up to maxWork
}

// MaxRead bounds how much of a file is read, in bytes.
const MaxRead = 256 << 10

// New looks at fsys as the context of a Dockerfile, as Directory.Context does.
func New(fsys fs.FS, dockerfile string) (*Context, error) {
	return NewDirectory(fsys).Context(dockerfile)
}

// Context is the context of a Dockerfile, whose path in the directory is dockerfile ("" if it lies elsewhere). An ignore
// file that cannot be read is an error; one with a malformed pattern is not, see Broken.
func (d *Directory) Context(dockerfile string) (*Context, error) { return d.context(dockerfile, false) }

// BuildahContext is Context as buildah and podman see it, which also read `.containerignore`.
func (d *Directory) BuildahContext(dockerfile string) (*Context, error) {
	return d.context(dockerfile, true)
}

func (d *Directory) context(dockerfile string, buildah bool) (*Context, error) {
	name, data, err := d.ignoreFile(dockerfile, buildah)
	if err != nil {
		return nil, err
	}
	v, err := d.view(name != "", string(data))
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return &Context{Ignore: name, view: v}, nil
}

// ignoreFile is the ignore file that counts for a Dockerfile, with the name "" if there is none. The order in buildah is
// that of its ContainerIgnoreFile (pkg/parse).
func (d *Directory) ignoreFile(dockerfile string, buildah bool) (name string, data []byte, err error) {
	if dockerfile != "" {
		name = dockerfile + commonIgnore
		if data, err = readIgnore(d.fsys, name); !errors.Is(err, fs.ErrNotExist) {
			return name, data, err
		}
	}
	if dockerfile != "" && buildah {
		name = dockerfile + containerIgnore
		if data, err = readIgnore(d.fsys, name); !errors.Is(err, fs.ErrNotExist) {
			return name, data, err
		}
	}
	if buildah {
		if data, err = d.container(); !errors.Is(err, fs.ErrNotExist) {
			return containerIgnore, data, err
		}
	}
	if data, err = d.common(); errors.Is(err, fs.ErrNotExist) {
		return "", nil, nil
	}
	return commonIgnore, data, err
}

// maxViews bounds the views that a directory remembers, each of which may be as large as the directory.
const maxViews = 4

// view is what an ignore file with that text leaves, or everything if there is none.
func (d *Directory) view(ignores bool, text string) (*view, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.IndexFunc(d.views, func(v *view) bool { return (v.matcher != nil) == ignores && v.text == text })
	if i >= 0 {
		v := d.views[i]
		d.views = append(slices.Delete(d.views, i, i+1), v) // the last one used
		return v, nil
	}
	v := &view{dir: d, ignoring: &ignoring{text: text, folders: map[string]verdict{}}}
	v.root = node{entry: &d.root, verdict: &verdict{}}
	if ignores {
		var err error
		if v.patterns, v.broken, v.matcher, err = parseIgnore([]byte(text)); err != nil {
			return nil, err
		}
		v.checks = checks(v.matcher)
	}
	if len(d.views) == maxViews {
		d.views = slices.Delete(d.views, 0, 1)
	}
	d.views = append(d.views, v)
	return v, nil
}

// maxIgnore bounds an ignore file, in bytes.
const maxIgnore = 1 << 20

func readIgnore(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	data, err := io.ReadAll(io.LimitReader(f, maxIgnore+1))
	if len(data) > maxIgnore {
		err = &fs.PathError{Op: "read", Path: name, Err: fmt.Errorf("it is larger than %d bytes", maxIgnore)}
	}
	return data, err
}

// Excluded reports whether the ignore file leaves nothing of source, a path or a pattern as COPY takes it. What does
// not exist is judged by its text: the build may be started where it does.
func (c *Context) Excluded(source string) bool {
	if c.matcher == nil {
		return false
	}
	t := c.Take(source, How{})
	if t.Exists {
		return t.Ignored
	}
	name := clean(source)
	return c.Ignored(name) && (!c.Exceptions() || !strings.ContainsAny(name, `*?[\`))
}

// Has reports whether name exists and the build sees it.
func (c *Context) Has(name string) bool {
	name = path.Clean(strings.TrimPrefix(name, "/"))
	c.mu.Lock()
	has, known := c.has[name]
	c.mu.Unlock()
	if known {
		return has
	}
	_, err := fs.Stat(c.dir.fsys, name)
	has = err == nil && !c.Ignored(name)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.has == nil {
		c.has = map[string]bool{}
	}
	if len(c.has) < maxHas {
		c.has[name] = has
	}
	return has
}

// maxHas bounds the names that a context remembers to have or not.
const maxHas = 10_000

// Glob is the names that match pattern (as in path.Match) and that the build sees, sorted.
func (c *Context) Glob(pattern string) []string {
	names, err := fs.Glob(c.dir.fsys, pattern)
	if err != nil {
		return nil
	}
	var out []string
	for _, name := range names {
		if !c.Ignored(name) {
			out = append(out, name)
		}
	}
	return out
}

// Read is the first MaxRead bytes of a file that the build sees.
func (c *Context) Read(name string) ([]byte, error) {
	name = path.Clean(strings.TrimPrefix(name, "/"))
	if c.Ignored(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	f, err := c.dir.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	buf := new(bytes.Buffer)
	_, err = buf.ReadFrom(io.LimitReader(f, MaxRead))
	return buf.Bytes(), err
}

// Reader is Read for whoever keeps it for long: it does not keep what was found out about the context.
func (c *Context) Reader() func(name string) ([]byte, error) {
	light := &Context{Ignore: c.Ignore, view: &view{ignoring: c.ignoring, dir: c.dir}}
	return light.Read
}

// Count is how many files the build sees, up to MaxFiles; 0 if a directory cannot be read, since a wrong figure would
// be worse.
func (c *Context) Count() int {
	files, _ := c.Files()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return 0
	}
	return len(files)
}
