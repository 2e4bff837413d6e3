package files

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/buildcontext"
	"github.com/dockvet/dockvet/internal/order"
)

// weighed is litter with its size in bytes, which is a lower bound if more is true.
type weighed struct {
	buildcontext.Litter
	bytes int64
	more  bool
}

// weigh adds the sizes, the largest first. It looks at every file, so it is only for what is reported.
func weigh(found []buildcontext.Litter) []weighed {
	out := make([]weighed, len(found))
	for i, l := range found {
		bytes, all := buildcontext.Weigh(l.Files)
		out[i] = weighed{l, bytes, !all}
	}
	order.By(out, func(a, b weighed) int { return cmp.Compare(b.bytes, a.bytes) })
	return out
}

// describe lists the largest few with their files and bytes.
func describe(found []weighed) string {
	const most = 5
	var parts []string
	for _, l := range found[:min(most, len(found))] {
		parts = append(parts, fmt.Sprintf("`%s` (%s, %s)", l.Name, count(len(l.Files), "file"), atLeast(l.bytes, l.more)))
	}
	return enumerate(parts)
}

// enumerate joins parts as in `a, b and c`.
func enumerate(parts []string) string {
	last := len(parts) - 1
	if last < 1 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}

// atLeast is n bytes, with `over` if there are more.
func atLeast(n int64, more bool) string {
	if more {
		return "over " + size(n)
	}
	return size(n)
}

// count is n and what in the plural, with commas between the thousands.
func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits + " " + what
}

// size is n bytes in decimal units, as Docker prints them.
func size(n int64) string {
	switch {
	case n < 1000:
		return strconv.FormatInt(n, 10) + " B"
	case n < 999_500:
		return strconv.FormatInt((n+500)/1000, 10) + " kB"
	case n < 9_950_000:
		return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64) + " MB"
	case n < 999_500_000:
		return strconv.FormatInt((n+500_000)/1_000_000, 10) + " MB"
	}
	return strconv.FormatFloat(float64(n)/1e9, 'f', 1, 64) + " GB"
}
