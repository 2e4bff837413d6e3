// Package runtime has the rules on what a container runs and on which ports it listens.
package runtime

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// InvalidExpose reports an argument of EXPOSE that BuildKit refuses, and one that maps a port or an address of the host, which
// EXPOSE cannot do. An argument that hangs on an unknown variable is left alone.
var InvalidExpose = &lint.Rule{
	Name: "invalid-expose", Summary: "EXPOSE names no valid port of the container", Category: lint.Runtime,
	Aliases: []string{"DL3011", "ExposeInvalidFormat", "DS-0008"}, Severity: lint.Error, Profile: lint.Recommended, Scope: lint.AnyStage,
	Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnInstruction("EXPOSE", func(p *lint.Pass, s *plan.Step, _ *instructions.ExposeCommand) {
		all, _ := container.Exposes(s)
		for _, e := range all {
			invalidExpose(p, e)
		}
	}),
}

func invalidExpose(p *lint.Pass, e container.Expose) {
	refused := func(part, format string, args ...any) *lint.Finding {
		return p.Report(e.Span(part), format, args...).Because("the build stops here")
	}
	switch host, hostPort, port, proto := e.Split(); {
	case strings.HasPrefix(e.Text, "#"):
		refused(e.Text, "`%s` is no port", e.Text).
			Advise("an instruction takes no comment behind it; put it on a line of its own")
	case port == "":
		refused(e.Text, "`%s` has no port of the container", e.Text)
	case proto != "" && !validProtocol(proto):
		refused(proto, "protocol `%s` is none of tcp, udp and sctp", proto)
	case host != "" && !validIP(strings.Trim(host, "[]")):
		refused(host, "`%s` is no IP address", host).
			Advise("name the port of the container alone; `docker run --publish` maps it to the host").Alias("ExposeInvalidFormat")
	default:
		f := ports(refused, port)
		if f == nil && (host != "" || hostPort != "") {
			mapping := e.Text[:strings.LastIndexByte(e.Text, ':')+1]
			f = refused(mapping, "EXPOSE cannot map `%s` of the host", strings.TrimSuffix(mapping, ":")).
				Advise("write `EXPOSE %s`; `docker run --publish` maps it to the host", e.Text[len(mapping):])
			if hostPort == "" || validRange(hostPort) {
				f.Because("BuildKit ignores this part and will refuse it in a future release")
				f.Severity = lint.Warning
			}
		}
		if f != nil && (host != "" || hostPort != "") {
			f.Alias("ExposeInvalidFormat")
		}
		if f != nil && tooLarge(port) && !e.Expanded {
			f.Alias("DL3011", "DS-0008")
		}
	}
}

// ports reports a port, or a range of them, that BuildKit cannot read.
func ports(refused func(part, format string, args ...any) *lint.Finding, text string) *lint.Finding {
	from, to, isRange := strings.Cut(text, "-")
	first, err := strconv.Atoi(from)
	if err != nil {
		return refused(text, "`%s` is no port number", from).Advise("write a number from 1 to 65535, or a range such as `8000-8010`")
	}
	last := first
	if isRange {
		if last, err = strconv.Atoi(to); err != nil {
			return refused(text, "`%s` is no port range", text).Advise("write a range such as `8000-8010`")
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

func tooLarge(port string) bool {
	from, to, _ := strings.Cut(port, "-")
	first, _ := strconv.Atoi(from) // what is no number is not too large
	last, _ := strconv.Atoi(to)
	return max(first, last) > container.MaxPort
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
