package container

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// readCommandLine fills in s if the command line of t tells the port, or leaves it to a known default.
func readCommandLine(p *lint.Pass, t *Task, s *Server) bool {
	name := t.Name()
	switch {
	case name == "php":
		return readPHP(p, t, s)
	case t.Python() && len(t.Words) > 2 && t.Arg(1) == "manage.py" && t.Arg(2) == "runserver":
		return readRunserver(p, t, s)
	case t.installs(ecosystem.LanguageDotnet) && len(t.Words) > 1:
		return readASPNET(p, t, s)
	case name == "vite":
		return readVite(p, t, s)
	}
	o := t.program().listens
	if o == nil || o.verbs != "" && !ecosystem.Has(o.verbs, t.Arg(t.verb())) {
		return false
	}
	c := t.Command()
	if c.Has(o.none...) || open(t) {
		return false
	}
	l := app.Listen{Framework: name, Port: o.port, Host: o.host, Env: o.env}
	if host, ok := c.FlagValue(o.hosts...); ok && name == "rails" {
		if strings.ContainsAny(host.Text, "/$") {
			return false // a socket, or an address with its own port
		}
		// With a host, Puma ignores the port in its settings and uses the default of Rails:
		// https://github.com/puma/puma/blob/master/lib/rack/handler/puma.rb.
		l.Framework, l.Port, l.Env = "rails server", 3000, "PORT"
	}
	s.At = t.Words[0].Span
	switch given := values(c, o.flags); {
	case len(given) > 1:
		return false
	case len(given) == 1:
		l.Env = ""
		s.At = given[0].Span
		if !readAddress(given[0], &l) {
			return false
		}
	case name == "gunicorn":
		if ok, sure := readGunicorn(p, t, s, &l); ok || !sure {
			return ok
		}
	}
	if h, ok := c.FlagValue(o.hosts...); ok {
		l.Host = h.Text
	} else if o.hostv != "" && (t.Env[o.hostv] != "" || p.Plan.Target.End.Env.Lookup(o.hostv) != nil) {
		l.Host = ""
	}
	if l.Port == 0 && l.Env == "" {
		return false
	}
	s.Listens = []app.Listen{l}
	return true
}

// open reports whether a word of t may expand to flags. A word after a flag is assumed to be its value.
func open(t *Task) bool {
	for i, w := range t.Words {
		if i > 0 && !w.Literal && !strings.HasPrefix(t.Words[i-1].Text, "-") &&
			strings.HasPrefix(strings.TrimLeft(w.Text, `"`), "$") {
			return true
		}
	}
	return false
}

// values are all values that c gives to one of flags. The value of a short flag may follow it without a space.
func values(c *shell.Command, flags []string) []shell.Word {
	var out []shell.Word
	for i := 1; i < len(c.Words); i++ {
		w := c.Words[i]
		for _, f := range flags {
			long := strings.HasPrefix(f, "--")
			rest, ok := strings.CutPrefix(w.Text, f)
			switch {
			case !ok:
				continue
			case rest == "" && i+1 < len(c.Words):
				out = append(out, c.Words[i+1])
				i++
			case long && strings.HasPrefix(rest, "="):
				w.Text = rest[1:]
				out = append(out, w)
			case !long && rest != "" && strings.ContainsAny(rest[:1], "0123456789:"):
				w.Text = rest
				out = append(out, w)
			default:
				continue
			}
			break
		}
	}
	return out
}

var environmentPort = lazy.Regexp{Expr: `^\$(?:(\w+)|\{(\w+)(?::?-([0-9]+))?\})$`}

// readAddress reads the value of a flag, which is a port or an address with a port.
func readAddress(w shell.Word, l *app.Listen) bool {
	text := w.Text
	for _, scheme := range []string{"tcp://", "http://", "https://"} {
		text = strings.TrimPrefix(text, scheme)
	}
	if strings.Contains(text, "unix:") || w.Literal && strings.Contains(text, "$") {
		return false
	}
	text, _, _ = strings.Cut(text, "?")
	port := text
	if i := strings.Index(text, "${"); i > 0 && text[i-1] == ':' {
		l.Host, port = strings.Trim(text[:i-1], "[]"), text[i:]
	} else if i := strings.LastIndexByte(text, ':'); i >= 0 && !strings.HasPrefix(text, "${") {
		l.Host, port = strings.Trim(text[:i], "[]"), text[i+1:]
	}
	if m := environmentPort.Get().FindStringSubmatch(port); m != nil {
		l.Env, l.Port = m[1]+m[2], 0
		l.Port, _ = strconv.Atoi(m[3]) // 0 without a default
		return true
	}
	n, err := strconv.Atoi(port)
	l.Port = n
	return err == nil
}

// readGunicorn finds the address that Gunicorn's settings or PORT choose; sure is false where they hide it.
func readGunicorn(p *lint.Pass, t *Task, s *Server, l *app.Listen) (ok, sure bool) {
	if _, given := t.Env["GUNICORN_CMD_ARGS"]; given || p.Plan.Target.End.Env.Lookup("GUNICORN_CMD_ARGS") != nil {
		return false, false
	}
	name := "gunicorn.conf.py"
	w, given := t.Command().FlagValue("-c", "--config")
	if given {
		name = strings.TrimPrefix(w.Text, "file:")
	}
	if app.Of(p) == nil {
		return false, false // there may be settings in the working directory
	}
	if file, found := p.Origin(p.Plan.Target, absolute(t.Dir, name)); found {
		if given {
			s.At = w.Span
		}
		if listens := app.Of(p).ListensOf(file); len(listens) > 0 {
			s.Listens = listens
			return true, true
		}
		return false, false
	}
	if given {
		return false, false
	}
	// Without an address Gunicorn listens on all addresses if PORT is set.
	if _, set := t.Env["PORT"]; set || p.Plan.Target.End.Env.Lookup("PORT") != nil {
		l.Host, l.Env = "", "PORT"
	}
	return false, true
}

func readPHP(p *lint.Pass, t *Task, s *Server) bool {
	l := app.Listen{Framework: "php"}
	if open(t) {
		return false
	}
	c := t.Command()
	if w, ok := c.FlagValue("-S"); ok {
		s.At = w.Span
		if !readAddress(w, &l) {
			return false
		}
		s.Listens = []app.Listen{l}
		return true
	}
	if path.Base(t.Arg(1)) != "artisan" || t.Arg(2) != "serve" && t.Arg(2) != "octane:start" {
		return false
	}
	l = app.Listen{Framework: "artisan " + t.Arg(2), Port: 8000, Host: "127.0.0.1", Env: "SERVER_PORT"}
	s.At = t.Words[2].Span
	if w, ok := c.FlagValue("--port"); ok {
		l.Env, s.At = "", w.Span
		if !readAddress(w, &l) {
			return false
		}
	}
	if h, ok := c.FlagValue("--host"); ok {
		l.Host = h.Text
	} else if v := p.Plan.Target.End.Env.Lookup("SERVER_HOST"); v != nil {
		l.Host = v.Value().Text
	}
	s.Listens = []app.Listen{l}
	return true
}

// readVite fills in s for Vite's development server, or its server for previews.
func readVite(p *lint.Pass, t *Task, s *Server) bool {
	c := t.Command()
	verb := t.Arg(1)
	switch verb {
	case "dev", "serve", "preview":
		s.At = t.Words[1].Span
	default:
		if verb != "" && !strings.HasPrefix(verb, "-") {
			return false
		}
		s.At = t.Words[0].Span
	}
	if open(t) || c.Has("-c", "--config") {
		return false
	}
	l := app.Listen{Framework: "vite"}
	known := false
	if manifest, ok := p.Origin(p.Plan.Target, absolute(t.Dir, "package.json")); ok {
		l, known = app.Of(p).Vite(path.Dir(manifest), verb == "preview")
	}
	if w, ok := c.FlagValue("--port"); ok {
		if l.File, known = "", true; !readAddress(w, &l) {
			return false
		}
	}
	if w := c.Flag("--host"); w != nil {
		l.Host = ""
		if h, ok := c.FlagValue("--host"); ok && !strings.HasPrefix(h.Text, "-") {
			l.Host = h.Text
		}
	}
	s.Listens = []app.Listen{l}
	return known
}

// readRunserver fills in s for Django's development server, whose address is an operand.
func readRunserver(_ *lint.Pass, t *Task, s *Server) bool {
	inner := Task{Words: t.Words[2:]}
	n := inner.Operand("--settings", "--pythonpath", "-v", "--verbosity")
	l := app.Listen{Framework: "runserver", Port: 8000, Host: "127.0.0.1"}
	s.At = inner.Words[n].Span
	if n > 0 && !readAddress(inner.Words[n], &l) {
		return false
	}
	s.Listens = []app.Listen{l}
	return true
}

// readASPNET fills in s for an ASP.NET application on one of Microsoft's images. The environment, `--urls` or the image
// chooses the port. Runtime images choose 8080 since .NET 8 and 80 before. SDK images unset it, which leaves port 5000
// of the loopback address: https://learn.microsoft.com/dotnet/core/compatibility/containers/8.0/aspnet-port and
// https://github.com/dotnet/dotnet-docker/tree/main/src/sdk.
func readASPNET(p *lint.Pass, t *Task, s *Server) bool {
	root := p.Plan.Target.Image()
	if root == nil || root.Ref.Registry != "mcr.microsoft.com" || open(t) {
		return false
	}
	image := root.Ref.Repository
	runs := image == "dotnet/aspnet" && t.runsCompiled()
	if !runs && (image != "dotnet/sdk" || !t.runsSources()) {
		return false
	}
	s.At = t.Words[1].Span
	l := app.Listen{Framework: t.Arg(1)}
	if w, ok := t.Command().FlagValue("--urls"); ok {
		s.At = w.Span
		return readURLs(w.Text, l, s)
	}
	scope := p.Plan.Target.End.Env
	set := func(name string) bool {
		_, given := t.Env[name]
		return given || scope.Lookup(name) != nil
	}
	if set("URLS") || set("DOTNET_URLS") || set("ASPNETCORE_HTTPS_PORTS") {
		return false
	}
	for _, name := range []string{"ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS"} {
		if _, given := t.Env[name]; given {
			return false
		}
		if v := scope.Lookup(name); v != nil {
			return v.Value().Known && readURLs(v.Value().Text, l, s)
		}
	}
	if app.Of(p) == nil || !app.Of(p).DefaultASPNET() ||
		composed(p, "ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "URLS", "DOTNET_URLS") {
		return false
	}
	if !runs {
		// The launch profiles of `dotnet run` have their own addresses.
		if _, ok := p.Origin(p.Plan.Target, absolute(t.Dir, "Properties/launchSettings.json")); ok || len(t.Words) > 2 {
			return false
		}
		l.Framework, l.Port, l.Host = "dotnet run", 5000, "localhost"
		s.Listens = []app.Listen{l}
		return true
	}
	major, err := strconv.Atoi(leading(root.Ref.Tag))
	if err != nil || major < 8 && strings.Contains(root.Ref.Tag, "chiseled") {
		return false // the first chiseled images had 8080 already
	}
	if l.Port = 8080; major < 8 {
		l.Port = 80
	}
	s.Listens = []app.Listen{l}
	return true
}

// leading is the digits at the start of s.
func leading(s string) string {
	return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))]
}

// composed reports whether a compose file may set one of the variables for what the image starts.
func composed(p *lint.Pass, names ...string) bool {
	return slices.ContainsFunc(uses.Of(p), func(use lint.Service) bool {
		return use.EnvironmentOpen || slices.ContainsFunc(names, func(name string) bool {
			_, given := use.Environment[name]
			return given
		})
	})
}

// readURLs adds the ports in `http://+:5000;https://+:5001` or `8080;8081` to s.
func readURLs(text string, l app.Listen, s *Server) bool {
	for _, url := range strings.Split(text, ";") {
		l.Host = ""
		w := shell.Word{Text: strings.TrimRight(url, "/"), Literal: true}
		if !readAddress(w, &l) {
			// `http://+` listens on the port of its scheme.
			l.Port = 80
			if strings.HasPrefix(url, "https:") {
				l.Port = 443
			}
		}
		s.Listens = append(s.Listens, l)
	}
	return true
}
