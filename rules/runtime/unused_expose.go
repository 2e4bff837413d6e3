package runtime

import (
	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
)

// UnusedExpose reports EXPOSE of a port other than the one on which the application certainly listens. It only reports
// where one program starts, its sources or command name one port, and EXPOSE names one other. A variable that may
// change the port when the container starts does not silence it, because an image that relies on one should set it. A
// variable in a compose file does.
var UnusedExpose = &lint.Rule{
	Name: "unused-expose", Summary: "EXPOSE names a port that the application does not listen on", Category: lint.Runtime,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	AllBuilds: true,
	Check: lint.OnFile(func(p *lint.Pass) {
		c := container.Of(p)
		s := c.Only()
		if s == nil {
			return
		}
		l, ok := s.Port()
		if !ok || l.Loopback() {
			return
		}
		x := c.Exposed()
		e, ok := x.Only()
		if !ok || x.Unknown || x.Writes(l.Port) {
			return
		}
		if from, _, _ := e.TCP(); unanswered(c, s, from) != nil {
			return // unanswered-port reports it with more detail
		}
		f := p.Report(e.Word.Full(), "nothing listens on port `%s`", e.Text).
			Because("%s, so the exposed port does not answer when it is published", listens(l)).
			Advise("write `EXPOSE %d`", l.Port)
		relate(f, l)
		if s.Unset(l) {
			from, _, _ := e.TCP()
			f.Message = "nothing listens on port `" + e.Text + "` by default"
			f.Because("%s unless `%s` is set, and the image does not set it", listens(l), l.Env).
				Advise("write `EXPOSE %d`, or add `ENV %s=%d` above", l.Port, l.Env, from)
		}
	}),
}
