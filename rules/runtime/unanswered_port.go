package runtime

import (
	"fmt"
	"strconv"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
)

// UnansweredPort reports a port that a compose file publishes, in that file, while the program in the container listens on another
// one. It only reports where one program starts, the service does not replace the image's command, the source or
// command and the compose file decide one port, and one other TCP port is published.
var UnansweredPort = &lint.Rule{
	Name: "unanswered-port", Summary: "a compose file publishes a port that nothing listens on", Category: lint.Runtime,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnDeclaration(func(p *lint.Pass, _ *lint.Declaration) {
		if p.Plan == nil {
			return
		}
		c := container.Of(p)
		s := c.Only()
		if s == nil {
			return
		}
		use := unanswered(c, s, 0)
		if use == nil {
			return
		}
		l, _ := s.PortIn(use)
		port := tcpPort(use)
		publish := strconv.Itoa(l.Port)
		if port.Published != "" {
			publish = port.Published + ":" + publish
		}
		f := p.ReportAt(port.Place, "nothing in the container listens on port %d", port.Container).
			Because("%s, so connections to the published port fail", listens(l)).
			Advise("publish `%s`", publish).
			RelateIn(p.File.Source, s.At, "the service starts this program")
		relate(f, l)
		if c.Unread {
			f.Message = fmt.Sprintf("%s, not on %d", listens(l), port.Container)
			f.Because("if nothing else listens on %d, connections to the published port fail", port.Container).
				Doubting("a script starts the program, and may start others")
		}
		if l.Env != "" {
			f.Advise("publish `%s`, or set `%s` to %d in the service", publish, l.Env, port.Container)
		}
	}),
}

// unanswered is the first service that publishes one TCP port on which s does not listen, nil if there is none. With a
// port other than 0 it must be the published one.
func unanswered(c *container.Container, s *container.Server, port int) *lint.Service {
	for _, use := range c.Uses() {
		published := tcpPort(&use)
		if published == nil || port != 0 && published.Container != port {
			continue
		}
		if l, ok := s.PortIn(&use); ok && !l.Loopback() && l.Port != published.Container {
			return &use
		}
	}
	return nil
}

// tcpPort is the one TCP port that a service publishes, nil if it publishes none or several.
func tcpPort(s *lint.Service) *lint.Port {
	var found *lint.Port
	for i := range s.Ports {
		if s.Ports[i].Protocol != "tcp" {
			continue
		}
		if found != nil && found.Container != s.Ports[i].Container {
			return nil
		}
		found = &s.Ports[i]
	}
	if s.HostNetwork {
		return nil
	}
	return found
}
