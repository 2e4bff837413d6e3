package container

import (
	"net/netip"
	"path"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
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
	o, line := t.program().listens, t.Command()
	switch {
	case t.Python() && len(t.Words) > 2 && path.Base(t.Arg(1)) == "manage.py" && t.Arg(2) == "runserver":
		inner := Task{Words: t.Words[2:]}
		n := inner.Operand("--settings", "--pythonpath", "-v", "--verbosity")
		h := Host{"127.0.0.1", "manage.py", inner.Words[n].Span, "0.0.0.0:8000"}
		if addr := inner.Arg(n); n > 0 && strings.Trim(addr, "0123456789") != "" {
			h.Name = hostOf(addr)
		}
		return h
	case o == nil || o.all == "", o.verbs != "" && !ecosystem.Has(o.verbs, t.Arg(t.verb())):
		return Host{}
	case o.hosts == nil:
		w, _ := line.FlagValue(o.flags...)
		h := Host{hostOf(w.Text), t.Name(), w.Span, o.all}
		if _, port, ok := cutLast(w.Text, ":"); ok && port != "" {
			all, _, _ := cutLast(o.all, ":")
			h.All = all + ":" + port
		}
		return h
	case line.Has(o.none...):
		return Host{}
	}
	h := Host{Program: t.Name(), All: o.all}
	if w, ok := line.FlagValue(o.hosts...); ok {
		h.At, h.Name = w.Span, w.Text
	} else if !line.Has(o.hosts...) && t.Env[o.hostv] == "" && c.Target.End.Env.Lookup(o.hostv) == nil {
		at := 0
		if o.verbs != "" {
			at = t.verb()
		}
		h.At, h.Name = t.Words[at].Span, o.host
	}
	return h
}

// hostOf is the host of `host:port`, "" if addr is something else.
func hostOf(addr string) string {
	host, _, ok := cutLast(addr, ":")
	if !ok {
		return ""
	}
	return strings.Trim(host, "[]")
}

// cutLast is strings.Cut at the last sep.
func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
