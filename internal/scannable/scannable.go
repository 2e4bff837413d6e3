// Package scannable prepares text for what reads it with text/scanner. A scanner without an error handler, as BuildKit's lexer and
// its pattern library have it, writes a line to the process's standard error for each byte that it does not like.
package scannable

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/moby/patternmatcher"
)

// Text is s with U+FFFD for NUL and for what is not UTF-8.
func Text(s string) string {
	if clean(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// Matcher is the matcher of patterns, each through [Text]. BuildKit cannot send a file whose name is not UTF-8, so no file of a
// build is matched differently. The error is that of [patternmatcher.New].
func Matcher(patterns ...string) (*patternmatcher.PatternMatcher, error) {
	if i := slices.IndexFunc(patterns, func(s string) bool { return !clean(s) }); i >= 0 {
		patterns = slices.Clone(patterns)
		for ; i < len(patterns); i++ {
			patterns[i] = Text(patterns[i])
		}
	}
	return patternmatcher.New(patterns)
}

func clean(s string) bool { return strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) }
