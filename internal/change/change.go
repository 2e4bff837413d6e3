// Package change says which findings a change of a repository is responsible for.
package change

import (
	"path/filepath"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// File is a file that a change touches.
type File struct {
	Old, New string // its absolute names before and after the change; "" if there was or is none
	// Before is what the file held, an error without Old. Link says that it was a symbolic link, and Before where it led.
	Before           func() ([]byte, error)
	Used             func() // is called if more than the size of Before matters; may be nil
	Link, Executable bool
	// Lines are the lines of New that changed. They are only asked for if New is checked.
	Lines func() ([]Lines, error)
}

// Lines are the lines from First to Last, from 1. If Last is before First, lines between the two were removed.
type Lines struct{ First, Last int }

// touches reports whether l changes something in the lines from first to last.
func (l Lines) touches(first, last int) bool {
	if l.Last < l.First {
		return first <= l.Last && l.First <= last
	}
	return first <= l.Last && l.First <= last
}

// Change is what happened to a repository.
type Change struct {
	Files []File
	byNew map[string]*File
	byOld map[string]*File
	seen  map[string]int // what was found before, by key
}

// New is the change of these files.
func New(files []File) *Change {
	c := &Change{Files: files, byNew: map[string]*File{}, byOld: map[string]*File{}, seen: map[string]int{}}
	for i := range files {
		if f := &files[i]; f.New != "" {
			c.byNew[f.New] = f
		}
		if f := &files[i]; f.Old != "" {
			c.byOld[f.Old] = f
		}
	}
	return c
}

// OldName is the name that the file called name had before.
func (c *Change) OldName(name string) string {
	if f := c.byNew[name]; f != nil && f.Old != "" {
		return f.Old
	}
	return name
}

// Before adds what was found in the file that was called name.
func (c *Change) Before(name string, findings []*lint.Finding) {
	if f := c.byOld[name]; f != nil && f.New != "" {
		name = f.New
	}
	for _, x := range findings {
		c.seen[c.key(name, x)]++
	}
}

// key is equal for the same finding before and after. A stage may have got another name if its file has changed.
func (c *Change) key(name string, f *lint.Finding) string {
	stage := ""
	if c.byNew[name] == nil {
		stage = f.Stage
	}
	return strings.Join([]string{name, f.Rule.Name, f.Fingerprint(), f.Message, stage}, "\x00")
}

// Split parts the findings of the file called name by whether the change is responsible: it touches the instruction, or the file that
// the finding points at, or the finding was not there before. related is the absolute name of a file that a finding points at. Each
// file is split once, after Before was called for all.
func (c *Change) Split(name string, findings []*lint.Finding, related func(lint.Related) string) (touched, rest []*lint.Finding, err error) {
	var lines []Lines
	whole := false
	if f := c.byNew[name]; f != nil {
		if whole = f.Old == ""; !whole {
			if lines, err = f.Lines(); err != nil {
				return findings, nil, err
			}
		}
	}
	for _, f := range findings {
		// What is reported anyway leaves those that were there before to findings that only look alike.
		if whole || f.Rule.Name == lint.RuleBug || on(lines, f) || c.pointed(f, related) || !c.known(name, f) {
			touched = append(touched, f)
		} else {
			rest = append(rest, f)
		}
	}
	return touched, rest, nil
}

// known reports whether f was there before, once for each time that it was.
func (c *Change) known(name string, f *lint.Finding) bool {
	k := c.key(name, f)
	if c.seen[k] == 0 {
		return false
	}
	c.seen[k]--
	return true
}

// on reports whether one of lines is in the instruction of f, or else in its span.
func on(lines []Lines, f *lint.Finding) bool {
	span := f.Span
	if f.Instruction.Name != "" {
		span = f.Instruction.Span
	} else if span == (parser.Span{}) {
		return false // it is about the file
	}
	if span.End > span.Start {
		span.End-- // the last byte that belongs to it
	}
	first, last := f.Source.Lines.Line(span.Start), f.Source.Lines.Line(span.End)
	for _, l := range lines {
		if l.touches(first, last) {
			return true
		}
	}
	return false
}

// pointed reports whether the change touches a file that f points at.
func (c *Change) pointed(f *lint.Finding, related func(lint.Related) string) bool {
	for _, x := range f.Related {
		name := ""
		switch {
		case x.File != "":
			name = related(x)
		case x.Source != nil && x.Source != f.Source:
			name = related(x)
		}
		if name != "" && c.byNew[filepath.Clean(name)] != nil {
			return true
		}
	}
	return false
}
