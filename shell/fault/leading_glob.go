package fault

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// checkGlobs reports arguments that begin with a glob: a matching name that starts with a dash becomes an option.
func (c *checker) checkGlobs(cmd *command) {
	for _, w := range cmd.args[1:] {
		lit, ok := w.Parts[0].(*syntax.Lit)
		if !ok {
			continue
		}
		if lit.Value == "--" && len(w.Parts) == 1 {
			return
		}
		if strings.HasPrefix(lit.Value, "*") || strings.HasPrefix(lit.Value, "?") {
			c.reportNode(LeadingGlob, "SC2035", w, c.source(w))
		}
	}
}
