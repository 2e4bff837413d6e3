package buildcontext

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"

	"github.com/dockvet/dockvet/internal/scannable"
)

// Pattern is one line of the ignore file that says something.
type Pattern struct {
	Text       string     // as written, without white space around it
	Line       int        // from 1
	Start, End int        // of Text in the ignore file, in bytes
	Exception  bool       // it begins with `!`, and re-includes what lines above it ignore
	Glob       string     // what is matched against paths: cleaned, without `!` and a leading slash
	mu         sync.Mutex // for matcher, which compiles a pattern when it needs it
	matcher    *patternmatcher.PatternMatcher
}

// String is the pattern as written.
func (p *Pattern) String() string { return p.Text }

// Literal reports whether p only matches one path and everything below it.
func (p *Pattern) Literal() bool { return !strings.ContainsAny(p.Glob, wild) }

// Unanchored reports whether p is one name or a pattern of one, without a slash in front that would say that only the
// root is meant; in a `.gitignore` it holds at any depth. One that is all wildcards, such as `*`, is meant for the
// root.
func (p *Pattern) Unanchored() bool {
	return !p.Exception && !strings.Contains(p.Glob, "/") && !strings.Contains(p.Glob, "**") && strings.Trim(p.Glob, wild+".") != "" &&
		!strings.HasPrefix(p.Text, "/") && !strings.HasPrefix(p.Text, "./")
}

// Matches reports whether p itself matches name or a directory above it, regardless of other patterns.
func (p *Pattern) Matches(name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	ok, err := p.matcher.MatchesOrParentMatches(path.Clean(name))
	return err == nil && ok
}

// Match reports whether p itself matches a file or directory of the context, or something in it. It looks at what is not ignored by
// another line, and at the directories that are.
func (c *Context) Match(p *Pattern) bool {
	var below func(n *node) bool
	below = func(n *node) bool {
		for i := range n.below {
			if x := &n.below[i]; p.Matches(x.name) || below(x) {
				return true
			}
		}
		return false
	}
	c.Files() // lists the directories
	return memo(c, factKey{of: p}, func() bool { return below(&c.root) })
}

// wild are the characters that have a meaning in a pattern.
const wild = `*?[]^\`

// maxPatterns bounds the lines of an ignore file, and maxWork how many comparisons of a name with a line a context takes:
// what it contains beyond that is not known.
const (
	maxPatterns = 10_000
	maxWork     = 200_000_000
)

var errWork = errors.New("the ignore file has too many patterns for so many files")

// Broken is a line of the ignore file that BuildKit rejects.
type Broken struct {
	Text string // as written, without white space around it
	Line int    // from 1
}

// Broken are the lines of the ignore file that BuildKit rejects, in order. The context is as if they were not there.
func (c *Context) Broken() []Broken { return c.broken }

// parseIgnore reads an ignore file. The patterns are those of BuildKit's own reader, found again line by line.
func parseIgnore(data []byte) (out []*Pattern, broken []Broken, all *patternmatcher.PatternMatcher, err error) {
	if _, err := ignorefile.ReadAll(bytes.NewReader(data)); err != nil {
		return nil, nil, nil, err
	}
	var texts []string
	line, start := 0, 0
	for raw := range bytes.Lines(data) {
		line++
		from := start
		start += len(raw)
		text := raw
		if line == 1 {
			text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
			from += len(raw) - len(text)
		}
		found, err := ignorefile.ReadAll(bytes.NewReader(text))
		if err != nil || len(found) == 0 {
			continue // a comment, a blank line
		}
		trimmed := bytes.TrimSpace(text)
		from += bytes.Index(text, trimmed)
		glob, exception := strings.CutPrefix(found[0], "!")
		if len(texts) > maxPatterns {
			break // it is too long, whatever the rest is
		}
		one, err := scannable.Matcher(glob)
		if err == nil && len(one.Patterns()) > 0 {
			_, err = one.MatchesOrParentMatches(".") // some are only found out when they are used
		}
		if err != nil || len(one.Patterns()) == 0 {
			broken = append(broken, Broken{string(trimmed), line})
			continue
		}
		texts = append(texts, found[0])
		out = append(out, &Pattern{
			Text: string(trimmed), Line: line, Start: from, End: from + len(trimmed), Exception: exception, Glob: glob, matcher: one,
		})
	}
	if len(texts) > maxPatterns {
		return nil, nil, nil, fmt.Errorf("it has more than %d patterns", maxPatterns)
	}
	all, err = scannable.Matcher(texts...)
	return out, broken, all, err
}

// Patterns are the lines of the ignore file in order; none without one.
func (c *Context) Patterns() []*Pattern { return c.patterns }

// Decider is the pattern that decides about name: the last one that matches it or a directory above it; nil if none
// does.
func (c *Context) Decider(name string) *Pattern {
	ignored := c.Ignored(name)
	for i := len(c.patterns) - 1; i >= 0; i-- {
		p := c.patterns[i]
		// An exception below which BuildKit still ignores name has not decided: see match.
		if p.Exception != ignored && p.Matches(name) {
			return p
		}
	}
	return nil
}

// Ignored reports whether the build does not see name, which need not exist.
func (c *Context) Ignored(name string) bool {
	if c.matcher == nil {
		return false
	}
	if name == "" || strings.Contains(name, "//") || strings.Contains(name, "./") || strings.HasPrefix(name, "/") || strings.HasSuffix(name, "/") ||
		strings.HasSuffix(name, ".") {
		name = path.Clean(strings.TrimLeft(name, "/")) // it may be clean, which takes time to find out
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	parent, ok := c.above(directory(name))
	if !ok {
		return false
	}
	return c.match(name, &parent).ignored
}

// above is what the patterns say about a directory and those above it. The caller holds mu.
func (c *ignoring) above(dir string) (verdict, bool) {
	if dir == "." || dir == "/" || dir == ".." {
		return verdict{}, true
	}
	if info, ok := c.folders[dir]; ok {
		return info, true
	}
	if strings.Count(dir, "/") > maxDepth {
		return verdict{}, false
	}
	parent, ok := c.above(directory(dir))
	if !ok {
		return parent, false
	}
	info := *c.match(dir, &parent)
	if len(c.folders) < maxFolders {
		c.folders[dir] = info
	}
	return info, true
}

// directory is path.Dir of a clean name.
func directory(name string) string {
	if slash := strings.LastIndexByte(name, '/'); slash >= 0 {
		return cmp.Or(name[:slash], "/")
	}
	return "."
}

// maxDepth and maxFolders bound what Ignored visits and remembers.
const (
	maxDepth   = 1000
	maxFolders = 10_000
)

// verdict is what the patterns say about a file or directory.
type verdict struct {
	ignored bool
	info    patternmatcher.MatchInfo // which of them matched it or a directory above it
}

// match is what the patterns say about name, given what they say about its directory, parent. That is how BuildKit
// walks a context (fsutil, filter.go). The result differs from MatchesOrParentMatches in one thing: a `!` pattern
// that matches a directory which nothing above it ignores does not re-include what another line ignores in there.
//
// Most files are matched by no pattern, and then the verdict of the directory above applies. The matcher is not
// called, which would run each pattern's regular expression and allocate. The caller holds mu.
func (c *ignoring) match(name string, parent *verdict) *verdict {
	c.work += len(c.checks)
	if !mayMatch(c.checks, name) {
		return parent
	}
	c.work += len(c.checks)
	ignored, info, err := c.matcher.MatchesUsingParentResults(name, parent.info)
	return &verdict{err == nil && ignored, info}
}

// Exceptions reports whether a `!` pattern may re-include something in an ignored directory.
func (c *Context) Exceptions() bool { return c.matcher != nil && c.matcher.Exclusions() }

// reaches reports whether a `!` pattern may re-include something in the ignored directory dir. It may say yes too
// often.
func (c *Context) reaches(dir string) bool {
	if !c.Exceptions() {
		return false
	}
	dir += "/"
	for _, p := range c.patterns {
		if !p.Exception {
			continue
		}
		fixed := p.fixed()
		if strings.HasPrefix(fixed, dir) || !p.Literal() && strings.HasPrefix(dir, fixed) && c.depth(p, dir) {
			return true
		}
	}
	return false
}

// depth reports whether a pattern with wildcards can match below dir, which has a slash behind: without `**` and
// character classes, which match slashes too, it has as many components as what it matches.
func (c *Context) depth(p *Pattern, dir string) bool {
	return strings.Contains(p.Glob, "**") || strings.ContainsAny(p.Glob, `[\`) || strings.Count(p.Glob, "/") >= strings.Count(dir, "/")
}
