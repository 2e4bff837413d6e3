package fault

import "strings"

// checkCd reports a `cd` whose failure nothing notices.
func (c *checker) checkCd(cmd *command) {
	if cmd.chained || c.errexit {
		return
	}
	if len(cmd.args) == 2 {
		to := cmd.args[1].Lit()
		if to != "" && strings.Trim(to, "./") == "" {
			return // `/`, `.` and `..` always exist
		}
	}
	last := cmd.args[len(cmd.args)-1]
	c.report(UnguardedCd, "SC2164", offset(cmd.args[0]), end(last), cmd.name)
}
