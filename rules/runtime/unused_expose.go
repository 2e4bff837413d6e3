package runtime

import (
	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
)

// UnusedExpose reports EXPOSE of a port other than the one on which the application plainly listens. It speaks only where one
// program starts, its sources name one port, and EXPOSE names one other. A variable that may change the port when the container
// starts is no excuse: an image whose EXPOSE counts on it sets it itself. One that a compose file sets is heeded.
var UnusedExpose = &lint.Rule{
	Name: "unused-expose", Summary: "EXPOSE names another port than the application listens on", Category: lint.Runtime,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix, AllBuilds: true,
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
			return // unanswered-port knows more
		}
		f := p.Report(e.Word.Full(), "nothing listens on `%s`", e.Text).
			Because("`%s` listens on %d: a port published by this EXPOSE answers nobody", source(l), l.Port).
			Advise("write `EXPOSE %d`", l.Port)
		relate(f, l, "%s listens on %d", l.Framework, l.Port)
		if s.Unset(l) {
			f.Because("`%s` listens on %d unless `%s` is set, and the image does not set it", source(l), l.Port, l.Env).
				Advise("write `EXPOSE %d`, or `ENV %s=%s` above", l.Port, l.Env, e.Text)
		}
	}),
}
