package buildcontext

import (
	"io"
	"path"
	"strings"

	"github.com/moby/patternmatcher"

	"github.com/dockvet/dockvet/internal/scannable"
)

// GitIgnored reports whether a `.gitignore` in the context, at its root or in a directory above name, says that name
// stays out of version control; name need not exist. It is for paths that a checkout lacks. Files above the context
// are not read.
func (c *Context) GitIgnored(name string) bool {
	name = clean(name)
	dir := "."
	for {
		rel := name
		if dir != "." {
			rel = strings.TrimPrefix(name, dir+"/")
		}
		if m := c.gitignore(dir); m != nil {
			if ok, err := m.MatchesOrParentMatches(rel); err == nil && ok {
				return true
			}
		}
		first, _, more := strings.Cut(rel, "/")
		if !more {
			return false
		}
		if dir = path.Join(dir, first); strings.Count(dir, "/") > maxDepth {
			return false
		}
	}
}

// maxGitignore bounds the patterns of a `.gitignore`, and maxGitignored the length of one in bytes, which is that of the longest
// path on Linux.
const (
	maxGitignore  = 1000
	maxGitignored = 4096
)

// gitignore is the matcher of the `.gitignore` in dir, nil if there is none, it has too many patterns, or git reads it in
// another way than we do.
func (c *Context) gitignore(dir string) *patternmatcher.PatternMatcher {
	return memo(c, factKey{of: gitignoreFile{}, about: dir}, func() *patternmatcher.PatternMatcher { return c.readGitignore(dir) })
}

// gitignoreFile is the key of the facts that are the `.gitignore` of a directory.
type gitignoreFile struct{}

func (c *Context) readGitignore(dir string) *patternmatcher.PatternMatcher {
	file := path.Join(dir, ".gitignore")
	if n := c.find(file); n == nil || n.dir() {
		return nil
	}
	f, err := c.dir.fsys.Open(file) // the build need not see it
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }() // nothing was written
	data, err := io.ReadAll(io.LimitReader(f, MaxRead))
	if err != nil {
		return nil
	}
	var patterns []string
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || len(line) > maxGitignored {
			continue
		}
		if len(patterns) == maxGitignore {
			return nil
		}
		line, back := strings.CutPrefix(line, "!")
		line = strings.TrimSuffix(line, "/")
		switch {
		case line == "" || line == ".":
			continue
		case strings.HasPrefix(line, "/"):
			line = line[1:]
		case !strings.Contains(line, "/"):
			line = "**/" + line
		}
		if back {
			line = "!" + line
		}
		patterns = append(patterns, line)
	}
	m, err := scannable.Matcher(patterns...)
	if err != nil {
		return nil
	}
	return m
}
