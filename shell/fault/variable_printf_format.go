package fault

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// checkPrintf reports an expansion in the format of printf, unless the format has directives as well.
func (c *checker) checkPrintf(cmd *command) {
	args := cmd.args[1:]
	for len(args) > 1 && strings.HasPrefix(args[0].Lit(), "-") {
		if args[0].Lit() == "-v" {
			c.define(args[1].Lit(), offset(args[1]), offset(args[1]), dirty)
			args = args[1:]
		}
		args = args[1:]
	}
	if len(args) == 0 {
		return
	}
	format := args[0]
	if x := firstExpansion(format.Parts); x != nil && !strings.Contains(c.source(format), "%") {
		f := c.reportNode(VariablePrintfFormat, "SC2059", format, c.source(x))
		f.Span = c.script.Span(x)
	}
}

// firstExpansion is the first expansion in parts, nil if there is none.
func firstExpansion(parts []syntax.WordPart) syntax.WordPart {
	for _, part := range parts {
		switch p := part.(type) {
		case *syntax.Lit, *syntax.SglQuoted:
		case *syntax.DblQuoted:
			if x := firstExpansion(p.Parts); x != nil {
				return x
			}
		default:
			return part
		}
	}
	return nil
}
