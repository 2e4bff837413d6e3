package lazy_test

import (
	"sync"
	"testing"

	"github.com/dockvet/dockvet/internal/lazy"
)

// TestRegexp compiles an expression once, whoever asks first.
func TestRegexp(t *testing.T) {
	r := lazy.Regexp{Expr: `^a+$`}
	first := r.Get()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if r.Get() != first {
				t.Error("the expression is compiled again")
			}
		})
	}
	all.Wait()
	if !first.MatchString("aa") || first.MatchString("ab") {
		t.Errorf("%s is not the expression", first)
	}
}
