package fault

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// checkOneTurn reports the list of a `for` that is a single constant word.
func (c *checker) checkOneTurn(items []*syntax.Word) {
	if len(items) == 1 && constant(items[0]) && !hasBrace(items[0]) {
		c.reportNode(OneTurnLoop, "SC2043", items[0], c.source(items[0]))
	}
}

// constant reports whether x is literal and not a glob.
func constant(x *syntax.Word) bool {
	for _, part := range x.Parts {
		switch p := part.(type) {
		case *syntax.Lit:
			if strings.ContainsAny(p.Value, "*?[") {
				return false
			}
		case *syntax.DblQuoted:
			for _, q := range p.Parts {
				if _, ok := q.(*syntax.Lit); !ok {
					return false
				}
			}
		default:
			return false
		}
	}
	return true
}
