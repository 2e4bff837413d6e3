package cache

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// MissingLockFile reports an installation from a manifest of the build context beside which no lock file lies, of a manager that keeps
// one for every application. Where another manager's lock lies there, it is silent.
var MissingLockFile = &lint.Rule{
	Name: "missing-lock-file", Summary: "the application has no lock file", Category: lint.Cache,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnContext(func(p *lint.Pass) {
		told := map[string]bool{}
		for _, s := range p.Plan.Stages {
			if !s.Reached {
				continue
			}
			for sc := range p.Scripts(s) {
				for _, call := range sc.Calls() {
					in := settingOf(p, call)
					if in == nil || in.lock != "" || told[in.manifest] {
						continue
					}
					told[in.manifest] = true
					unlocked(p, call, in)
				}
			}
		}
	}),
}

func unlocked(p *lint.Pass, call *shell.Call, in *setting) {
	write, n := lockedBy(p, call, in), app.Of(p).Dependencies(in.row.Name, in.manifest)
	if write == "" || n == 0 {
		return
	}
	lock := path.Join(in.dir, in.row.Locks[0])
	at := call.Command.Words[0].Span
	if call.Verb.Text != "" {
		at.End = call.Verb.Span.End
	}
	f := p.Report(at, "`%s` has no `%s` beside it", in.manifest, path.Base(lock))
	switch {
	case in.row.Name == "npm" && (call.Verb.Text == "ci" || call.Verb.Text == "clean-install"):
		f.Because("`npm ci` fails without a lock file")
	case n == 1:
		f.Because("the package that it asks for, and all that this needs, is of the newest release of the day that it allows: two builds of one commit differ")
	default:
		f.Because("the %d packages that it asks for, and all that these need, are of the newest releases of the day that it allows: two builds of one commit differ", n)
	}
	if p.Context().GitIgnored(lock) {
		f.Advise("remove the pattern that matches `%s` from `.gitignore`, and commit what `%s` writes", path.Base(lock), write)
	} else {
		f.Advise("commit the `%s` that `%s` writes", path.Base(lock), write)
	}
}

// lockedBy is what writes the lock file that call lacks, "" where none is missed.
func lockedBy(p *lint.Pass, call *shell.Call, in *setting) string {
	beside := func(name string) bool {
		return p.Context().Has(path.Join(in.dir, name)) || p.Context().Hides(path.Join(in.dir, name))
	}
	switch in.row.Name {
	case "npm", "yarn", "pnpm", "bun":
		for _, manager := range [...]string{"package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"} {
			if beside(manager) {
				return ""
			}
		}
		src, err := p.Context().Read(path.Join(in.dir, ".npmrc"))
		if call.Command.Has("--no-package-lock", "--no-lockfile", "--no-save", "--global", "-g") || err == nil && strings.Contains(string(src), "lock") {
			return "" // on purpose
		}
		return in.row.Name + " install"
	case "cargo":
		if v := call.Verb.Text; v != "build" && v != "b" && v != "fetch" {
			return ""
		}
		return "cargo generate-lockfile"
	case "bundler":
		src, err := p.Context().Read(in.manifest)
		if err != nil || slices.ContainsFunc(strings.Split(string(src), "\n"), func(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), "gemspec") }) {
			return "" // a library
		}
		return "bundle lock"
	case "composer":
		return "composer update"
	case "poetry", "uv", "pdm", "pipenv":
		return in.row.Name + " lock"
	}
	return ""
}
