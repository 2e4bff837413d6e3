package lsp

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"unicode/utf8"

	"github.com/dockvet/dockvet/parser"
)

// document is a document that the client has open.
type document struct {
	uri      uri
	name     string // its absolute path, "" if it is not a file
	language string
	version  int
	text     *text
	// lost says that an edit did not fit. What the client shows is then not known until it sends the whole text.
	lost bool
	// closed says that the client does not have it open.
	closed bool

	published []diagnostic // what the client shows, if diagnostics are pushed
	pushed    bool         // published was sent
}

// text is the text of a document with its lines as LSP counts them: a lone carriage return ends one too.
type text struct {
	string
	starts []int
	utf8   bool // characters are bytes, and else UTF-16 code units
}

func newText(s string, isUTF8 bool) *text {
	starts := make([]int, 1, 1+strings.Count(s, "\n"))
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\r':
			if i+1 < len(s) && s[i+1] == '\n' {
				i++
			}
			starts = append(starts, i+1)
		case '\n':
			starts = append(starts, i+1)
		}
	}
	return &text{s, starts, isUTF8}
}

// line is the line numbered n from 0, without its ending.
func (t *text) line(n int) parser.Span {
	s := parser.Span{Start: t.starts[n], End: len(t.string)}
	if n+1 < len(t.starts) {
		s.End = t.starts[n+1]
	}
	for s.End > s.Start && (t.string[s.End-1] == '\n' || t.string[s.End-1] == '\r') {
		s.End--
	}
	return s
}

// offset is the byte at p. What is past the end of a line is its end, and what is past the last line the end of the text.
func (t *text) offset(p position) int {
	switch {
	case p.Line < 0:
		return 0
	case p.Line >= len(t.starts):
		return len(t.string)
	}
	line := t.line(p.Line)
	if t.utf8 {
		return line.Start + max(0, min(p.Character, line.Len()))
	}
	at := line.Start
	for n := 0; at < line.End && n < p.Character; {
		r, size := utf8.DecodeRuneInString(t.string[at:line.End])
		n++
		if r > 0xFFFF {
			if n++; n > p.Character {
				break // the middle of a character
			}
		}
		at += size
	}
	return at
}

// position is the place of the byte at off.
func (t *text) position(off int) position {
	off = max(0, min(off, len(t.string)))
	low, high := 0, len(t.starts) // the line is in [low, high)
	for high-low > 1 {
		if middle := (low + high) / 2; t.starts[middle] <= off {
			low = middle
		} else {
			high = middle
		}
	}
	p := position{Line: low}
	if t.utf8 {
		p.Character = off - t.starts[low]
		return p
	}
	for _, r := range t.string[t.starts[low]:off] {
		p.Character++
		if r > 0xFFFF {
			p.Character++
		}
	}
	return p
}

// span is s for the client. Line ends at its end are left out, since editors would mark the line below too.
func (t *text) span(s parser.Span) span {
	s.Start, s.End = max(0, min(s.Start, len(t.string))), max(0, min(s.End, len(t.string)))
	for s.End > s.Start && (t.string[s.End-1] == '\n' || t.string[s.End-1] == '\r') {
		s.End--
	}
	return t.exact(s)
}

// exact is s for the client, with the line ends in it.
func (t *text) exact(s parser.Span) span { return span{t.position(s.Start), t.position(s.End)} }

// bytes is s as a range of bytes.
func (t *text) bytes(s span) parser.Span {
	return parser.Span{Start: t.offset(s.Start), End: t.offset(s.End)}
}

// apply is t after c.
func (t *text) apply(c change) (*text, error) {
	if c.Range == nil {
		return newText(c.Text, t.utf8), nil
	}
	if c.Range.Start.Line >= len(t.starts) && c.Range.Start.Character > 0 || c.Range.Start.Line > len(t.starts) {
		return t, fmt.Errorf("the edit begins in line %d of %d", c.Range.Start.Line+1, len(t.starts))
	}
	s := t.bytes(*c.Range)
	if s.End < s.Start {
		return t, errors.New("the edit ends before it begins")
	}
	return newText(t.string[:s.Start]+c.Text+t.string[s.End:], t.utf8), nil
}

// change applies the edits of one notification.
func (d *document) change(version *int, changes []change) error {
	if version != nil {
		if *version < d.version {
			d.lost = true
			return fmt.Errorf("%s: an edit of version %d came after version %d", d.uri, *version, d.version)
		}
		d.version = *version
	}
	for _, c := range changes {
		if d.lost && c.Range != nil {
			continue
		}
		next, err := d.text.apply(c)
		if err != nil {
			d.lost = true
			return fmt.Errorf("%s: %w", d.uri, err)
		}
		d.text, d.lost = next, false
	}
	return nil
}

// fileName is the absolute path that u means, "" if u is not a file.
func fileName(u uri) string {
	p, err := url.Parse(u)
	if err != nil || p.Scheme != "file" || p.Path == "" {
		return ""
	}
	name := p.Path
	if runtime.GOOS == "windows" {
		if p.Host != "" {
			name = "//" + p.Host + name
		} else if len(name) > 2 && name[0] == '/' && name[2] == ':' {
			name = name[1:]
		}
	} else if p.Host != "" && p.Host != "localhost" {
		return ""
	}
	name = filepath.Clean(filepath.FromSlash(name))
	if !filepath.IsAbs(name) {
		return ""
	}
	return name
}

// fileURI is the URI of an absolute path.
func fileURI(name string) uri {
	slashed := filepath.ToSlash(name)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // C:/Users
	}
	return (&url.URL{Scheme: "file", Path: path.Clean(slashed)}).String()
}
