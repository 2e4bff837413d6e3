package fault

import "mvdan.cc/sh/v3/syntax"

// reportSplitOutput reports a command substitution that the shell splits.
func (c *checker) reportSplitOutput(p *syntax.CmdSubst) {
	c.reportNode(UnquotedCommandSubstitution, "SC2046", p, c.source(p))
}
