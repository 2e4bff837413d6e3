package buildcontext

import (
	"path"
	"strings"

	"github.com/moby/patternmatcher"

	"github.com/dockvet/dockvet/plan"
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

// Select is Transfer for the contents of any day. ok is false where the source takes nothing from the context, or it
// is not known what.
func (c *Context) Select(step *plan.Step, source plan.Source) (s *Selection, ok bool) {
	how, ok := howOf(step, source)
	if !ok {
		return nil, false
	}
	return c.Selection(source.Path.Text, how)
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
			m, err := patternmatcher.New([]string{rest})
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
		m, err := patternmatcher.New(how.Exclude)
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

// Below reports whether name is the source itself or below it, whether the build sees it or not.
func (s *Selection) Below(name string) bool {
	root, _ := s.split(name)
	return root >= 0
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
