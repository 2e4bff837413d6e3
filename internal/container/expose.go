package container

import (
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// MaxPort is the highest port number.
const MaxPort = 65535

// Expose is one port, or range of ports, that an EXPOSE names.
type Expose struct {
	Step     *plan.Step
	Word     parser.Word
	Text     string // after variables were expanded
	Expanded bool   // variables hide where in Word a part of Text is
}

// Exposes expands the words of step, an EXPOSE, and splits them at whitespace, as BuildKit does. A word whose value is
// not known is left out, and sets open.
func Exposes(step *plan.Step) (all []Expose, open bool) {
	for _, w := range step.Instruction.Args {
		v := step.Env.Expand(w.Value)
		if !v.Known {
			open = true
			continue
		}
		for _, text := range strings.Fields(v.Text) {
			all = append(all, Expose{step, w, text, text != w.String})
		}
	}
	return all, open
}

// Split parts `address:host port:port/protocol` as BuildKit does.
func (e Expose) Split() (host, hostPort, port, proto string) {
	parts := strings.Split(e.Text, ":")
	port, proto, _ = strings.Cut(parts[len(parts)-1], "/")
	if len(parts) > 1 {
		hostPort = parts[len(parts)-2]
		host = strings.Join(parts[:len(parts)-2], ":")
	}
	return host, hostPort, port, proto
}

// Span is the last place of part in the word, or the whole word where variables hide it.
func (e Expose) Span(part string) parser.Span {
	if i := strings.LastIndex(e.Word.String, part); i >= 0 && !e.Expanded {
		return e.Word.Span(i, i+len(part))
	}
	return e.Word.Full()
}

// TCP is the range of TCP ports that e names; ok is false if it names none.
func (e Expose) TCP() (from, to int, ok bool) {
	_, _, port, proto := e.Split()
	first, last, isRange := strings.Cut(port, "-")
	if !isRange {
		last = first
	}
	from, err := strconv.Atoi(first)
	if err != nil || proto != "" && !strings.EqualFold(proto, "tcp") {
		return 0, 0, false
	}
	to, err = strconv.Atoi(last)
	return from, to, err == nil
}

// Names reports whether e names the TCP port.
func (e Expose) Names(port int) bool {
	from, to, ok := e.TCP()
	return ok && from <= port && port <= to
}

// Exposed is what EXPOSE says in the target, in the stages that it is built from, and in their base image.
type Exposed struct {
	Ports   []Expose
	Base    int  // the port that the base image exposes itself, or 0
	Unknown bool // a variable hides some, or the base image may have its own
}

func findExposed(p *lint.Pass) *Exposed {
	x := &Exposed{}
	for _, s := range p.Plan.Target.Lineage() {
		for _, step := range s.Steps {
			if step.Instruction.Name == "EXPOSE" && step.Instruction.Cmd != nil {
				all, open := Exposes(step)
				x.Ports = append(x.Ports, all...)
				x.Unknown = x.Unknown || open
			}
		}
		switch {
		case s.Base == nil:
			x.Unknown = true
		case s.Base.External():
			port, known := image.Of(*s.Base.Ref).Port()
			x.Base, x.Unknown = port, x.Unknown || !known
		case s.Base.Stage == nil && !s.Base.Scratch:
			x.Unknown = true
		}
	}
	return x
}

// Names reports whether EXPOSE names the TCP port, here or in the base image.
func (x *Exposed) Names(port int) bool { return x.Base == port || x.Writes(port) }

// Writes reports whether EXPOSE names the TCP port in the Dockerfile.
func (x *Exposed) Writes(port int) bool {
	for _, e := range x.Ports {
		if e.Names(port) {
			return true
		}
	}
	return false
}

// Only is the single TCP port that EXPOSE names; ok is false if it names none or several. Of 80 and 443, which are
// often named together out of habit, it is 80.
func (x *Exposed) Only() (e Expose, ok bool) {
	for _, port := range x.Ports {
		from, to, tcp := port.TCP()
		switch {
		case !tcp || from != to:
			return e, false
		case len(x.Ports) == 1, from == 80 && !ok:
			e, ok = port, true
		case from != 443 || len(x.Ports) != 2:
			return e, false
		}
	}
	return e, ok
}
