package fault

import "mvdan.cc/sh/v3/syntax"

// checkBackticks reports a command substitution that is written with backticks.
func (c *checker) checkBackticks(p *syntax.CmdSubst) {
	if p.Backquotes {
		c.reportNode(BacktickSubstitution, "SC2006", p, c.source(p))
	}
}
