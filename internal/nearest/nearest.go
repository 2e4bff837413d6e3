// Package nearest finds the name that somebody meant.
package nearest

import (
	"strings"

	"github.com/moby/buildkit/util/suggest"
)

// maxName bounds, in bytes, for what a search is worth its time, which grows with the length: no name is near to a longer one.
const maxName = 100

// Name is the one of names that is nearest to name, whatever the case of both, if one is near enough.
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
