// Package runtime has the rules about what a container runs and which ports it listens on.
package runtime

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/frontend"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// InvalidExpose reports an argument of EXPOSE that BuildKit rejects, and one that maps a port or an address of the
// host, which EXPOSE cannot do. It ignores an argument that depends on an unknown variable.
var InvalidExpose = &lint.Rule{
	Name: "invalid-expose", Summary: "EXPOSE has an invalid container port", Category: lint.Runtime,
	Aliases:  []string{"DL3011", "ExposeInvalidFormat", "DS-0008"},
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage,
	Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnInstruction("EXPOSE", func(p *lint.Pass, s *plan.Step, _ *instructions.ExposeCommand) {
		refusal := frontend.On(p, frontend.Expose, s)
		all, _ := container.Exposes(s)
		reported := false
		for _, e := range all {
			f := checkExpose(p, e)
			if f == nil || f.Severity != lint.Error {
				continue
			}
			reported = true
			frontend.Claim(p, f, refusal != nil && refusal.Breaks) // BuildKit does not look at a stage that it does not build
		}
		if refusal != nil && !reported {
			refusal.Report(p)
		}
	}),
}

func checkExpose(p *lint.Pass, e container.Expose) *lint.Finding {
	refused := func(part, format string, args ...any) *lint.Finding {
		return p.Report(e.Span(part), format, args...).Because("BuildKit rejects this argument")
	}
	switch host, hostPort, port, proto := e.Split(); {
	case strings.HasPrefix(e.Text, "#"):
		return refused(e.Text, "`%s` is not a port", e.Text).
			Advise("move the comment to its own line, because a comment cannot follow an instruction")
	case port == "":
		return refused(e.Text, "`%s` has no container port", e.Text)
	case proto != "" && !validProtocol(proto):
		return refused(proto, "protocol `%s` is not tcp, udp or sctp", proto)
	case host != "" && !validIP(strings.Trim(host, "[]")):
		return refused(host, "`%s` is not an IP address", host).
			Advise("write only the container port, and publish it with `docker run --publish`").Alias("ExposeInvalidFormat")
	default:
		f := checkPorts(refused, port)
		if f == nil && (host != "" || hostPort != "") {
			mapping := e.Text[:strings.LastIndexByte(e.Text, ':')+1]
			f = refused(mapping, "`%s` maps a port to the host, which EXPOSE cannot do", e.Text).
				Advise("write `EXPOSE %s`, and publish the port with `docker run --publish`", e.Text[len(mapping):])
			if hostPort == "" || validRange(hostPort) {
				f.Because("BuildKit ignores the host's part of the mapping, and will reject mappings in a future release")
				f.Severity = lint.Warning
			}
		}
		if f != nil && parity.MappedPort(host, hostPort) {
			f.Alias("ExposeInvalidFormat")
		}
		if f != nil && parity.HighPort(port, e.Expanded) {
			f.Alias("DL3011", "DS-0008")
		}
		return f
	}
}

// checkPorts reports a port, or a range of ports, that BuildKit cannot read.
func checkPorts(refused func(part, format string, args ...any) *lint.Finding, text string) *lint.Finding {
	from, to, isRange := strings.Cut(text, "-")
	first, err := strconv.Atoi(from)
	if err != nil {
		if from == "" {
			from = text // it begins with the hyphen
		}
		return refused(text, "`%s` is not a port number", from).
			Advise("write a number from 1 to 65535, or a range such as `8000-8010`")
	}
	last := first
	if isRange {
		if last, err = strconv.Atoi(to); err != nil {
			return refused(text, "`%s` is not a port range", text).Advise("write a range such as `8000-8010`")
		}
	}
	switch {
	case first > container.MaxPort:
		return refused(from, "port %d is above %d", first, container.MaxPort)
	case last > container.MaxPort:
		return refused(to, "port %d is above %d", last, container.MaxPort)
	case first < 0:
		return refused(text, "port %d is negative", first)
	case last < first:
		return refused(text, "range `%s` ends before it begins", text).Advise("write `%d-%d`", last, first)
	}
	return nil
}

// validRange reports whether BuildKit can read a port or a range of ports.
func validRange(text string) bool {
	from, to, isRange := strings.Cut(text, "-")
	first, err := strconv.ParseUint(from, 10, 16)
	if err != nil || !isRange {
		return err == nil
	}
	last, err := strconv.ParseUint(to, 10, 16)
	return err == nil && first <= last
}

func validProtocol(proto string) bool {
	switch strings.ToLower(proto) {
	case "tcp", "udp", "sctp":
		return true
	}
	return false
}

func validIP(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}
