package runtime

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// UnansweredHealthcheck reports a HEALTHCHECK that asks a port of the container on which nothing listens. It speaks only where one
// program starts whose port is plain. Where the one port of EXPOSE is the same, unused-expose speaks; where a variable that nothing
// sets could choose the port, the finding is doubtful.
var UnansweredHealthcheck = &lint.Rule{
	Name: "unanswered-healthcheck", Summary: "HEALTHCHECK asks a port that nothing listens on", Category: lint.Runtime,
	Severity: lint.Error, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		if p.Plan.Target == nil {
			return
		}
		check := healthcheck(p.Plan.Target)
		if check == nil || check.Stage != p.Plan.Target {
			return
		}
		sc := shell.ReadCommand(check)
		all := servers(p)
		if sc == nil || len(all) != 1 || len(tasks(p)) > 1 {
			return
		}
		l, ok := all[0].single(p)
		if !ok {
			return
		}
		x := exposures(p)
		if e, only := x.only(); only && !x.writes(l.Port) {
			for _, c := range sc.Commands {
				if ports, _ := asked(check, c); len(ports) > 0 && (&exposure{ports: []expose{e}}).writes(ports[0]) {
					return
				}
			}
		}
		for _, c := range sc.Commands {
			ports, at := asked(check, c)
			for i, port := range ports {
				if port == l.Port {
					return
				}
				f := p.Report(at[i], "HEALTHCHECK asks port %d, and nothing listens there", port).
					Because("`%s` listens on %d: the check always fails, and the container never is healthy", all[0].says(l), l.Port).
					Advise("ask port %d", l.Port)
				all[0].relate(f, l, "%s listens on %d", l.Framework, l.Port)
				if _, given := all[0].env[l.Env]; l.Env != "" && !given && p.Plan.Target.End.Env.Lookup(l.Env) == nil {
					f.Doubting("`%s` may be set to it when the container starts", l.Env)
				} else if p.Started().Unread {
					f.Doubting("a script starts it, and may start more")
				}
				return
			}
		}
	}),
}
