package parser

import "strings"

// Text is a piece of a file as BuildKit reads it: continuation lines joined, with the escapes that joined them and the
// comments and blank lines between them gone. It knows where in the file each of its bytes stands.
type Text struct {
	String string
	off    int    // where the first byte stands
	breaks []jump // where the file continues elsewhere; empty for text in one piece
	base   int    // the number in breaks of the text's first byte: a slice shares them with the text that it is cut from
}

// jump says that the bytes of a Text from at on, up to the next jump, are in the file from off on.
type jump struct{ at, off int }

// after is the number of the first break behind byte i of the text.
func (t *Text) after(i int) int {
	from, to := 0, len(t.breaks)
	for i += t.base; from < to; {
		if middle := (from + to) / 2; t.breaks[middle].at > i {
			to = middle
		} else {
			from = middle + 1
		}
	}
	return from
}

// Offset is the place in the file of the byte at i of the text, from 0; the text's length maps to just after its last
// byte.
func (t Text) Offset(i int) int {
	if len(t.breaks) == 0 || i <= 0 {
		return t.off + max(0, min(i, len(t.String)))
	}
	if i >= len(t.String) {
		return t.Offset(len(t.String)-1) + 1
	}
	return t.place(i, t.after(i))
}

// place is the place in the file of byte i of the text; n is after(i).
func (t *Text) place(i, n int) int {
	if n == 0 {
		return t.off + i
	}
	b := t.breaks[n-1]
	return b.off + i + t.base - b.at
}

// Span is the range of the file that the bytes from start to end of the text cover; it can hold line ends and comments
// that the text does not.
func (t Text) Span(start, end int) Span {
	if 0 < start && start < end && end <= len(t.String) && len(t.breaks) > 0 {
		n := t.after(start)
		from := t.place(start, n)
		if n == len(t.breaks) || end-1+t.base < t.breaks[n].at { // as most spans, it is in one line
			return Span{from, from + end - start}
		}
		return Span{from, t.Offset(end-1) + 1}
	}
	from := t.Offset(start)
	if end <= start {
		return Span{from, from}
	}
	return Span{from, t.Offset(end-1) + 1}
}

// Full is the range of the file that the whole text covers. Inlined in hundreds of places, it would only take space.
//
//go:noinline
func (t Text) Full() Span { return t.Span(0, len(t.String)) }

// Whole reports whether the text is in the file without a break, so that an edit can replace it.
//
//go:noinline
func (t Text) Whole() bool { return t.Full().Len() == len(t.String) }

// Slice is the text from start to end.
func (t Text) Slice(start, end int) Text {
	out := Text{String: t.String[start:end], off: t.Offset(start)}
	if len(t.breaks) == 0 {
		return out
	}
	first, last := t.after(start), t.after(end-1)
	if first < last {
		out.breaks, out.base = t.breaks[first:last:last], t.base+start
	}
	return out
}

// Append is t followed by u, wherever in the file u stands.
func (t Text) Append(u Text) Text {
	if t.String == "" {
		return u
	}
	n := len(t.String)
	out := Text{String: t.String + u.String, off: t.off, breaks: make([]jump, 0, len(t.breaks)+1+len(u.breaks))}
	for _, b := range t.breaks {
		out.breaks = append(out.breaks, jump{b.at - t.base, b.off})
	}
	out.breaks = append(out.breaks, jump{n, u.off})
	for _, b := range u.breaks {
		out.breaks = append(out.breaks, jump{b.at - u.base + n, b.off})
	}
	return out
}

// Without is t without the bytes at the offsets in drop, which are in ascending order.
func (t Text) Without(drop []int) Text {
	if len(drop) == 0 {
		return t
	}
	var b strings.Builder
	out := Text{off: t.off}
	add := func(from, to int) {
		if from >= to {
			return
		}
		piece := t.Slice(from, to)
		out.breaks = append(out.breaks, jump{b.Len(), piece.off})
		for _, br := range piece.breaks {
			out.breaks = append(out.breaks, jump{br.at - piece.base + b.Len(), br.off})
		}
		b.WriteString(piece.String)
	}
	from := 0
	for _, at := range drop {
		add(from, at)
		from = at + 1
	}
	add(from, len(t.String))
	if len(out.breaks) > 0 {
		out.off, out.breaks = out.breaks[0].off, out.breaks[1:]
	}
	out.String = b.String()
	return out
}
