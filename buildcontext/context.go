// Package buildcontext is the build context as the build sees it: the files that are left after `.dockerignore`.
package buildcontext

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// Context is a folder that a build may copy from. Paths in it are slash-separated and relative to its root.
type Context struct {
	fsys    fs.FS
	Ignore  string // the ignore file that counts: `<Dockerfile>.dockerignore`, `.dockerignore`, or "" without one
	matcher *patternmatcher.PatternMatcher
	count   sync.Once
	files   int
}

// MaxRead bounds how much of a file is read, in bytes.
const MaxRead = 256 << 10

// New looks at fsys as the context of a Dockerfile, whose path in the context is dockerfile ("" if it lies elsewhere). An
// ignore file that cannot be read or has a malformed pattern is an error.
func New(fsys fs.FS, dockerfile string) (*Context, error) {
	c := &Context{fsys: fsys}
	names := []string{".dockerignore"}
	if dockerfile != "" {
		names = []string{dockerfile + ".dockerignore", ".dockerignore"}
	}
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		patterns, err := ignorefile.ReadAll(bytes.NewReader(data))
		if err != nil {
			return nil, &fs.PathError{Op: "read", Path: name, Err: err}
		}
		c.Ignore = name
		if c.matcher, err = patternmatcher.New(patterns); err != nil {
			return nil, &fs.PathError{Op: "parse", Path: name, Err: err}
		}
		break
	}
	return c, nil
}

// Ignored reports whether the build does not see name.
func (c *Context) Ignored(name string) bool {
	if c.matcher == nil {
		return false
	}
	ignored, err := c.matcher.MatchesOrParentMatches(path.Clean(name))
	return err == nil && ignored
}

// Excluded reports whether the ignore file leaves nothing of source, a path or a pattern as COPY takes it. What does not exist is
// judged by its text: the build may be started where it does.
func (c *Context) Excluded(source string) bool {
	source = path.Clean(strings.TrimLeft(source, "/"))
	names := []string{source}
	if strings.ContainsAny(source, `*?[\`) {
		var err error
		if names, err = fs.Glob(c.fsys, source); err != nil {
			return false
		}
		if len(names) == 0 {
			return c.Ignored(source) && !c.Exceptions()
		}
	}
	for _, name := range names {
		if name == "." {
			if c.Count() > 0 {
				return false
			}
			continue
		}
		if !c.Ignored(name) || c.Exceptions() && c.anyBelow(name) {
			return false
		}
	}
	return c.matcher != nil
}

// anyBelow reports whether the build sees a file in the folder called name.
func (c *Context) anyBelow(name string) bool {
	found := false
	err := fs.WalkDir(c.fsys, name, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !c.Ignored(name) {
			found = true
			return fs.SkipAll
		}
		return nil // a folder that cannot be read has no file that the build sees
	})
	return err == nil && found
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

// maxCount bounds how many files Count visits.
const maxCount = 100_000

// Count is how many files the build sees, up to maxCount. Folders that are ignored as a whole are not entered.
func (c *Context) Count() int {
	c.count.Do(func() {
		err := c.Walk(func(string, fs.DirEntry) error {
			if c.files++; c.files >= maxCount {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			c.files = 0 // a folder that cannot be read: no figure rather than a wrong one
		}
	})
	return c.files
}

// Walk calls f for each file (not folder) that the build sees, in lexical order, until f returns an error; fs.SkipAll ends the
// walk without one.
func (c *Context) Walk(f func(name string, entry fs.DirEntry) error) error {
	return fs.WalkDir(c.fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name == "." {
			return nil
		}
		ignored := c.Ignored(name)
		switch {
		case d.IsDir() && ignored && !c.Exceptions():
			return fs.SkipDir
		case d.IsDir() || ignored:
			return nil
		}
		return f(name, d)
	})
}

// Exceptions reports whether a `!` pattern may bring back what lies in an ignored folder.
func (c *Context) Exceptions() bool { return c.matcher != nil && c.matcher.Exclusions() }
