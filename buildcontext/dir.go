package buildcontext

// Dir lists what the build sees of a directory, sorted: the names of regular files, and of directories with a
// trailing slash. Links are left out, since their targets may be outside the context.
func (c *Context) Dir(name string) []string {
	n := c.find(name)
	if n == nil || !n.dir() {
		return nil
	}
	var out []string
	below := c.list(n)
	for i := range below {
		switch x := &below[i]; {
		case x.dir():
			// A pattern such as `!src/app` can re-include something in an ignored directory.
			if !x.ignored || c.reaches(x.name) {
				out = append(out, x.Name()+"/")
			}
		case x.Type().IsRegular() && !x.ignored:
			out = append(out, x.Name())
		}
	}
	return out
}
