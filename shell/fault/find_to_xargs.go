package fault

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// checkFindToXargs reports a find that passes plain names to xargs.
func (c *checker) checkFindToXargs(cmd *syntax.BinaryCmd) {
	from := cmd.X
	if b, ok := from.Cmd.(*syntax.BinaryCmd); ok && (b.Op == syntax.Pipe || b.Op == syntax.PipeAll) {
		from = b.Y
	}
	if name(from) != "find" || name(cmd.Y) != "xargs" {
		return
	}
	find, _ := from.Cmd.(*syntax.CallExpr)
	xargs, _ := cmd.Y.Cmd.(*syntax.CallExpr)
	for _, w := range find.Args {
		switch w.Lit() {
		case "-print0", "-printf", "-fprintf", "-ls":
			return
		}
	}
	for _, w := range xargs.Args[1:] {
		flag := w.Lit()
		if !strings.HasPrefix(flag, "-") {
			break
		}
		if flag == "--null" || !strings.HasPrefix(flag, "--") && strings.Contains(flag, "0") && isCluster(flag[1:]) {
			return
		}
	}
	c.reportNode(FindToXargs, "SC2038", find.Args[0], "")
}

// isCluster reports whether flags are one-letter flags that share a dash. The last may have the value `-`.
func isCluster(flags string) bool {
	flags = strings.TrimSuffix(strings.ReplaceAll(flags, "0", ""), "-")
	return strings.IndexFunc(flags, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') }) < 0
}
