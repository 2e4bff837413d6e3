package console

import (
	"iter"

	"github.com/clipperhouse/displaywidth"
)

// Width is how many columns of a terminal s takes.
func Width(s string) int { return displaywidth.String(s) }

// Clusters are the characters of s as a reader counts them, each with its width: a letter with its accents, a flag, an emoji that is
// joined of several.
func Clusters(s string) iter.Seq2[string, int] {
	return func(yield func(string, int) bool) {
		for g := displaywidth.StringGraphemes(s); g.Next(); {
			if !yield(g.Value(), g.Width()) {
				return
			}
		}
	}
}
