package fault

import "mvdan.cc/sh/v3/syntax"

// reportNegation reports s, a negated command whose status nothing reads, if the script relies on `set -e`.
func (c *checker) reportNegation(s *syntax.Stmt) {
	if c.errexit {
		c.report(InertNegation, "SC2251", offset(s), offset(s)+1, "").ByShell = c.byShell
	}
}
