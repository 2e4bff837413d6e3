package runtime

import (
	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
)

// UnansweredHealthcheck reports a HEALTHCHECK that asks a port of the container on which nothing listens. It speaks only where one
// program starts whose port is plain. Where the one port of EXPOSE is the same, unused-expose speaks; where a variable that nothing
// sets could choose the port, the finding is doubtful.
var UnansweredHealthcheck = &lint.Rule{
	Name: "unanswered-healthcheck", Summary: "HEALTHCHECK asks a port that nothing listens on", Category: lint.Runtime,
	Severity: lint.Error, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		c := container.Of(p)
		check := c.Check()
		if check == nil || check.Stage != p.Plan.Target {
			return
		}
		sc := container.Command(p, check)
		s := c.Only()
		if sc == nil || s == nil {
			return
		}
		l, ok := s.Port()
		if !ok {
			return
		}
		var first *container.Probe
		exposed, only := c.Exposed().Only()
		for _, command := range sc.Commands {
			probes := container.Probes(check, command)
			if len(probes) == 0 {
				continue
			}
			if only && !c.Exposed().Writes(l.Port) && exposed.Names(probes[0].Port) {
				return // unused-expose reports it
			}
			if first == nil {
				first = &probes[0]
			}
		}
		if first == nil || first.Port == l.Port {
			return
		}
		f := p.Report(first.At, "HEALTHCHECK asks port %d, and nothing listens there", first.Port).
			Because("`%s` listens on %d: the check always fails, and the container never is healthy", source(l), l.Port).
			Advise("ask port %d", l.Port)
		relate(f, l, "%s listens on %d", l.Framework, l.Port)
		if s.Unset(l) {
			f.Doubting("`%s` may be set to it when the container starts", l.Env)
		} else if c.Unread {
			f.Doubting("a script starts it, and may start more")
		}
	}),
}
