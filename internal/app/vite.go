package app

import (
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
)

// Vite is where Vite's development server in dir listens, or its server for previews, if the command line leaves it to
// the settings; ok is false where they hide it. The defaults are those since Vite 3:
// https://vite.dev/config/server-options and https://vite.dev/config/preview-options.
func (a *App) Vite(dir string, preview bool) (l Listen, ok bool) {
	manifest, err := a.ctx.Read(path.Join(dir, "package.json"))
	if err != nil {
		return l, false
	}
	t := vitePatterns.Get()
	if m := t.version.FindSubmatch(manifest); m == nil {
		return l, false
	} else if major, err := strconv.Atoi(string(m[1])); err != nil || major < 3 {
		return l, false
	}
	l = Listen{Framework: "vite", Port: 5173, Host: "localhost"}
	if preview {
		l.Port = 4173
	}
	for _, ext := range []string{".js", ".mjs", ".ts", ".cjs", ".mts", ".cts"} {
		src, err := a.ctx.Read(path.Join(dir, "vite.config"+ext))
		if err != nil {
			continue
		}
		s := &file{name: path.Join(dir, "vite.config"+ext), raw: string(src)}
		s.mask()
		return l, s.vite(&l, preview)
	}
	return l, true
}

// vite reads `server` and `preview` in a configuration.
func (s *file) vite(l *Listen, preview bool) bool {
	t := vitePatterns.Get()
	if strings.Contains(s.code, "...") || strings.Contains(s.code, "mergeConfig") || strings.Contains(s.code, "hmr") {
		return false
	}
	if hosts := t.host.FindAllStringSubmatchIndex(s.text, 2); len(hosts) == 1 {
		switch value := s.text[hosts[0][2]:hosts[0][3]]; value {
		case "true":
			l.Host = ""
		case "false":
		default:
			l.Host = strings.Trim(value, `"'`)
		}
		l.File, l.Line = s.name, s.line(hosts[0][0])
	} else if t.hosts.MatchString(s.code) {
		return false
	}
	if !t.ports.MatchString(s.code) {
		return true
	}
	ports := t.port.FindAllStringSubmatchIndex(s.code, 2)
	if len(ports) != 1 || len(t.ports.FindAllStringIndex(s.code, 2)) != 1 ||
		strings.Contains(s.code, "preview") != preview || preview && strings.Contains(s.code, "server") {
		return false
	}
	l.Port, _ = strconv.Atoi(s.code[ports[0][2]:ports[0][3]])
	l.File, l.Line = s.name, s.line(ports[0][0])
	return true
}

// viteTable has the patterns for Vite's settings.
type viteTable struct{ version, host, hosts, port, ports *regexp.Regexp }

var vitePatterns = lazy.Value[*viteTable]{Make: func() *viteTable {
	r := regexp.MustCompile
	return &viteTable{
		version: r(`"vite"\s*:\s*"[^"\d]*(\d+)`),
		host:    r(`\bhost\s*:\s*(true|false|"[^"\n]*"|'[^'\n]*')`),
		hosts:   r(`\bhost\b`),
		port:    r(`\bport\s*:\s*(\d{1,5})\b`),
		ports:   r(`\bport\b`),
	}
}}
