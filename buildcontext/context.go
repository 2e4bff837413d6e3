// Package buildcontext is the build context as the build sees it: the files that are left after `.dockerignore`.
package buildcontext

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/moby/patternmatcher"
)

// Context is a directory that a build may copy from. Paths in it are slash-separated and relative to its root. Several
// goroutines may use it at once, so that the Dockerfiles of a directory share one.
type Context struct {
	// Chosen says that the user or a description of the build names the directory, and dockvet did not guess it.
	Chosen   bool
	fsys     fs.FS
	Ignore   string // the ignore file that counts: `<Dockerfile>.dockerignore`, `.dockerignore`, or "" without one
	matcher  *patternmatcher.PatternMatcher
	checks   []check // of the patterns of matcher, see match
	patterns []*Pattern
	broken   []Broken
	root     *node
	walk     sync.Once // for files and cut, see Files
	files    []File
	cut      bool
	whole    sync.Once // for litter
	litter   []Litter  // of the whole context

	mu      sync.Mutex         // for what follows, for the matcher, and for what nodes contain
	folders map[string]verdict // what the patterns say about directories, for Ignored
	work    int                // comparisons of a name with a pattern, up to maxWork
	err     error              // for the first directory that could not be read
	taken   map[string]Taken   // by source, see Take
}

// MaxRead bounds how much of a file is read, in bytes.
const MaxRead = 256 << 10

// New looks at fsys as the context of a Dockerfile, whose path in the context is dockerfile ("" if it lies
// elsewhere). An ignore file that cannot be read is an error; one with a malformed pattern is not, see Broken.
func New(fsys fs.FS, dockerfile string) (*Context, error) {
	c := &Context{fsys: fsys, root: &node{name: "."}, folders: map[string]verdict{}}
	names := []string{".dockerignore"}
	if dockerfile != "" {
		names = []string{dockerfile + ".dockerignore", ".dockerignore"}
	}
	for _, name := range names {
		data, err := readIgnore(fsys, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		c.Ignore = name
		if c.patterns, c.broken, c.matcher, err = parseIgnore(data); err != nil {
			return nil, &fs.PathError{Op: "read", Path: name, Err: err}
		}
		c.checks = checks(c.matcher)
		break
	}
	return c, nil
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
	if _, err := fs.Stat(c.fsys, name); err != nil {
		return false
	}
	return !c.Ignored(name)
}

// Glob is the names that match pattern (as in path.Match) and that the build sees, sorted.
func (c *Context) Glob(pattern string) []string {
	names, err := fs.Glob(c.fsys, pattern)
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
	f, err := c.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	buf := new(bytes.Buffer)
	_, err = buf.ReadFrom(io.LimitReader(f, MaxRead))
	return buf.Bytes(), err
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
