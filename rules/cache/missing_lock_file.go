package cache

import (
	"path"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/install"
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
					in := install.Of(p).Call(call)
					if in == nil || in.Lock != "" || told[in.Manifest] {
						continue
					}
					told[in.Manifest] = true
					unlocked(p, call, in)
				}
			}
		}
	}),
}

func unlocked(p *lint.Pass, call *shell.Call, in *install.Setting) {
	write, n := install.Of(p).Locker(call), app.Of(p).Dependencies(in.Manager.Project.Name, in.Manifest)
	if write == "" || n == 0 {
		return
	}
	lock := path.Join(in.Dir, in.Manager.Lock.Files[0])
	at := call.Command.Words[0].Span
	if call.Verb.Text != "" {
		at.End = call.Verb.Span.End
	}
	f := p.Report(at, "`%s` has no `%s` beside it", in.Manifest, path.Base(lock))
	switch {
	case ecosystem.Has(in.Manager.Lock.Needed, call.Verb.Text):
		f.Because("`%s` fails without a lock file", install.Command(call))
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
