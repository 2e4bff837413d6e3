package buildcontext

import (
	"path/filepath"
	"strings"

	"github.com/moby/patternmatcher"
)

// check is what a path must be like for a pattern to match it, found without a regular expression. A path that passes
// need not match.
type check struct {
	prefix, suffix string
	base           string // what the last component begins with
	slashes        int    // how many it has, -1 for any number
	exact          bool   // prefix is all of it
}

// checks are those of all patterns of m.
func checks(m *patternmatcher.PatternMatcher) []check {
	out := make([]check, len(m.Patterns()))
	for i, p := range m.Patterns() {
		out[i] = newCheck(filepath.ToSlash(p.String()))
	}
	return out
}

func newCheck(pattern string) check {
	// Classes and escapes become those of a regular expression, where `\b` does not mean b. Bytes that are not valid
	// UTF-8 match each other.
	if strings.ContainsFunc(pattern, func(r rune) bool { return r < ' ' || r > '~' || strings.ContainsRune(`[]^\`, r) }) {
		return check{slashes: -1}
	}
	first := strings.IndexAny(pattern, "*?")
	if first < 0 {
		return check{prefix: pattern, slashes: strings.Count(pattern, "/"), exact: true}
	}
	c := check{prefix: pattern[:first], slashes: -1}
	// The slash after `**` belongs to it: `**/a` matches a.
	c.suffix = strings.TrimPrefix(pattern[strings.LastIndexAny(pattern, "*?")+1:], "/")
	if !strings.Contains(pattern, "**") {
		c.slashes = strings.Count(pattern, "/")
	}
	// The last component is matched on its own, except for `a**/b`, which matches ab.
	i := strings.LastIndexByte(pattern, '/')
	above, deep := strings.CutSuffix(pattern[:max(i, 0)], "**")
	if last := pattern[i+1:]; !strings.Contains(last, "**") && (!deep || above == "" || strings.HasSuffix(above, "/")) {
		if wild := strings.IndexAny(last, "*?"); wild >= 0 {
			last = last[:wild]
		}
		c.base = last
	}
	return c
}

// mayMatch reports whether any pattern may match name itself. It says no only if none does.
func mayMatch(checks []check, name string) bool {
	if len(checks) == 0 {
		return false
	}
	slashes := strings.Count(name, "/")
	base := name[strings.LastIndexByte(name, '/')+1:]
	for i := range checks {
		c := &checks[i]
		switch {
		case c.slashes >= 0 && c.slashes != slashes, !strings.HasPrefix(base, c.base):
		case c.exact:
			if name == c.prefix {
				return true
			}
		case strings.HasPrefix(name, c.prefix) && strings.HasSuffix(name, c.suffix):
			return true
		}
	}
	return false
}
