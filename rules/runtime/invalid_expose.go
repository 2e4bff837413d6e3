// Package runtime has the rules on what a container runs and on which ports it listens.
package runtime

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// InvalidExpose reports an argument of EXPOSE that BuildKit refuses, and one that maps a port or an address of the host, which
// EXPOSE cannot do. An argument that hangs on an unknown variable is left alone.
var InvalidExpose = &lint.Rule{
	Name: "invalid-expose", Summary: "EXPOSE names no valid port of the container", Category: lint.Runtime,
	Aliases: []string{"DL3011", "ExposeInvalidFormat", "DS-0008"}, Severity: lint.Error, Profile: lint.Recommended, Scope: lint.AnyStage,
	Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnInstruction("EXPOSE", func(p *lint.Pass, s *plan.Step, _ *instructions.ExposeCommand) {
		for _, w := range s.Instruction.Args {
			for _, e := range exposed(s, w) {
				invalidExpose(p, e)
			}
		}
	}),
}

func invalidExpose(p *lint.Pass, e expose) {
	refused := func(part, format string, args ...any) *lint.Finding {
		return p.Report(e.span(part), format, args...).Because("the build stops here")
	}
	switch host, hostPort, port, proto := e.split(); {
	case strings.HasPrefix(e.text, "#"):
		refused(e.text, "`%s` is no port", e.text).
			Advise("an instruction takes no comment behind it; put it on a line of its own")
	case port == "":
		refused(e.text, "`%s` has no port of the container", e.text)
	case proto != "" && !validProtocol(proto):
		refused(proto, "protocol `%s` is none of tcp, udp and sctp", proto)
	case host != "" && !validIP(strings.Trim(host, "[]")):
		refused(host, "`%s` is no IP address", host).
			Advise("name the port of the container alone; `docker run --publish` maps it to the host").Alias("ExposeInvalidFormat")
	default:
		f := ports(refused, port)
		if f == nil && (host != "" || hostPort != "") {
			mapping := e.text[:strings.LastIndexByte(e.text, ':')+1]
			f = refused(mapping, "EXPOSE cannot map `%s` of the host", strings.TrimSuffix(mapping, ":")).
				Advise("write `EXPOSE %s`; `docker run --publish` maps it to the host", e.text[len(mapping):])
			if hostPort == "" || validRange(hostPort) {
				f.Because("BuildKit ignores this part and will refuse it in a future release")
				f.Severity = lint.Warning
			}
		}
		if f != nil && (host != "" || hostPort != "") {
			f.Alias("ExposeInvalidFormat")
		}
		if f != nil && tooLarge(port) && !e.expanded {
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
	case first > maxPort:
		return refused(from, "port %d is above %d", first, maxPort)
	case last > maxPort:
		return refused(to, "port %d is above %d", last, maxPort)
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

const maxPort = 65535

func tooLarge(port string) bool {
	from, to, _ := strings.Cut(port, "-")
	first, _ := strconv.Atoi(from) // what is no number is not too large
	last, _ := strconv.Atoi(to)
	return max(first, last) > maxPort
}

func validProtocol(proto string) bool {
	switch strings.ToLower(proto) {
	case "tcp", "udp", "sctp":
		return true
	}
	return false
}

// expose is one port or range of ports that EXPOSE names.
type expose struct {
	word     parser.Word
	text     string // after variables were expanded
	expanded bool
}

// exposed expands a word of EXPOSE, which BuildKit then splits at blanks; nil where its value is unknown.
func exposed(s *plan.Step, w parser.Word) []expose {
	v := s.Env.Expand(w.Value)
	if !v.Known {
		return nil
	}
	var out []expose
	for text := range strings.FieldsSeq(v.Text) {
		out = append(out, expose{w, text, text != w.String})
	}
	return out
}

// split parts `address:host port:port/protocol` as BuildKit does.
func (e expose) split() (host, hostPort, port, proto string) {
	parts := strings.Split(e.text, ":")
	port, proto, _ = strings.Cut(parts[len(parts)-1], "/")
	if len(parts) > 1 {
		hostPort = parts[len(parts)-2]
		host = strings.Join(parts[:len(parts)-2], ":")
	}
	return host, hostPort, port, proto
}

// span is the last place of part in the word, or the whole word where variables hide it.
func (e expose) span(part string) parser.Span {
	if i := strings.LastIndex(e.word.String, part); i >= 0 && !e.expanded {
		return e.word.Span(i, i+len(part))
	}
	return e.word.Full()
}

func validIP(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}
