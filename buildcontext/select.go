package buildcontext

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/moby/patternmatcher"

	"github.com/dockvet/dockvet/internal/scannable"
)

// Selection says by name which files and directories one source takes, whatever the context contains now, so that the
// contents of another day can be judged without them. A link is a file: what it points to is not known. One goroutine
// may use it at a time.
type Selection struct {
	context *Context
	// Name is the source within the context: a path, or a pattern if Pattern says so.
	Name    string
	Pattern bool

	parts   []string // of Name
	exclude *patternmatcher.PatternMatcher
	parents *patternmatcher.PatternMatcher // with --parents, what is copied below Name
}

// Bare is a context of which only the ignore file is known: it answers Ignored and Selection. name is the ignore file's, "" if
// there is none.
func Bare(name string, data []byte) (*Context, error) {
	err := error(nil)
	if len(data) > maxIgnore {
		err = fmt.Errorf("it is larger than %d bytes", maxIgnore)
	}
	var v *view
	if err == nil {
		v, err = NewDirectory(nil).view(name != "", string(data))
	}
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return &Context{Ignore: name, view: v}, nil
}

// Selection is Take for the contents of any day. ok is false for a malformed pattern.
func (c *Context) Selection(source string, how How) (s *Selection, ok bool) {
	s = &Selection{context: c, Name: clean(source)}
	if how.Parents {
		base, rest, cut := strings.Cut(source, "/./")
		if !cut {
			base, rest = ".", source
		}
		s.Name = clean(base)
		if rest = clean(rest); rest != "." {
			m, err := scannable.Matcher(rest)
			if err != nil {
				return nil, false
			}
			s.parents = m
		}
	}
	s.Pattern = strings.ContainsAny(s.Name, `*?[\`)
	if s.Name != "." {
		s.parts = strings.Split(s.Name, "/")
	}
	if s.Pattern {
		for _, part := range s.parts {
			if _, err := path.Match(part, ""); err != nil {
				return nil, false
			}
		}
	}
	if len(how.Exclude) > 0 {
		m, err := scannable.Matcher(how.Exclude...)
		if err != nil {
			return nil, false
		}
		s.exclude = m
	}
	return s, true
}

// Takes reports whether s copies the file or directory called name if the context has it.
func (s *Selection) Takes(name string) bool {
	root, rest := s.split(name)
	if root < 0 {
		return false
	}
	if s.parents != nil {
		rel := rest
		if rel == "" {
			return false
		}
		if in, err := s.parents.MatchesOrParentMatches(rel); err != nil || !in {
			return false
		}
	}
	if s.exclude != nil && rest != "" {
		if out, err := s.exclude.MatchesOrParentMatches(rest); err != nil || out {
			return false
		}
	}
	return !s.context.Ignored(name)
}

// Covers reports whether the source names name or a directory above it, whether the build sees it or not. Itself says
// that the source names name.
func (s *Selection) Covers(name string) (ok, itself bool) {
	root, rest := s.split(name)
	return root >= 0, root >= 0 && rest == ""
}

// split is the length of the part of name that the source names, -1 if there is none, and what is below it.
func (s *Selection) split(name string) (root int, rest string) {
	if len(s.parts) == 0 {
		return 0, name
	}
	if !s.Pattern {
		if below, ok := strings.CutPrefix(name, s.Name); ok && (below == "" || below[0] == '/') {
			return len(s.Name), strings.TrimPrefix(below, "/")
		}
		return -1, ""
	}
	at := 0
	for i, part := range s.parts {
		if i > 0 {
			at++ // the slash
		}
		if at > len(name) {
			return -1, ""
		}
		end := len(name)
		if slash := strings.IndexByte(name[at:], '/'); slash >= 0 {
			end = at + slash
		} else if i < len(s.parts)-1 {
			return -1, ""
		}
		if ok, err := path.Match(part, name[at:end]); err != nil || !ok {
			return -1, ""
		}
		at = end
	}
	return at, strings.TrimPrefix(name[at:], "/")
}
