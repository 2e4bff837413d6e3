package change

import (
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
)

var hunkHead = lazy.Regexp{Expr: `^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@`}

// Hunk reads the head of a hunk without context, `@@ -1,2 +3,4 @@`: the lines of the new file that it changes.
func Hunk(line string) (Lines, bool) {
	if !strings.HasPrefix(line, "@@ ") {
		return Lines{}, false
	}
	m := hunkHead.Get().FindStringSubmatch(line)
	if m == nil {
		return Lines{}, false
	}
	first, count := number(m[3]), 1
	if m[4] != "" {
		count = number(m[4])
	}
	if count == 0 {
		return Lines{First: first + 1, Last: first}, true
	}
	return Lines{First: first, Last: first + count - 1}, true
}

func number(s string) int {
	n, _ := strconv.Atoi(s) // what is too large for an int is in no file
	return n
}
