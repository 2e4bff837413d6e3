package console_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"

	"github.com/dockvet/dockvet/internal/console"
)

// TestWidth compares each character with what package displaywidth says, which knows as much at 0.1 MB.
func TestWidth(t *testing.T) {
	for r := range rune(0x110000) {
		if s := string(r); console.Width(s) != displaywidth.String(s) {
			t.Fatalf("%U: %d, not %d", r, console.Width(s), displaywidth.String(s))
		}
	}
}

// TestClusters compares the characters of texts in which many are joined. Indic letters that join are left out: few terminals join them.
func TestClusters(t *testing.T) {
	parts := []string{
		"a", " ", "~", "\t", "\r\n", "\r", "\x7f", "é", "e\u0301", "\u0301", "\u200c", "\ufe0f", "\ufe0e", "漢", "ｶ", "ㅏ", "가",
		"\u1100", "\u1161", "각", "👩", "🏽", "💻", "👩‍💻", "❤", "❤️", "1️⃣", "🇩🇪", "🇩", "☃", "…", "─", "\u202e", "\u2028", "א", "ไ", "ำ",
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		var b strings.Builder
		for range r.IntN(9) {
			b.WriteString(parts[r.IntN(len(parts))])
		}
		s := b.String()
		if console.Width(s) != displaywidth.String(s) {
			t.Fatalf("%q: %d, not %d", s, console.Width(s), displaywidth.String(s))
		}
		want := displaywidth.StringGraphemes(s)
		for text, width := range console.Clusters(s) {
			if !want.Next() || want.Value() != text || want.Width() != width {
				t.Fatalf("%q: %q of width %d, not %q of width %d", s, text, width, want.Value(), want.Width())
			}
		}
	}
}
