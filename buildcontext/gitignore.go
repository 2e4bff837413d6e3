package buildcontext

import (
	"io"
	"path"
	"strings"

	"github.com/moby/patternmatcher"
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

// gitignore is the matcher of the `.gitignore` in dir, nil if there is none or git reads it in another way than we do.
func (c *Context) gitignore(dir string) *patternmatcher.PatternMatcher {
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
		if line == "" || line[0] == '#' {
			continue
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
	m, err := patternmatcher.New(patterns)
	if err != nil {
		return nil
	}
	return m
}
