package console

import (
	"bytes"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes text safe to print: what would move the cursor, change colours, start a line or turn the direction of
// writing becomes a sign that can be seen.
func Clean(s string) string {
	ok := true
	for i := 0; i < len(s) && ok; i++ {
		ok = s[i] >= ' ' && s[i] < 0x7f
	}
	if ok {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		b.WriteString(Visible(r))
		s = s[size:]
	}
	return b.String()
}

// CleanLine is Clean for a line of a file. Tabs stay, and so does the line end, which may be \r\n.
func CleanLine(s string) string {
	text := strings.TrimSuffix(strings.TrimSuffix(s, "\n"), "\r")
	end := s[len(text):]
	if end == "\r" { // no line end
		text, end = s, ""
	}
	parts := strings.Split(text, "\t")
	for i := range parts {
		parts[i] = Clean(parts[i])
	}
	return strings.Join(parts, "\t") + end
}

// Visible is r as it may be printed.
func Visible(r rune) string {
	switch {
	case r < ' ':
		return string('␀' + r)
	case r == 0x7f:
		return "␡"
	case r == '\uFEFF':
		return "" // a byte order mark
	case r == '\u200c' || r == '\u200d':
		return string(r) // they join and part letters and emoji
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs):
		return "\uFFFD"
	}
	return string(r)
}

// Defuse breaks up what a CI runner would treat as a command in a line of a log: `##[` and `##vso[` anywhere, and `::` at
// the start. The line of a code frame that begins with `::: ` is none.
func Defuse(line string) string {
	if strings.Contains(line, "##") {
		line = strings.NewReplacer("##[", "# #[", "##vso[", "# #vso[", "##VSO[", "# #VSO[").Replace(line)
	}
	start := len(line) - len(strings.TrimLeftFunc(line, unicode.IsSpace))
	if rest := line[start:]; strings.HasPrefix(rest, "::") && !strings.HasPrefix(rest, "::: ") {
		line = line[:start] + ": :" + rest[2:]
	}
	return line
}

// Defused is a writer that defuses each line. Flush writes a last line that does not end.
type Defused struct {
	w    io.Writer
	line []byte // what of a line was not written yet
	out  []byte // the lines of one Write
}

// NewDefused is a Defused that writes to w.
func NewDefused(w io.Writer) *Defused { return &Defused{w: w} }

// Write implements io.Writer.
func (d *Defused) Write(p []byte) (int, error) {
	n := len(p)
	d.out = d.out[:0]
	for {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			d.line = append(d.line, p...)
			break
		}
		d.line = append(d.line, p[:i+1]...)
		p = p[i+1:]
		d.end()
	}
	if len(d.out) > 0 {
		if _, err := d.w.Write(d.out); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// end moves the line to out.
func (d *Defused) end() {
	if bytes.Contains(d.line, []byte("##")) || bytes.Contains(d.line, []byte("::")) {
		d.out = append(d.out, Defuse(string(d.line))...)
	} else {
		d.out = append(d.out, d.line...)
	}
	d.line = d.line[:0]
}

// Flush writes what is left.
func (d *Defused) Flush() error {
	if len(d.line) == 0 {
		return nil
	}
	d.out = d.out[:0]
	d.end()
	_, err := d.w.Write(d.out)
	return err
}
