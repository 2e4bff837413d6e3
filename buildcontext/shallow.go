package buildcontext

import (
	"path"
	"slices"
	"strings"
)

// Shallow is a pattern that holds at the root of the context only, with what it would ignore below if it held at any
// depth, as the same line of a `.gitignore` does.
type Shallow struct {
	Pattern *Pattern
	Roots   []string // its directories and files, in the order of files, without their contents
	Files   []File
}

// Shallow is the unanchored patterns that match the name of something below the root among files, or of a directory
// above one, in the order of the ignore file.
func (c *Context) Shallow(files []File) []Shallow { return slices.Clone(shallow.Among(c, files)) }

var shallow = NewFact((*Context).findShallow)

func (c *Context) findShallow(files []File) []Shallow {
	var patterns []*Pattern
	var looks []check
	for _, p := range c.patterns {
		if p.Unanchored() {
			patterns = append(patterns, p)
			looks = append(looks, newCheck(p.Glob))
		}
	}
	if len(patterns) == 0 || len(patterns)*len(files) > maxWork/4 {
		return nil
	}
	of := func(base string) int {
		if mayMatch(looks, base) {
			for i, p := range patterns {
				if ok, err := path.Match(p.Glob, base); err == nil && ok {
					return i
				}
			}
		}
		return -1
	}
	found := make([]Shallow, len(patterns))
	folders := map[string]int{}
	for _, f := range files {
		for start := strings.IndexByte(f.Name, '/') + 1; start > 0; {
			end := strings.IndexByte(f.Name[start:], '/')
			root, which, known := f.Name, -1, false
			if end >= 0 {
				root = f.Name[:start+end]
				which, known = folders[root]
			}
			if !known {
				if which = of(root[start:]); end >= 0 {
					folders[root] = which
				}
			}
			if which >= 0 {
				s := &found[which]
				if n := len(s.Roots); n == 0 || s.Roots[n-1] != root {
					s.Roots = append(s.Roots, root)
				}
				s.Files = append(s.Files, f)
				break
			}
			if end < 0 {
				break
			}
			start += end + 1
		}
	}
	var out []Shallow
	for i, s := range found {
		if len(s.Files) > 0 {
			s.Pattern = patterns[i]
			out = append(out, s)
		}
	}
	return out
}
