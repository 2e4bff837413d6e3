package scripts

import (
	"path"

	"github.com/dockvet/dockvet/shell"
)

// plain reports whether hadolint takes c for the command that it is: it knows commands by their first word as it is written and
// does not look behind sudo and its like.
func plain(c *shell.Command) bool {
	return c.Outer == nil && len(c.Words) > 0 && c.Words[0].Text == path.Base(c.Words[0].Text)
}
