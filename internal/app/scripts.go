package app

import (
	"path"
	"slices"
	"strings"
)

// Runs are the commands that the script called name of the package in directory dir leads to, each as written: that of
// the script, those of its `pre` and `post` scripts, and the scripts that these run in turn.
func (a *App) Runs(dir, name string) []string {
	scripts := a.packageJSON(path.Join(dir, "package.json")).Scripts
	var out []string
	todo := []string{name}
	for n := 0; n < len(todo) && n < maxMembers; n++ {
		for _, full := range [...]string{"pre" + todo[n], todo[n], "post" + todo[n]} {
			command, ok := scripts[full]
			if !ok {
				continue
			}
			out = append(out, command)
			for _, word := range strings.Fields(command) {
				if _, ok := scripts[word]; ok && !slices.Contains(todo, word) {
					todo = append(todo, word)
				}
			}
		}
	}
	return out
}

// Loads reports whether a source of the application in dir, other than a test, loads one of packages. The application
// then needs that package to run, wherever the manifest lists it.
func (a *App) Loads(dir string, packages []string) bool {
	a.walk()
	for _, name := range a.sources {
		if dir != "." && !strings.HasPrefix(name, dir+"/") {
			continue
		}
		text := a.text(name)
		for _, pkg := range packages {
			switch path.Ext(name) {
			case ".py":
				module := strings.ReplaceAll(pkg, "-", "_")
				if strings.Contains(text, "import "+module) || strings.Contains(text, "from "+module) {
					return true
				}
			case ".rb":
				if strings.Contains(text, "require '"+pkg) || strings.Contains(text, `require "`+pkg) {
					return true
				}
			default:
				if strings.Contains(text, "'"+pkg+"'") || strings.Contains(text, `"`+pkg+`"`) {
					return true
				}
			}
		}
	}
	return false
}
