package app

import (
	"path"
	"strings"
)

// python finds calls of Flask's `app.run(…)` and of `uvicorn.run(…)`, each with its own defaults.
func (s *file) python() {
	t := patterns.Get()
	apps := map[string]string{}
	for _, m := range t.pyFrom.FindAllStringSubmatch(s.code, -1) {
		apps[m[1]] = maybeFlask
	}
	for _, m := range t.pyApp.FindAllStringSubmatch(s.code, -1) {
		switch m[2] {
		case "Flask":
			apps[m[1]], s.flask = "Flask", true
		case "SocketIO":
			apps[m[1]] = "Flask-SocketIO"
		case "create_app":
			apps[m[1]] = maybeFlask
		default:
			apps[m[1]] = ""
		}
	}
	for _, m := range t.pyRun.FindAllStringSubmatchIndex(s.code, maxCalls) {
		name := s.code[m[2]:m[3]]
		l := Listen{Framework: apps[name], Port: 5000, Host: "127.0.0.1"}
		if name == "uvicorn" {
			l.Framework, l.Port = "Uvicorn", 8000
			if strings.Contains(s.code, "FastAPI") || strings.Contains(s.code, "fastapi") {
				l.Framework = "FastAPI"
			}
		}
		guarded, sure := s.block(m[0])
		if l.Framework == "" || !sure || strings.Contains(s.raw, "SERVER_NAME") {
			continue
		}
		l.Guarded = guarded
		if s.pythonArgs(&l, s.args(m[1])) {
			s.add(m[0], l)
		}
	}
}

// gradio finds `demo.launch(…)`. Source: https://www.gradio.app/docs/gradio/blocks#blocks-launch.
func (s *file) gradio() {
	t := patterns.Get()
	if !strings.Contains(s.code, "import gradio") && !strings.Contains(s.code, "from gradio import") {
		return
	}
	for _, m := range t.pyLaunch.FindAllStringIndex(s.code, maxCalls) {
		l := Listen{
			Framework: "Gradio", Port: 7860, Host: "127.0.0.1", Env: "GRADIO_SERVER_PORT", HostEnv: "GRADIO_SERVER_NAME",
		}
		sure := !strings.Contains(s.raw, l.HostEnv)
		for _, arg := range s.args(m[1]) {
			key, value, named := strings.Cut(arg, "=")
			value = strings.TrimSpace(value)
			switch strings.TrimSpace(key) {
			case "server_name":
				l.Host, l.HostEnv = "", ""
				if host, ok := s.literal(value); ok {
					l.Host = host
				}
			case "server_port":
				var ok bool
				l.Port, l.Env, ok = s.port(value, t.pyEnv)
				sure = sure && ok
			case "share":
				sure = sure && value == "False"
			default:
				sure = sure && named && !strings.HasPrefix(arg, "*")
			}
		}
		if sure {
			s.add(m[0], l)
		}
	}
}

// pythonArgs reads the arguments of a call that listens; it reports whether the port is sure.
func (s *file) pythonArgs(l *Listen, args []string) bool {
	var places []string // what the arguments without a name are
	switch l.Framework {
	case "Flask", maybeFlask:
		places = []string{"host", "port", "debug"}
	case "Flask-SocketIO":
		places = []string{"app", "host", "port"}
	default:
		places = []string{"app"}
	}
	for i, arg := range args {
		key, value, named := strings.Cut(arg, "=")
		key = strings.TrimSpace(key)
		if !named || !identifier(key) {
			if strings.HasPrefix(arg, "*") || i >= len(places) {
				return false
			}
			key, value = places[i], arg
		}
		value = strings.TrimSpace(value)
		var ok bool
		switch key {
		case "port":
			if l.Port, l.Env, ok = s.port(value, patterns.Get().pyEnv); !ok {
				return false
			}
		case "host":
			if l.Host, ok = s.literal(value); !ok && value != "None" {
				l.Host = ""
			}
		case "debug", "reload", "use_debugger":
			if c, ok := s.constant(value); ok {
				value = c
			}
			l.Debug = l.Debug || value == "True"
		case "uds", "fd":
			return false
		}
	}
	return true
}

// gunicorn finds `bind` in the settings of Gunicorn.
func (s *file) gunicorn() {
	t := patterns.Get()
	if strings.Count(s.code, "bind") != 1 {
		return // which of them is effective depends on the code around them
	}
	l := Listen{Framework: "Gunicorn"}
	if m := t.pyBindEnv.FindStringSubmatchIndex(s.text); m != nil {
		l.Host, l.Env = s.text[m[2]:m[3]], s.text[m[4]:m[5]]
		var ok bool
		if l.Port, _, ok = s.port(s.text[m[6]:m[7]], t.pyEnv); ok {
			s.add(m[0], l)
		}
		return
	}
	if m := t.pyBind.FindStringSubmatchIndex(s.text); m != nil {
		parts := t.address.FindStringSubmatch(s.text[m[2]:m[3]])
		if parts == nil {
			return
		}
		l.Host = strings.Trim(parts[1], "[]")
		var ok bool
		if l.Port, _, ok = s.port(parts[2], t.pyEnv); ok {
			s.add(m[0], l)
		}
	}
}

// serve finds `Bun.serve({ port: … })` and `Deno.serve({ port: … }, …)`, whose defaults are 3000 and 8000.
func (s *file) serve() {
	t := patterns.Get()
	for _, m := range t.jsServe.FindAllStringSubmatchIndex(s.code, maxCalls) {
		l := Listen{Framework: s.code[m[2]:m[3]], Port: 3000, Env: "PORT"}
		if l.Framework == "Deno" {
			l.Port, l.Env = 8000, ""
		}
		args := s.args(m[1])
		if len(args) == 0 {
			continue
		}
		ok := true
		if strings.HasPrefix(args[0], "{") {
			ok = s.serveOptions(&l, args[0])
		} else if l.Framework == "Bun" || identifier(args[0]) && len(args) > 1 {
			ok = false // settings from elsewhere
		}
		if ok {
			s.add(m[0], l)
		}
	}
}

// serveOptions reads the members of an object that Bun or Deno is given.
func (s *file) serveOptions(l *Listen, object string) bool {
	depth, start := 0, 1
	for i := 1; i < len(object); i++ {
		switch object[i] {
		case '(', '[', '{':
			depth++
			continue
		case ')', ']':
			depth--
			continue
		case '}':
			if depth--; depth >= 0 {
				continue
			}
		case ',':
			if depth > 0 {
				continue
			}
		default:
			continue
		}
		member := strings.TrimSpace(object[start:i])
		start = i + 1
		key, value, ok := strings.Cut(member, ":")
		if !ok {
			value = key
		}
		switch key, value = strings.TrimSpace(key), strings.TrimSpace(value); key {
		case "port":
			var known bool
			if l.Port, l.Env, known = s.port(value, patterns.Get().jsEnv); !known {
				return false
			}
		case "hostname":
			if l.Host, ok = s.literal(value); !ok {
				l.Host = ""
			}
		case "unix", "path", "listener":
			return false
		}
		if strings.HasPrefix(key, "...") {
			return false
		}
	}
	return true
}

// block says whether the Python code at offset at is guarded by `__name__`, and whether it certainly runs.
func (s *file) block(at int) (guarded, sure bool) {
	lines := strings.Split(s.code[:at], "\n")
	indent := len(lines[len(lines)-1]) - len(strings.TrimLeft(lines[len(lines)-1], " \t"))
	if strings.TrimSpace(lines[len(lines)-1]) != "" {
		return false, false // something precedes it on its line
	}
	for i := len(lines) - 2; i >= 0 && indent > 0; i-- {
		body := strings.TrimLeft(lines[i], " \t")
		depth := len(lines[i]) - len(body)
		if strings.TrimSpace(body) == "" || depth >= indent {
			continue
		}
		indent = depth
		word, rest, _ := strings.Cut(strings.TrimSpace(body), " ")
		switch strings.TrimSuffix(word, ":") {
		case "if":
			if !strings.HasPrefix(strings.TrimLeft(rest, "("), "__name__") {
				return guarded, false
			}
			guarded = true
		case "else", "elif", "except", "finally", "for", "while":
			return guarded, false
		}
	}
	return guarded, true
}

// node finds the calls of `listen(…)` on Node's servers.
func (s *file) node() {
	t := patterns.Get()
	servers := map[string]string{}
	for _, m := range t.jsFrom.FindAllStringSubmatch(s.code, -1) {
		servers[m[1]+m[2]] = "Node"
	}
	for _, m := range t.jsServer.FindAllStringSubmatchIndex(s.code, -1) {
		maker := s.code[m[4]:m[5]]
		if maker == "require" {
			// `require('fastify')()`
			maker = ""
			if args := s.args(m[1]); len(args) == 1 && strings.HasPrefix(strings.TrimLeft(s.code[m[1]:], " '\""), ")(") {
				maker = strings.Trim(args[0], `'"`)
			}
		}
		if f := nodeFramework(maker); f != "" {
			servers[s.code[m[2]:m[3]]] = f
		}
	}
	for _, m := range t.jsListen.FindAllStringSubmatchIndex(s.code, maxCalls) {
		l := Listen{Framework: servers[s.code[m[2]:m[3]]]}
		if s.code[m[2]:m[3]] == ")" {
			// `http.createServer(app).listen(80)` on one line.
			before := s.code[strings.LastIndexByte(s.code[:m[2]], '\n')+1 : m[2]]
			for _, maker := range []string{"http.createServer", "https.createServer", "express"} {
				if strings.Contains(before, maker+"(") {
					l.Framework = nodeFramework(maker)
				}
			}
		}
		if l.Framework != "" && s.nodeArgs(&l, s.args(m[1])) {
			s.add(m[2], l)
		}
	}
}

func nodeFramework(maker string) string {
	switch maker {
	case "express":
		return "Express"
	case "fastify", "Fastify":
		return "Fastify"
	case "Koa":
		return "Koa"
	case "NestFactory.create":
		return "NestJS"
	case "restify.createServer":
		return "Restify"
	case "polka":
		return "Polka"
	case "http.createServer", "https.createServer", "http2.createSecureServer", "net.createServer", "createServer",
		"http.Server", "Server":
		return "Node"
	}
	return ""
}

func (s *file) nodeArgs(l *Listen, args []string) bool {
	if len(args) == 0 {
		return false
	}
	port, host := args[0], ""
	if l.Framework == "Fastify" {
		l.Host = "localhost"
	}
	if strings.HasPrefix(port, "{") {
		port = ""
		for _, member := range strings.Split(strings.Trim(args[0], "{} \n\t"), ",") {
			key, value, ok := strings.Cut(member, ":")
			if key = strings.TrimSpace(key); !ok {
				value = key // `{ port }`
			}
			switch value = strings.TrimSpace(value); key {
			case "port":
				port = value
			case "host":
				host = value
			case "path":
				return false
			}
			if strings.HasPrefix(key, "...") {
				return false
			}
		}
	} else if len(args) > 1 {
		host = args[1]
	}
	if h, ok := s.literal(host); ok {
		l.Host = h
	} else if host != "" && identifier(host) {
		l.Host = "" // a name that we cannot resolve: a host, or a function to call back
	}
	var ok bool
	l.Port, l.Env, ok = s.port(port, patterns.Get().jsEnv)
	return ok && l.Port > 0
}

// golang finds the servers of net/http, gin, echo and fiber.
func (s *file) golang() {
	t := patterns.Get()
	from := len(s.listens)
	routers := map[string]string{}
	for _, m := range t.goRouter.FindAllStringSubmatch(s.code, -1) {
		routers[m[1]], _, _ = strings.Cut(m[2], ".")
	}
	for _, m := range t.goRun.FindAllStringSubmatchIndex(s.code, maxCalls) {
		name, l := "", Listen{}
		switch router := routers[s.code[m[2]:m[3]]]; {
		case router == "gin" && s.code[m[4]:m[5]] == "Run":
			name, l.Framework = "addr", "Gin"
		case router == "echo" && s.code[m[4]:m[5]] == "Start":
			name, l.Framework = "addr", "Echo"
		case router == "fiber" && s.code[m[4]:m[5]] == "Listen":
			name, l.Framework = "addr", "Fiber"
		}
		if name == "" {
			continue
		}
		args := s.args(m[1])
		if len(args) == 0 && l.Framework == "Gin" {
			l.Port, l.Env = 8080, "PORT"
			s.add(m[0], l)
		} else if len(args) > 0 && s.goAddress(&l, args[0]) {
			s.add(m[0], l)
		}
	}
	for _, m := range t.goServe.FindAllStringIndex(s.code, maxCalls) {
		l := Listen{Framework: "Go"}
		if args := s.args(m[1]); len(args) > 1 && s.goAddress(&l, args[0]) {
			s.add(m[0], l)
		}
	}
	if strings.Contains(s.code, ".ListenAndServe") {
		for _, m := range t.goServer.FindAllStringIndex(s.code, maxCalls) {
			for _, field := range s.args(m[1]) {
				l := Listen{Framework: "Go"}
				if addr, ok := strings.CutPrefix(field, "Addr:"); ok && s.goAddress(&l, strings.TrimSpace(addr)) {
					s.add(m[0], l)
				}
			}
		}
	}
	for i := range s.listens[from:] {
		s.listens[from+i].Library = !s.main()
	}
}

// main reports whether a Go file is of package main.
func (s *file) main() bool {
	return strings.HasPrefix(s.raw, "package main") || strings.Contains(s.raw, "\npackage main")
}

// goAddress reads an address such as `":8080"`, the name of such a constant, or `":" + port`.
func (s *file) goAddress(l *Listen, expr string) bool {
	t := patterns.Get()
	text, ok := s.literal(expr)
	if !ok {
		name, colon := expr, ""
		for _, prefix := range []string{
			`":"+`, `":" + `, `fmt.Sprintf(":%s", `, `fmt.Sprintf(":%v", `, `fmt.Sprintf(":%d", `,
		} {
			if rest, ok := strings.CutPrefix(expr, prefix); ok {
				name, colon = strings.TrimRight(rest, ") "), ":"
			}
		}
		for _, m := range t.goGetenv.FindAllStringSubmatch(s.text, maxCalls) {
			if m[1] == name && m[3] == name && m[4] == name {
				l.Env, text, ok = m[2], colon+m[5], true
			}
		}
		if !ok && colon != "" {
			if c, known := s.constant(name); known {
				text, ok = colon+strings.Trim(c, `"`), true
			}
		}
	}
	m := t.address.FindStringSubmatch(text)
	if !ok || m == nil {
		return false
	}
	l.Host = m[1]
	l.Port, _, ok = s.port(m[2], t.pyEnv)
	return ok
}

// ruby finds the port of Sinatra, and of Puma in config/puma.rb.
func (s *file) ruby() {
	t := patterns.Get()
	if strings.HasSuffix(s.name, "config/puma.rb") {
		if t.pumaBind.MatchString(s.code) {
			return
		}
		for _, m := range t.pumaPort.FindAllStringSubmatchIndex(s.text, maxCalls) {
			expr := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s.text[m[2]:m[3]]), ")"))
			if strings.Contains(expr, "(") && !strings.Contains(expr, ")") {
				expr += ")"
			}
			l := Listen{Framework: "Puma"}
			var ok bool
			if l.Port, l.Env, ok = s.port(expr, t.rubyEnv); ok {
				s.add(m[0], l)
			}
		}
		return
	}
	if !strings.Contains(s.text, "sinatra") && !strings.Contains(s.text, "Sinatra") {
		return
	}
	for _, m := range t.rubySet.FindAllStringSubmatchIndex(s.text, maxCalls) {
		l := Listen{Framework: "Sinatra"}
		var ok bool
		if l.Port, l.Env, ok = s.port(strings.TrimSpace(s.text[m[2]:m[3]]), t.rubyEnv); ok {
			s.add(m[2], l)
		}
	}
}

// spring finds `server.port` in Spring Boot's settings. It ignores a file with several YAML documents, because profiles
// choose among them.
func (s *file) spring() {
	if strings.Contains(s.raw, "\n---") && path.Ext(s.name) != ".properties" {
		return
	}
	at, inServer := 0, false
	for _, line := range strings.SplitAfter(s.raw, "\n") {
		start := at
		at += len(line)
		text := strings.TrimRight(line, " \t\r\n")
		if i := strings.Index(text, " #"); i >= 0 {
			text = strings.TrimRight(text[:i], " \t")
		}
		body := strings.TrimLeft(text, " \t")
		if body == "" || body[0] == '#' || body[0] == '!' {
			continue
		}
		if body == text {
			inServer = text == "server:"
		}
		value, ok := "", false
		for _, sep := range []string{"=", ":"} {
			key, v, cut := strings.Cut(body, sep)
			key = strings.TrimSpace(key)
			if cut && (key == "server.port" || inServer && body != text && key == "port") {
				value, ok = strings.Trim(strings.TrimSpace(v), `"'`), true
				break
			}
		}
		if !ok {
			continue
		}
		l := Listen{Framework: "Spring", Env: "SERVER_PORT"}
		if inner, ok := strings.CutPrefix(value, "${"); ok {
			l.Env, value, _ = strings.Cut(strings.TrimSuffix(inner, "}"), ":")
		}
		if l.Port, _, ok = s.port(value, patterns.Get().pyEnv); ok {
			s.add(start, l)
		}
	}
}
