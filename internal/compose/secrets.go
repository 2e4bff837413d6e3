package compose

import (
	"slices"
	"unicode"

	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/plan"
)

// minSecret is how many bytes a value of an `.env` file must have to be hidden: shorter ones are words of every message.
const minSecret = 3

// Secrets are the values that `.env` files set. They may be used to find something out, and are never printed.
type Secrets struct {
	values  map[string]bool
	lengths []int // of values, the longest first
}

func (s *Secrets) add(set map[string]plan.Value) {
	for _, v := range set {
		if n := len(v.Text); v.Known && n >= minSecret && !s.values[v.Text] {
			if s.values == nil {
				s.values = map[string]bool{}
			}
			s.values[v.Text] = true
			if !slices.Contains(s.lengths, n) {
				s.lengths = append(s.lengths, n)
			}
		}
	}
	order.By(s.lengths, func(a, b int) int { return b - a })
}

// Mask is text with `***` in place of each value, unless shown says that it is known anyway: it is in the Dockerfile, for
// example. A part of a word is not a value.
func (s *Secrets) Mask(text string, shown func(value string) bool) string {
	if s == nil || len(s.values) == 0 {
		return text
	}
	out, from := "", 0
	for i := 0; i < len(text); i++ {
		if !edge(text, i) {
			continue
		}
		for _, n := range s.lengths {
			if i+n > len(text) || !s.values[text[i:i+n]] || !edge(text, i+n) || shown(text[i:i+n]) {
				continue
			}
			out += text[from:i] + "***"
			from = i + n
			i = from - 1
			break
		}
	}
	return out + text[from:]
}

// edge reports whether no word goes on at the byte i of text.
func edge(text string, i int) bool {
	return i == 0 || i == len(text) || !wordByte(text[i-1]) || !wordByte(text[i])
}

func wordByte(c byte) bool {
	return c == '_' || c >= 0x80 || unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c))
}
