package runtime

import (
	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// LoopbackListen reports a server that listens on a loopback address alone, by its command or, with the build context, by its
// source. It is silent where the container runs more than one program, as one of them may be the caller.
var LoopbackListen = &lint.Rule{
	Name: "loopback-listen", Summary: "the server listens on a loopback address, which nothing outside the container reaches", Category: lint.Runtime,
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		c := container.Of(p)
		all := c.Tasks()
		if len(all) != 1 || c.Unread {
			return
		}
		report := func(at parser.Span, name, host, help string) *lint.Finding {
			return p.Report(at, "`%s` listens on %s alone", name, host).
				Because("nothing outside the container reaches a loopback address: a published port answers nobody").Advise("%s", help)
		}
		if h := c.Host(&all[0]); h.Loopback() {
			report(h.At, h.Program, h.Name, "write `"+h.All+"`")
			return
		}
		for _, s := range c.Servers() {
			if l, ok := s.Port(); ok && l.Loopback() {
				relate(report(s.At, source(l), l.Host, "let it listen on 0.0.0.0"), l, "%s listens here", l.Framework)
			}
		}
	}),
}

// source is what says that l is the port: a file, or the command.
func source(l app.Listen) string {
	if l.File == "" {
		return l.Framework
	}
	return l.File
}

// relate points at the line of the source that listens.
func relate(f *lint.Finding, l app.Listen, format string, args ...any) {
	if l.File != "" {
		f.RelateFile(l.File, l.Line, format, args...)
	}
}
