package install

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/shell"
)

// Locker is the command that writes the lock file that call lacks, "" where it needs none.
func (f *Facts) Locker(call *shell.Call) string {
	in := f.Call(call)
	if in == nil || in.Lock != "" {
		return ""
	}
	beside := func(name string) bool {
		return f.p.Context().Has(path.Join(in.Dir, name)) || f.p.Context().Hides(path.Join(in.Dir, name))
	}
	switch in.Row.Name {
	case "npm", "yarn", "pnpm", "bun":
		for _, manager := range [...]string{"package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"} {
			if beside(manager) {
				return ""
			}
		}
		src, err := f.p.Context().Read(path.Join(in.Dir, ".npmrc"))
		if call.Command.Has("--no-package-lock", "--no-lockfile", "--no-save", "--global", "-g") || err == nil && strings.Contains(string(src), "lock") {
			return "" // on purpose
		}
		return in.Row.Name + " install"
	case "cargo":
		if v := call.Verb.Text; v != "build" && v != "b" && v != "fetch" {
			return ""
		}
		return "cargo generate-lockfile"
	case "bundler":
		src, err := f.p.Context().Read(in.Manifest)
		if err != nil || slices.ContainsFunc(strings.Split(string(src), "\n"), func(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), "gemspec") }) {
			return "" // a library
		}
		return "bundle lock"
	case "composer":
		return "composer update"
	case "poetry", "uv", "pdm", "pipenv":
		return in.Row.Name + " lock"
	}
	return ""
}
