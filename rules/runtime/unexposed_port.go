package runtime

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// UnexposedPort reports a port on which the started program certainly listens and that no EXPOSE names, and a port that
// a compose file publishes of an image that exposes none. It is silent
// where the base image may expose ports itself, where EXPOSE uses an unknown variable, where the environment or the
// command may choose another port, and on a loopback address. Where EXPOSE names another port instead, unused-expose
// reports it.
var UnexposedPort = &lint.Rule{
	Name: "unexposed-port", Summary: "the port that the application listens on is not exposed", Category: lint.Runtime,
	Severity: lint.Info, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.Unsafe,
	AllBuilds: true,
	Check: lint.OnFile(func(p *lint.Pass) {
		c := container.Of(p)
		servers := c.Servers()
		if len(servers) == 0 {
			published(p, c)
		}
		for _, s := range servers {
			l, ok := s.Port()
			if !ok || l.Loopback() {
				continue
			}
			x := c.Exposed()
			if x.Unknown || x.Names(l.Port) {
				continue
			}
			if _, sure := x.Only(); sure {
				continue
			}
			f := p.Report(s.At, "%s listens on port %d, which is not exposed", listener(l), l.Port).
				Because("EXPOSE tells people and tools which port to publish, and without it `docker run -P` skips the port").
				Advise("write `EXPOSE %d`", l.Port)
			relate(f, l)
			if p.Plan.ForDevelopment() {
				f.Doubting("the image seems to be for development or tests")
			}
			if name := otherPort(c, l.Port); name != "" {
				f.Doubting("`%s` names another port, so the image may leave it to the user which ones to publish", name)
			}
			offerExpose(p, f, s.At, l.Port)
		}
	}),
}

// otherPort is a variable of c's image with an address at another port of the container than port; "" if there is none.
func otherPort(c *container.Container, port int) string {
	for v := range c.Target.End.Env.Variables() {
		if v.Arg || v.Step() == nil {
			continue
		}
		if m := anyHost.Get().FindStringSubmatch(v.Value().Text); m != nil && m[1] != strconv.Itoa(port) {
			return v.Name
		}
	}
	return ""
}

// anyHost matches an address on which a server listens for others, with its port.
var anyHost = lazy.Regexp{Expr: `(?:://|^)(?:\+|\*|0\.0\.0\.0|\[::\]):([0-9]{2,5})\b`}

// published reports the port that a service publishes of an image with an application that exposes none.
func published(p *lint.Pass, c *container.Container) {
	if len(p.Services()) == 0 || c.Target == nil || c.Target.From == nil || p.Plan.ForDevelopment() || !holdsApplication(c.Target) {
		return
	}
	if x := c.Exposed(); x.Unknown || x.Base != 0 || len(x.Ports) > 0 {
		return
	}
	for _, u := range p.Services() {
		if u.HostNetwork || !whole(u.File) || len(u.Ports) != 1 || u.Ports[0].Protocol != "tcp" {
			continue
		}
		port := u.Ports[0]
		at := c.Target.From.Head()
		step := c.Cmd
		if c.Entrypoint != nil {
			step = c.Entrypoint
		}
		if step != nil {
			at = step.Instruction.Keyword.Full()
		}
		f := p.Report(at, "the service `%s` publishes port %d, which is not exposed", u.Name, port.Container).
			Because("EXPOSE tells people and tools which port to publish, and without it `docker run -P` skips the port").
			Advise("write `EXPOSE %d`", port.Container).
			RelateFile(port.File, port.Line, "the port is published here")
		offerExpose(p, f, at, port.Container)
		return
	}
}

// offerExpose offers an EXPOSE of port above the command at span, if it is in the target itself.
func offerExpose(p *lint.Pass, f *lint.Finding, span parser.Span, port int) {
	step := above(p, span)
	if step == nil {
		return
	}
	in := step.Instruction
	f.Advise("write `EXPOSE %d` before %s", port, in.Name)
	name := "EXPOSE"
	if in.Keyword.String == strings.ToLower(in.Keyword.String) {
		name = "expose"
	}
	f.Offer(lint.Unsafe, fmt.Sprintf("add `EXPOSE %d`", port), lint.InsertAbove(p.File, in, fmt.Sprintf("%s %d", name, port)))
}

// above is the first step of the group of CMD and ENTRYPOINT that contains span, nil if the target itself has none.
func above(p *lint.Pass, span parser.Span) *plan.Step {
	steps := p.Plan.Target.Steps
	command := func(s *plan.Step) bool { return s.Instruction.Name == "CMD" || s.Instruction.Name == "ENTRYPOINT" }
	for i, s := range steps {
		if !s.Instruction.Span.Contains(span) || !command(s) {
			continue
		}
		for i > 0 && command(steps[i-1]) {
			i--
		}
		return steps[i]
	}
	return nil
}
