package container

import (
	"net/netip"
	"path"
	"strings"

	"github.com/dockvet/dockvet/parser"
)

// Host is the address that a server's command line chooses, given or by default.
type Host struct {
	Name    string // an address or a name, "" where the command line does not tell
	Program string
	At      parser.Span // the word that chooses it
	All     string      // what to write to listen on all addresses
}

// Loopback reports whether only the container itself reaches h.
func (h Host) Loopback() bool {
	ip, err := netip.ParseAddr(h.Name)
	return h.Name == "localhost" || err == nil && ip.IsLoopback()
}

// Host is the address that the command line of t, a server, chooses.
func (c *Container) Host(t *Task) Host {
	line := t.Command()
	pick := func(n int, variable, otherwise string, flags ...string) Host {
		h := Host{Program: t.Name(), All: flags[0] + " 0.0.0.0"}
		if w, ok := line.FlagValue(flags...); ok {
			h.At, h.Name = w.Span, w.Text
		} else if !line.Has(flags...) && t.Env[variable] == "" && c.Target.End.Env.Lookup(variable) == nil {
			h.At, h.Name = t.Words[n].Span, otherwise
		}
		return h
	}
	switch name := t.Name(); {
	case name == "flask":
		if n := t.Operand("-A", "--app", "-e", "--env-file"); t.Arg(n) == "run" {
			return pick(n, "FLASK_RUN_HOST", "127.0.0.1", "--host", "-h")
		}
	case name == "uvicorn":
		if !line.Has("--uds", "--fd") {
			return pick(0, "UVICORN_HOST", "127.0.0.1", "--host")
		}
	case name == "gunicorn", name == "hypercorn":
		w, _ := line.FlagValue("-b", "--bind")
		return Host{hostOf(w.Text), name, w.Span, "--bind 0.0.0.0:8000"}
	case t.Python() && len(t.Words) > 2 && path.Base(t.Arg(1)) == "manage.py" && t.Arg(2) == "runserver":
		inner := Task{Words: t.Words[2:]}
		n := inner.Operand("--settings", "--pythonpath", "-v", "--verbosity")
		h := Host{"127.0.0.1", "manage.py", inner.Words[n].Span, "0.0.0.0:8000"}
		if addr := inner.Arg(n); n > 0 && strings.Trim(addr, "0123456789") != "" {
			h.Name = hostOf(addr)
		}
		return h
	}
	return Host{}
}

// hostOf is the host of `host:port`, "" of what is no address.
func hostOf(addr string) string {
	i := strings.LastIndexByte(addr, ':')
	if i < 0 {
		return ""
	}
	return strings.Trim(addr[:i], "[]")
}
