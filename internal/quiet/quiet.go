// Package quiet keeps libraries from printing to standard error. It must be initialised before them: Go initialises the first
// package by path whose imports are ready, and github.com comes before go.starlark.net.
package quiet

import (
	"io"
	"log"
)

// Starlark reserves 4 GB of address space when the program starts, and logs if a limit such as `ulimit -v` forbids it. All works
// without.
var _ = silence()

func silence() bool {
	log.SetOutput(io.Discard)
	return true
}
