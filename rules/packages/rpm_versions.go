package packages

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/shell"
)

// rpmPackage judges a package of yum or dnf: `name-1.2` holds a version, and a stream after a colon holds that of a
// module. A file and a group have none to hold; group is what hadolint makes of one. hadolint trusts a variable in
// braces if the Dockerfile sets it.
func rpmPackage(group version) func(*shell.Call, shell.Package) version {
	return func(c *shell.Call, pkg shell.Package) version {
		if slices.ContainsFunc(c.Command.Words, func(w shell.Word) bool { return w.Text == "group" }) {
			return group
		}
		return rpmVersion(c, pkg)
	}
}

func rpmVersion(c *shell.Call, pkg shell.Package) version {
	t := pkg.Word.Text
	switch {
	case slices.ContainsFunc(c.Command.Words, func(w shell.Word) bool { return w.Text == "module" }):
		if strings.Contains(t, ":") {
			return held
		}
	case strings.HasPrefix(t, "/"):
		return fixed
	case strings.HasSuffix(t, ".rpm") || strings.HasPrefix(t, "@") || pkg.Version != "":
		return held
	}
	if pkg.Word.Literal {
		return loose
	}
	if _, rest, ok := strings.Cut(t, "${"); ok {
		if name, _, ok := strings.Cut(rest, "}"); ok && c.Command.Script.Step.Env.Lookup(name) != nil {
			return held
		}
	}
	return variable
}
