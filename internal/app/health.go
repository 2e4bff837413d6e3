package app

import (
	"path"
	"strings"

	"github.com/dockvet/dockvet/internal/lazy"
)

// Endpoint is a route that the application has so that somebody can ask whether it works.
type Endpoint struct {
	File string // in the build context
	Line int    // from 1
	Path string // as the source writes it; a router may add a prefix
}

// Health is the first such route in the sources; ok is false if none was found.
func (a *App) Health() (e Endpoint, ok bool) {
	a.Listens()
	return a.health, a.health.Path != ""
}

// How many mentions of health one source may have.
const maxHealth = 20

var (
	// healthRoute matches a line that registers a route, in Flask, FastAPI, Django, Express and its likes, Gin, net/http,
	// ASP.NET, Sinatra, Axum and Actix. Calls of HTTP clients look different.
	healthRoute = lazy.Regexp{Expr: "(?:@\\w+(?:\\.\\w+)*\\.(?:get|route|api_route|custom_route)|" +
		"\\b(?:\\w*(?:[aA]pp|[rR]outer|[rR]outes?|[sS]erver|[mM]ux|fastify|hono|bp|[bB]lueprint|engine|group)|r|e|g)\\." +
		"(?:get|GET|Get|all|use|route|HandleFunc|Handle|MapGet|MapHealthChecks)|" +
		"\\bhttp\\.Handle(?:Func)?|^\\s*\\.(?:route|get)|#\\[get|\\bre_path|\\bpath)" +
		"\\(\\s*r?[\"'`]\\^?(?:GET )?(/?(?:[\\w.-]+/)*health(?:z|-?check|_check)?/?)\\$?[\"'`]"}
	// healthBlock matches a route of Sinatra or Rails.
	healthBlock = lazy.Regexp{Expr: `^\s*get\s*\(?\s*["'](/?(?:[\w.-]+/)*health(?:z|-?check|_check)?/?)["']|` +
		`^\s*get\s*\(?\s*["'](up)["']\s*=>\s*["']rails/health`}
	// healthFile matches a file of Next.js or Nuxt that is a route.
	healthFile = lazy.Regexp{Expr: `(?:^|/)(?:app((?:/[\w-]+)*/health(?:z|-?check)?)/route|(?:pages|server)(/api/health(?:z|-?check)?)(?:\.get)?)\.[jt]s$`}
)

// endpoint finds the first route in s that says whether the application works.
func (s *file) endpoint() (e Endpoint) {
	if m := healthFile.Get().FindStringSubmatch(s.name); m != nil {
		return Endpoint{s.name, 1, m[1] + m[2]}
	}
	route := &healthRoute
	switch path.Ext(s.name) {
	case ".rb":
		route = &healthBlock
	case ".properties", ".yml", ".yaml", ".json":
		return e
	}
	for from, n := 0, 0; n < maxHealth; n++ {
		i := strings.Index(s.raw[from:], "health")
		if i < 0 {
			break
		}
		from += i
		start := strings.LastIndexByte(s.raw[:from], '\n') + 1
		line, _, _ := strings.Cut(s.raw[start:], "\n")
		const longest = 300
		if len(line) > longest {
			return e // it is generated
		}
		if m := route.Get().FindStringSubmatch(line); m != nil {
			if lead := strings.TrimSpace(line); !strings.HasPrefix(lead, "//") && (lead[0] != '#' || strings.HasPrefix(lead, "#[")) {
				text := m[1]
				if len(m) > 2 {
					text += m[2]
				}
				return Endpoint{s.name, 1 + strings.Count(s.raw[:start], "\n"), "/" + strings.Trim(text, "/")}
			}
		}
		from = start + len(line)
	}
	return e
}
