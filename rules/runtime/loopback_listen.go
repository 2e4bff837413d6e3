package runtime

import (
	"net/netip"
	"path"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// LoopbackListen reports a server that listens on a loopback address alone, by its command or, with the build context, by its
// source. It is silent where the container runs more than one program, as one of them may be the caller.
var LoopbackListen = &lint.Rule{
	Name: "loopback-listen", Summary: "the server listens on a loopback address, which nothing outside the container reaches", Category: lint.Runtime,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		all := tasks(p)
		if len(all) != 1 || p.Started().Unread {
			return
		}
		report := func(at parser.Span, name, host, help string) *lint.Finding {
			return p.Report(at, "`%s` listens on %s alone", name, host).
				Because("nothing outside the container reaches a loopback address: a published port answers nobody").Advise("%s", help)
		}
		t := &all[0]
		if at, host, flag := commandHost(p, t); loopback(host) {
			name := t.name()
			if python(name) {
				name = "manage.py"
			}
			report(at, name, host, "write `"+flag+"`")
			return
		}
		for _, s := range servers(p) {
			if l, ok := s.single(p); ok && l.Loopback() {
				s.relate(report(s.at, s.says(l), l.Host, "let it listen on 0.0.0.0"), l, "%s listens here", l.Framework)
			}
		}
	}),
}

// commandHost is the address that a server's command line chooses, given or by default, with the word to blame and what to
// write instead; host is "" where the command line does not tell.
func commandHost(p *lint.Pass, t *task) (at parser.Span, host, flag string) {
	c := t.command()
	pick := func(n int, variable, otherwise string, flags ...string) (parser.Span, string, string) {
		flag := flags[0] + " 0.0.0.0"
		if w, ok := c.FlagValue(flags...); ok {
			return w.Span, w.Text, flag
		}
		scope := p.Plan.Target.End.Env
		if c.Has(flags...) || t.env[variable] != "" || scope.Lookup(variable) != nil {
			return parser.Span{}, "", ""
		}
		return t.words[n].Span, otherwise, flag
	}
	switch name := t.name(); {
	case name == "flask":
		if n := t.operand("-A", "--app", "-e", "--env-file"); t.arg(n) == "run" {
			return pick(n, "FLASK_RUN_HOST", "127.0.0.1", "--host", "-h")
		}
	case name == "uvicorn":
		if !c.Has("--uds", "--fd") {
			return pick(0, "UVICORN_HOST", "127.0.0.1", "--host")
		}
	case name == "gunicorn", name == "hypercorn":
		w, _ := c.FlagValue("-b", "--bind")
		return w.Span, hostOf(w.Text), "--bind 0.0.0.0:8000"
	case python(name) && len(t.words) > 2 && path.Base(t.arg(1)) == "manage.py" && t.arg(2) == "runserver":
		inner := task{words: t.words[2:]}
		n := inner.operand("--settings", "--pythonpath", "-v", "--verbosity")
		switch addr := inner.arg(n); {
		case n == 0, strings.Trim(addr, "0123456789") == "":
			return inner.words[n].Span, "127.0.0.1", "0.0.0.0:8000"
		default:
			return inner.words[n].Span, hostOf(addr), "0.0.0.0:8000"
		}
	}
	return parser.Span{}, "", ""
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// hostOf is the host of `host:port`, "" of what is no address.
func hostOf(addr string) string {
	i := strings.LastIndexByte(addr, ':')
	if i < 0 {
		return ""
	}
	return strings.Trim(addr[:i], "[]")
}
