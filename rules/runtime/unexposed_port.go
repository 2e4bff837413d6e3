package runtime

import "github.com/dockvet/dockvet/lint"

// UnexposedPort reports a port on which the source of the started program plainly listens and that no EXPOSE names. It is silent
// where the base image may expose ports itself, where a variable hides what EXPOSE names, where the environment or the command
// chooses another port, and on a loopback address. A port that EXPOSE names instead is unused-expose's.
var UnexposedPort = &lint.Rule{
	Name: "unexposed-port", Summary: "no EXPOSE names the port that the application listens on", Category: lint.Runtime,
	Severity: lint.Info, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnContext(func(p *lint.Pass) {
		for _, s := range servers(p) {
			l, ok := s.single(p)
			if !ok || l.Loopback() {
				continue
			}
			x := exposures(p)
			if x.unknown || x.names(l.Port) {
				continue
			}
			if _, sure := x.only(); sure {
				continue
			}
			p.Report(s.at, "port %d, on which `%s` listens, is not exposed", l.Port, l.File).
				Because("EXPOSE tells people and tools which port to publish: without it `docker run -P` leaves the port out").
				Advise("write `EXPOSE %d` before CMD", l.Port).
				RelateFile(l.File, l.Line, "%s listens on %d", l.Framework, l.Port)
		}
	}),
}
