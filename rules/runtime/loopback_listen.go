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
			return p.Report(at, "%s only listens on %s", name, host).
				Because("nothing outside the container can reach a loopback address, so connections to a published port fail").
				Advise("%s", help)
		}
		if h := c.Host(&all[0]); h.Loopback() {
			report(h.At, "`"+h.Program+"`", h.Name, "use `"+h.All+"`")
			return
		}
		for _, s := range c.Servers() {
			if l, ok := s.Port(); ok && l.Loopback() {
				help := "make " + listener(l) + " listen on 0.0.0.0"
				switch l.Framework {
				case "vite":
					help = "use `--host 0.0.0.0`"
				case "dotnet run":
					port := l.Port
					if e, ok := c.Exposed().Only(); ok {
						port, _, _ = e.TCP()
					}
					help = fmt.Sprintf("add `ENV ASPNETCORE_URLS=http://0.0.0.0:%d`", port)
				}
				relate(report(s.At, listener(l), l.Host, help), l)
			}
		}
	}),
}

// listener names the server of l: by its source file, by the program, or by the framework if only settings set the port.
func listener(l app.Listen) string {
	switch {
	case l.File == "":
		return "`" + l.Framework + "`"
	case settings(l):
		return l.Framework
	}
	return "`" + l.File + "`"
}

// settings reports whether a file of settings, not the source, says where l listens.
func settings(l app.Listen) bool {
	switch path.Ext(l.File) {
	case ".properties", ".yml", ".yaml", ".json", ".toml", ".conf":
		return true
	}
	return l.Framework == "Gunicorn"
}

// listens says on which port the server of l listens, and what says so.
func listens(l app.Listen) string {
	if l.File != "" && settings(l) {
		return fmt.Sprintf("`%s` sets the port to %d", l.File, l.Port)
	}
	return fmt.Sprintf("%s listens on %d", listener(l), l.Port)
}

// relate points at the line that makes the server of l listen.
func relate(f *lint.Finding, l app.Listen) {
	switch {
	case l.File == "":
	case settings(l):
		f.RelateFile(l.File, l.Line, "the server is configured here")
	default:
		f.RelateFile(l.File, l.Line, "the server listens here")
	}
}
