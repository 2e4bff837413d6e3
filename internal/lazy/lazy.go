// Package lazy delays what most runs of the program do without.
package lazy

import (
	"regexp"
	"sync"
)

// Regexp is a regular expression that is compiled on first use. As a package variable it costs nothing at start-up. The
// zero value matches everything.
type Regexp struct {
	Expr string // must not change after the first call of Get

	once     sync.Once
	compiled *regexp.Regexp
}

// Get is the compiled expression; it panics if Expr is not valid.
func (r *Regexp) Get() *regexp.Regexp {
	r.once.Do(func() { r.compiled = regexp.MustCompile(r.Expr) })
	return r.compiled
}
