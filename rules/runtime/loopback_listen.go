package runtime

import (
	"fmt"
	"path"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// LoopbackListen reports a server that only listens on a loopback address. Its command line says so or, with the build
// context, its source code. The rule is silent where the container runs several programs, because one of them may be
// the client.
var LoopbackListen = &lint.Rule{
	Name:     "loopback-listen",
	Summary:  "the server only listens on a loopback address, which nothing outside the container can reach",
	Category: lint.Runtime, Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1",
	Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		c := container.Of(p)
		all := c.Tasks()
		if len(all) != 1 || c.Unread {
			return
		}
		report := func(at parser.Span, name, host, help string) *lint.Finding {
			return p.Report(at, "`%s` only listens on %s", name, host).
				Because("nothing outside the container can reach a loopback address, so connections to a published port fail").
				Advise("%s", help)
		}
		if h := c.Host(&all[0]); h.Loopback() {
			report(h.At, h.Program, h.Name, "use `"+h.All+"`")
			return
		}
		for _, s := range c.Servers() {
			if l, ok := s.Port(); ok && l.Loopback() {
				relate(report(s.At, source(l), l.Host, "make it listen on 0.0.0.0"), l, "%s listens here", l.Framework)
			}
		}
	}),
}

// source names what sets the port of l: a source file, or the program.
func source(l app.Listen) string {
	if l.File == "" {
		return l.Framework
	}
	return l.File
}

// listens says on which port the server of l listens, and what says so.
func listens(l app.Listen) string {
	switch path.Ext(l.File) {
	case ".properties", ".yml", ".yaml", ".json", ".toml", ".conf":
		return fmt.Sprintf("`%s` sets the port to %d", l.File, l.Port)
	}
	return fmt.Sprintf("`%s` listens on %d", source(l), l.Port)
}

// relate points at the line of the source that listens.
func relate(f *lint.Finding, l app.Listen, format string, args ...any) {
	if l.File != "" {
		f.RelateFile(l.File, l.Line, format, args...)
	}
}
