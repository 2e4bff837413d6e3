package buildcontext

// Dir is what lies in a folder and the build sees, sorted: the names of regular files, and of folders with a slash behind.
// Links are left out, as what they point to may lie outside.
func (c *Context) Dir(name string) []string {
	n := c.find(name)
	if n == nil || !n.dir() {
		return nil
	}
	var out []string
	for _, x := range c.list(n) {
		switch {
		case x.dir():
			// A pattern such as `!src/app` can bring back what lies in an ignored folder.
			if !x.ignored || c.reaches(x.name) {
				out = append(out, x.entry.Name()+"/")
			}
		case x.entry.Type().IsRegular() && !x.ignored:
			out = append(out, x.entry.Name())
		}
	}
	return out
}
