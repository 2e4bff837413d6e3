package buildcontext

import (
	"io/fs"
	"path"
	"strings"
)

// Hides reports whether name exists and the ignore file leaves it out.
func (c *Context) Hides(name string) bool {
	name = path.Clean(strings.TrimPrefix(name, "/"))
	if !c.Ignored(name) {
		return false
	}
	_, err := fs.Stat(c.dir.fsys, name)
	return err == nil
}
