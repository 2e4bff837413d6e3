package app

import (
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
)

// Nginx is the TCP ports that an nginx configuration in the build context listens on, and whether it includes the
// directory conf.d; ok is false where variables or other files hide some ports.
func (a *App) Nginx(name string) (listens []Listen, includes, ok bool) {
	src, err := a.ctx.Read(name)
	if err != nil {
		return nil, false, false
	}
	line := 0
	for text := range strings.Lines(string(src)) {
		line++
		text, _, _ = strings.Cut(text, "#")
		for _, m := range directives.Get().FindAllStringSubmatch(text, maxCalls) {
			switch at := m[2]; {
			case m[1] == "include" && strings.Contains(at, "conf.d/"):
				includes = true
			case m[1] == "include" && (strings.Contains(at, "mime.types") || strings.Contains(at, "_params")):
			case m[1] == "include", strings.Contains(at, "$"), m[1] == "stream":
				return nil, false, false
			case strings.HasPrefix(at, "unix:"), strings.Contains(m[3], "quic"):
			default:
				l := Listen{Framework: "nginx", File: name, Line: line}
				s := &file{}
				at = at[strings.LastIndexByte(at, ':')+1:]
				if l.Port, _, ok = s.port(at, patterns.Get().pyEnv); !ok {
					return nil, false, false
				}
				listens = append(listens, l)
			}
		}
	}
	return listens, includes, true
}

var directives = lazy.Regexp{Expr: `(?:^|[\s;{])(listen|include|stream)\s+([^;\s]+)([^;]*)`}
