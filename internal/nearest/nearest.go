// Package nearest finds the name that a mistyped name was meant to be.
package nearest

import (
	"strings"

	"github.com/moby/buildkit/util/suggest"
)

// maxName bounds the names that are searched for, in bytes: a search takes time that grows with the length, and no name
// of ours is near to a longer one.
const maxName = 100

// Name returns the one of names that is nearest to name, regardless of case, if one is near enough.
func Name(name string, names []string) (string, bool) {
	if len(name) > maxName {
		return "", false
	}
	lower := make([]string, len(names))
	original := make(map[string]string, len(names))
	for i, n := range names {
		lower[i] = strings.ToLower(n)
		original[lower[i]] = n
	}
	if n, ok := original[strings.ToLower(name)]; ok {
		return n, true
	}
	near, ok := suggest.Search(strings.ToLower(name), lower, true)
	return original[near], ok
}
