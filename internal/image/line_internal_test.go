package image

import (
	"strings"
	"testing"
)

// TestLineOf compares what is found in the text with the map of all lines.
func TestLineOf(t *testing.T) {
	names := map[string]bool{"": true, "#": true, "kind": true}
	for name := range images.Get() {
		names[name], names[name+"x"], names[name[1:]], names[name[:len(name)-1]] = true, true, true, true
	}
	for name := range names {
		asked.Store(0)
		got, ok := lineOf(name)
		want, known := images.Get()[name]
		if got != want || ok != known || strings.HasPrefix(name, "#") && ok {
			t.Errorf("%q: %v %v, want %v %v", name, got, ok, want, known)
		}
	}
}
