package runtime

import (
	"fmt"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
)

// UnansweredHealthcheck reports a HEALTHCHECK that probes a port of the container on which nothing listens. It only
// reports where one program starts whose port is certain. Where EXPOSE names the same wrong port, unused-expose reports
// it instead. The finding has a doubt where a variable that nothing sets could choose the port.
var UnansweredHealthcheck = &lint.Rule{
	Name: "unanswered-healthcheck", Summary: "HEALTHCHECK probes a port that nothing listens on", Category: lint.Runtime,
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
		f := p.Report(first.At, "HEALTHCHECK probes port %d, where nothing listens", first.Port).
			Because("%s, so the check always fails and the container never becomes healthy", listens(l)).
			Advise("probe port %d", l.Port)
		relate(f, l)
		if s.Unset(l) {
			f.Message = fmt.Sprintf("HEALTHCHECK probes port %d, where nothing listens by default", first.Port)
			f.Because("unless `%s` is set, %s, so the check fails and the container never becomes healthy", l.Env, listens(l)).
				Doubting("`%s` may set the port when the container starts", l.Env)
		} else if c.Unread {
			f.Message = fmt.Sprintf("HEALTHCHECK probes port %d, but %s", first.Port, listens(l))
			f.Because("if nothing else listens on port %d, the container never becomes healthy", first.Port).
				Doubting("a script starts the program, and may start others")
		}
	}),
}
