package lint

import (
	"fmt"
	"testing"
)

// TestSplice compares splice with fmt.
func TestSplice(t *testing.T) {
	for _, format := range []string{"", "%s", "a %s", "%s b", "%s%s", "%s and %s", "100%% %s", "%d", "%q %s", "%", "a%", "%s %", "%-5s"} {
		for _, args := range [][]any{{}, {"x"}, {"x", "y"}, {1}, {"%s"}} {
			if got, ok := splice(format, args); ok && got != fmt.Sprintf(format, args...) {
				t.Errorf("%q of %v: %q", format, args, got)
			}
		}
	}
	if got, ok := splice("`%s` has %s", []any{"a", "b"}); !ok || got != "`a` has b" {
		t.Errorf("%q, %v", got, ok)
	}
}
