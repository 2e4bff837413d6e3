package shell_test

import (
	"testing"

	"github.com/dockvet/dockvet/shell"
)

// TestAnalysis holds that an analysis is computed once for each script, whatever the others say.
func TestAnalysis(t *testing.T) {
	computed := 0
	length := shell.NewAnalysis(func(s *shell.Script) int {
		computed++
		return len(s.Text.String)
	})
	count := shell.NewAnalysis(func(s *shell.Script) int {
		computed++
		return len(s.Commands)
	})
	for _, text := range []string{"a; b", "", "a b"} {
		s := shell.ReadFile(text, "sh")
		computed = 0
		for range 3 {
			if got := length.Of(s); got != len(text) {
				t.Errorf("%q has %d bytes, got %d", text, len(text), got)
			}
			if got := count.Of(s); got != len(s.Commands) {
				t.Errorf("%q has %d commands, got %d", text, len(s.Commands), got)
			}
		}
		if computed != 2 {
			t.Errorf("%q: two analyses were computed %d times", text, computed)
		}
	}
}
