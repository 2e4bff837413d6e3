package runtime

import "github.com/dockvet/dockvet/lint"

// UnusedExpose reports EXPOSE of a port other than the one on which the application plainly listens. It speaks only where one
// program starts, its sources name one port, and EXPOSE names one other. A variable that may change the port when the container
// starts is no excuse: an image whose EXPOSE counts on it sets it itself. One that a compose file sets is heeded.
var UnusedExpose = &lint.Rule{
	Name: "unused-expose", Summary: "EXPOSE names another port than the application listens on", Category: lint.Runtime,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix, AllBuilds: true,
	Check: lint.OnFile(func(p *lint.Pass) {
		all := servers(p)
		if len(all) != 1 || len(tasks(p)) > 1 {
			return
		}
		l, ok := all[0].single(p)
		if !ok || l.Loopback() {
			return
		}
		x := exposures(p)
		e, ok := x.only()
		if !ok || x.unknown || x.writes(l.Port) {
			return
		}
		if from, _, _ := e.tcp(); unanswered(p, &all[0], from) != nil {
			return // unanswered-port knows more
		}
		f := p.Report(e.word.Full(), "nothing listens on `%s`", e.text).
			Because("`%s` listens on %d: a port published by this EXPOSE answers nobody", all[0].says(l), l.Port).
			Advise("write `EXPOSE %d`", l.Port)
		all[0].relate(f, l, "%s listens on %d", l.Framework, l.Port)
		if _, given := all[0].env[l.Env]; l.Env != "" && !given && p.Plan.Target.End.Env.Lookup(l.Env) == nil {
			f.Because("`%s` listens on %d unless `%s` is set, and the image does not set it", all[0].says(l), l.Port, l.Env).
				Advise("write `EXPOSE %d`, or `ENV %s=%s` above", l.Port, l.Env, e.text)
		}
	}),
}

// only is the single TCP port that EXPOSE names; ok is false if it names none or several. Of 80 and 443, which are named together out
// of habit, it is 80.
func (x *exposure) only() (e expose, ok bool) {
	for _, port := range x.ports {
		from, to, tcp := port.tcp()
		switch {
		case !tcp || from != to:
			return e, false
		case len(x.ports) == 1, from == 80 && !ok:
			e, ok = port, true
		case from != 443 || len(x.ports) != 2:
			return e, false
		}
	}
	return e, ok
}
