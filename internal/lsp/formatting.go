package lsp

import (
	"bytes"

	"github.com/dockvet/dockvet/internal/layout"
	"github.com/dockvet/dockvet/parser"
)

// formatting is the edit that formats a Dockerfile, as `dockvet fmt` does; none where that is not possible. The client's
// options on tabs are not read: there is one style.
func (s *server) formatting(p documentParams) (any, error) {
	d, pl := s.planOf(p.TextDocument.URI)
	if pl == nil {
		return nil, nil
	}
	src := pl.File.Bytes
	out, err := layout.Format(pl.File.Name, src)
	if err != nil || bytes.Equal(src, out) {
		return []textEdit{}, nil // the diagnostics say what does not parse
	}
	// The edit is as small as whole lines allow, so that a client keeps its cursor and folds.
	before, after := bytes.SplitAfter(src, []byte("\n")), bytes.SplitAfter(out, []byte("\n"))
	same := 0
	for same < min(len(before), len(after)) && bytes.Equal(before[same], after[same]) {
		same++
	}
	start := len(bytes.Join(before[:same], nil))
	before, after = before[same:], after[same:]
	for len(before) > 0 && len(after) > 0 && bytes.Equal(before[len(before)-1], after[len(after)-1]) {
		before, after = before[:len(before)-1], after[:len(after)-1]
	}
	span := parser.Span{Start: start, End: start + len(bytes.Join(before, nil))}
	return []textEdit{{d.text.exact(span), string(bytes.Join(after, nil))}}, nil
}
