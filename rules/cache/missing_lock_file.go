package cache

import (
	"path"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/install"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// MissingLockFile reports an installation from a manifest in the build context that has no lock file beside it, by a
// manager that keeps one for every application. It is silent where the lock file of another manager is there.
var MissingLockFile = &lint.Rule{
	Name: "missing-lock-file", Summary: "the application has no lock file", Category: lint.Cache,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnContext(func(p *lint.Pass) {
		told := map[string]bool{}
		for _, s := range p.Plan.Stages {
			if !s.Reached {
				continue
			}
			for _, sc := range p.Scripts(s) {
				for _, call := range sc.Calls() {
					in := install.Of(p).Setting(call)
					if in == nil || in.Lock != "" || told[in.Manifest] {
						continue
					}
					if lock := in.Manager.Lock; lock != nil && lock.Verbs != "" && !ecosystem.Has(lock.Verbs, call.Verb.Text) {
						continue // a later call is the one that fails
					}
					told[in.Manifest] = true
					unlocked(p, call, in)
				}
			}
		}
	}),
}

// template says what shows that the application is a template, whose lock file is left to what people make of it; "" if nothing does.
func template(p *lint.Pass, in *install.Setting) string {
	ignored := map[string]bool{} // the endings of lock files, since `*.lock` means one manager
	for _, m := range ecosystem.All() {
		for _, name := range m.Locks() {
			if m.Family == in.Manager.Family && p.Context().GitIgnored(path.Join(in.Dir, name)) {
				ignored[path.Ext(name)] = true
			}
		}
	}
	if len(ignored) > 1 && p.Context().GitIgnored(path.Join(in.Dir, in.Manager.Lock.Files[0])) {
		return "`.gitignore` has the lock files of several package managers, so they seem to be left out on purpose"
	}
	src, err := p.Context().Read(in.Manifest)
	if err == nil && (strings.Contains(string(src), "{{") || named.Get().Match(src)) {
		return "`" + in.Manifest + "` seems to be that of a template"
	}
	return ""
}

// named matches the name of a template in its manifest.
var named = lazy.Regexp{Expr: `"?name"?\s*[:=]\s*"[^"\n]*\b(?:template|cookiecutter|boilerplate)"`}

func unlocked(p *lint.Pass, call *shell.Call, in *install.Setting) {
	write, n := install.Of(p).LockCommand(call), app.Of(p).Dependencies(in.Manager.Project.Name, in.Manifest)
	if write == "" || n == 0 {
		return
	}
	lock := path.Join(in.Dir, in.Manager.Lock.Files[0])
	at := call.Command.Words[0].Span
	if call.Verb.Text != "" {
		at.End = call.Verb.Span.End
	}
	f := p.Report(at, "`%s` has no `%s` next to it", in.Manifest, path.Base(lock))
	switch missing := in.Manager.Lock.Missing; {
	case install.NeedsLock(call) != "":
		f.Because("%s fails without a lock file", install.NeedsLock(call))
		if missing != "" {
			f.Because("%s, so %s fails", missing, install.NeedsLock(call))
		}
		if install.Of(p).Fails(call) {
			f.Breaking(lint.BreaksBuild)
		}
	case n == 1:
		f.Because("each build installs the newest allowed releases of the only listed dependency and of everything it needs, " +
			"so two builds of the same commit can differ")
	default:
		f.Because("each build installs the newest allowed releases of the %d listed dependencies and of everything they need, "+
			"so two builds of the same commit can differ", n)
	}
	if why := template(p, in); why != "" {
		f.Doubting("%s", why)
	}
	if p.Context().GitIgnored(lock) {
		f.Advise("remove the pattern that matches `%s` from `.gitignore`, commit the file that `%s` writes, and make sure that the build copies it",
			path.Base(lock), write)
	} else {
		f.Advise("commit the `%s` that `%s` writes, and make sure that the build copies it", path.Base(lock), write)
	}
}
