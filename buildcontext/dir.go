package buildcontext

import "io/fs"

// Dir is what lies in a folder and the build sees, sorted: the names of regular files, and of folders with a slash behind.
// Links are left out, as what they point to may lie outside.
func (c *Context) Dir(name string) []string {
	entries, err := fs.ReadDir(c.fsys, name)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		full := e.Name()
		if name != "." {
			full = name + "/" + full
		}
		switch {
		case e.IsDir():
			// A pattern such as `!src/app` can bring back what lies in an ignored folder.
			if !c.Ignored(full) || c.matcher.Exclusions() {
				out = append(out, e.Name()+"/")
			}
		case e.Type().IsRegular() && !c.Ignored(full):
			out = append(out, e.Name())
		}
	}
	return out
}
