package buildcontext

import (
	"slices"
	"strings"

	"github.com/moby/patternmatcher"

	"github.com/dockvet/dockvet/internal/scannable"
)

// Idle is a line of the ignore file that has no effect, whatever the context contains.
type Idle struct {
	Pattern *Pattern
	// By is a line below that does the opposite of all that Pattern does. nil: Pattern is an exception, and no line
	// above it can ignore what it names.
	By *Pattern
}

// Idle lists the lines that have no effect, judging only by their text. It leaves out a line that may have one,
// and all lines of an ignore file with more than 500.
func (c *Context) Idle() []Idle {
	const most = 500 // each is compared with each other
	if len(c.patterns) > most {
		return nil
	}
	var out []Idle
	for i, p := range c.patterns {
		if by := c.undone(i); by != nil {
			out = append(out, Idle{p, by})
		} else if p.Exception && p.Literal() && !slices.ContainsFunc(c.patterns[:i], func(above *Pattern) bool { return !above.Exception && above.meets(p.Glob) }) {
			out = append(out, Idle{p, nil})
		}
	}
	return out
}

// undone is the line that undoes that at i, nil if none does: it says the opposite of the very same, or of a path
// that it matches.
func (c *Context) undone(i int) *Pattern {
	p := c.patterns[i]
	// A `!` line only re-includes what another line ignores in a directory if the directory was ignored before it;
	// see match.
	if !p.Exception && slices.ContainsFunc(c.patterns, func(other *Pattern) bool { return !other.Exception && other.Glob != p.Glob && p.covers(other) }) {
		return nil
	}
	for j := len(c.patterns) - 1; j > i; j-- {
		by := c.patterns[j]
		if by.Glob == p.Glob {
			if by.Exception == p.Exception {
				return nil // said again
			}
			return by
		}
		if by.Exception == p.Exception && by.Matches(p.Glob) {
			return nil
		}
		if by.Exception != p.Exception && p.Literal() && by.Matches(p.Glob) && c.decides(j, p.Glob) {
			return by
		}
	}
	return nil
}

// decides reports whether the lines before that at j, and it, come to what it says for name, as the build walks.
func (c *Context) decides(j int, name string) bool {
	var texts []string
	for _, p := range c.patterns[:j+1] {
		text := p.Glob
		if p.Exception {
			text = "!" + text
		}
		texts = append(texts, text)
	}
	m, err := scannable.Matcher(texts...)
	if err != nil {
		return false
	}
	var info patternmatcher.MatchInfo
	ignored := false
	for i := 0; i <= len(name); i++ {
		if i == len(name) || name[i] == '/' {
			if ignored, info, err = m.MatchesUsingParentResults(name[:i], info); err != nil {
				return false
			}
		}
	}
	return ignored != c.patterns[j].Exception
}

// covers reports whether other may match something that p matches, or something in it. It may say yes too often.
func (p *Pattern) covers(other *Pattern) bool {
	if other.Literal() {
		return p.Matches(other.Glob)
	}
	a, b := p.fixed(), other.fixed()
	return strings.HasPrefix(a, b) || strings.HasPrefix(b, a)
}

// fixed is what all that p matches begins with.
func (p *Pattern) fixed() string {
	if i := strings.IndexAny(p.Glob, wild); i >= 0 {
		return p.Glob[:i]
	}
	return p.Glob
}

// meets reports whether p may match name, something above it or something in it. It may say yes too often.
func (p *Pattern) meets(name string) bool {
	if p.Matches(name) {
		return true
	}
	fixed := p.fixed()
	return strings.HasPrefix(fixed, name+"/") || !p.Literal() && strings.HasPrefix(name+"/", fixed)
}
