package runtime

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// UnansweredHealthcheck reports a HEALTHCHECK that probes a port of the container on which nothing listens. It only
// reports where one program starts whose port is certain. Where EXPOSE names the same wrong port, unused-expose reports
// it instead. The finding has a doubt where a variable that nothing sets could choose the port. It also reports a health
// check that asks localhost where Next.js only listens on the container's own address.
var UnansweredHealthcheck = &lint.Rule{
	Name: "unanswered-healthcheck", Summary: "HEALTHCHECK probes a port that nothing listens on", Category: lint.Runtime,
	Severity: lint.Error, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		c := container.Of(p)
		if reportOwnAddress(p, c) {
			return
		}
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

// reportOwnAddress reports a health check of the image or of a service that asks localhost where the standalone server of
// Next.js runs without HOSTNAME. That server listens on the address of HOSTNAME, or else on all (source: writeStandaloneServer
// in next 13.4 to 16.4, packages/next/src/build/utils.ts), and container runtimes set HOSTNAME to the container's host name.
func reportOwnAddress(p *lint.Pass, c *container.Container) bool {
	const variable = "HOSTNAME"
	target, all := p.Plan.Target, c.Tasks()
	if target == nil || len(all) != 1 || c.Unread || all[0].Env[variable] != "" || target.End.Env.Lookup(variable) != nil ||
		!standalone(target, &all[0]) {
		return false
	}
	told := func(u lint.Service) bool {
		_, set := u.Environment[variable]
		return set || u.EnvironmentOpen || u.HostNetwork
	}
	report := func(f *lint.Finding) bool {
		f.Because("its standalone server listens on the address of `HOSTNAME`, which the container runtime sets to the container's host name, " +
			"so the check always fails").
			Advise("add `ENV HOSTNAME=0.0.0.0` to the final stage")
		return true
	}
	server := all[0].Words[len(all[0].Words)-1].Span
	for _, u := range c.Uses() {
		if h := u.Healthcheck; container.AsksItself(strings.Join(h.Test, " ")) && !told(u) {
			return report(p.Report(server, "Next.js does not listen on localhost, where the health check of the service `%s` asks", u.Name).
				RelateFile(h.File, h.Line, "`healthcheck` of `%s`", u.Name))
		}
	}
	check := c.Check()
	if check == nil || check.Stage != target || slices.ContainsFunc(c.Uses(), told) {
		return false
	}
	if sc := container.Command(p, check); sc != nil {
		for _, command := range sc.Commands {
			for _, w := range command.Words {
				if container.AsksItself(w.Text) {
					return report(p.Report(w.Span, "HEALTHCHECK asks localhost, where Next.js does not listen").
						Relate(server, "this starts the server of Next.js"))
				}
			}
		}
	}
	return false
}

// standalone reports whether t is the server that Next.js generates for the output `standalone`.
func standalone(s *plan.Stage, t *container.Task) bool {
	if t.Name() != "node" || path.Base(t.Arg(len(t.Words)-1)) != "server.js" {
		return false
	}
	for _, s := range s.Lineage() {
		if slices.ContainsFunc(s.Steps, func(step *plan.Step) bool {
			return step.Copy != nil && slices.ContainsFunc(step.Copy.Sources, func(src plan.Source) bool {
				return strings.HasSuffix(path.Clean(src.Path.Text), ".next/standalone")
			})
		}) {
			return true
		}
	}
	return false
}
