package parser

import (
	"bytes"
	"unicode/utf8"
)

// Span is a range of bytes of a file, counted from 0; End is exclusive. The zero Span is the empty range at the file's start.
type Span struct{ Start, End int }

// Len is the number of bytes in s.
func (s Span) Len() int { return s.End - s.Start }

// Contains reports whether t lies wholly in s.
func (s Span) Contains(t Span) bool { return s.Start <= t.Start && t.End <= s.End }

// Position is a place in a file for people: Line and Column count from 1, Column in bytes of UTF-8.
type Position struct{ Line, Column int }

// Lines maps byte offsets to lines and back. It belongs to one version of a file's bytes.
type Lines struct {
	src    []byte
	starts []int
}

// NewLines indexes src, which it keeps and does not change.
func NewLines(src []byte) *Lines {
	starts := make([]int, 1, 1+bytes.Count(src, []byte{'\n'}))
	for at := 0; ; {
		i := bytes.IndexByte(src[at:], '\n')
		if i < 0 {
			return &Lines{src, starts}
		}
		at += i + 1
		starts = append(starts, at)
	}
}

// Line is the line, from 1, that holds the byte at off; offsets past the end belong to the last line.
//
//go:noinline
func (l *Lines) Line(off int) int {
	from, to := 0, len(l.starts)
	for from < to {
		if middle := (from + to) / 2; l.starts[middle] > off {
			to = middle
		} else {
			from = middle + 1
		}
	}
	return from
}

// Position is the line and the column in bytes of off.
func (l *Lines) Position(off int) Position {
	off = max(0, min(off, len(l.src)))
	line := l.Line(off)
	return Position{line, off - l.starts[line-1] + 1}
}

// UTF16Column is the column of off from 1 in UTF-16 code units, as editors and SARIF viewers count by default.
func (l *Lines) UTF16Column(off int) int {
	off = max(0, min(off, len(l.src)))
	col := 1
	for text := l.src[l.starts[l.Line(off)-1]:off]; len(text) > 0; {
		r, size := utf8.DecodeRune(text)
		col++
		if r > 0xFFFF {
			col++
		}
		text = text[size:]
	}
	return col
}

// Offset is the byte offset of p, held within its line and the file.
func (l *Lines) Offset(p Position) int {
	if p.Line < 1 {
		return 0
	}
	if p.Line > len(l.starts) {
		return len(l.src)
	}
	span := l.Span(p.Line)
	return min(span.Start+max(p.Column-1, 0), span.End)
}

// Span is the line numbered n from 1, without its line ending ("\n" or "\r\n"). A line that does not exist is empty.
//
//go:noinline
func (l *Lines) Span(n int) Span {
	if n < 1 || n > len(l.starts) {
		return Span{len(l.src), len(l.src)}
	}
	start, end := l.starts[n-1], len(l.src)
	if n < len(l.starts) {
		end = l.starts[n] - 1
	}
	for end > start && l.src[end-1] == '\r' {
		end--
	}
	return Span{start, end}
}
