package fault

import "github.com/dockvet/dockvet/shell"

// checkDot reports arguments to a file that sh sources.
func (c *checker) checkDot(cmd *command) {
	c.sourced = true
	if cmd.name == "." && len(cmd.args) > 2 && c.script.Dialect == shell.POSIX {
		c.reportNode(DotWithArguments, "SC2240", cmd.args[2], c.source(cmd.args[2]))
	}
}
