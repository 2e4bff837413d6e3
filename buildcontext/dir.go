package buildcontext

import "strings"

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

// Bare reports whether the directory has nothing but a Dockerfile and files that configure tools, whose names begin with a dot. It is
// then not that of the application which is built.
func (c *Context) Bare() bool {
	n := c.find(".")
	if n == nil {
		return false
	}
	below := c.list(n)
	for i := range below {
		if name := below[i].Name(); !strings.HasPrefix(name, ".") && !strings.Contains(strings.ToLower(name), "dockerfile") {
			return false
		}
	}
	return true
}
