package report

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestSqueeze reads back what was squeezed, of texts that repeat themselves much or little.
func TestSqueeze(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 400 {
		text := make([]byte, 0, 1<<12)
		for len(text) < n*n/20 {
			if len(text) > 0 && r.IntN(3) > 0 {
				from := r.IntN(len(text))
				text = append(text, text[from:from+r.IntN(len(text)-from)+1]...)
			} else {
				text = append(text, byte(r.IntN(256)))
			}
		}
		short := squeeze([]byte("before"), text)
		if back := unsqueeze([]byte("new"), short[len("before"):]); !bytes.Equal(back[len("new"):], text) {
			t.Fatalf("%q becomes %q", text, back)
		}
	}
	text := bytes.Repeat([]byte("All work and no play makes Jack a dull boy. "), 1000)
	if n := len(squeeze(nil, text)); n > 80 {
		t.Errorf("a text that repeats itself takes %d of %d bytes", n, len(text))
	}
}
