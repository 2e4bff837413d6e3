package container

import (
	"slices"
	"strings"
	"sync"

	"github.com/dockvet/dockvet/internal/ecosystem"
)

// program is what is known of a program that containers start. A package manager is a row of internal/ecosystem
// instead.
type program struct {
	listens *listens // how it listens by its command line; nil where that does not tell
	// serves reports whether the command line makes it run until it is stopped; nil if none does.
	serves func(*Task) bool
	// reload are flags that make it watch the sources.
	reload   []string
	develops *Develops // how it is a development server; nil if it never is
	// before are flags with values that may come before the verb.
	before []string
	// module says that `python -m` runs the program by its name.
	module bool
	// console says that it reads commands from a terminal unless it is given a task. A tool waits for a task, and ends
	// without one.
	console, tool bool
	// sources are the endings that a source file which it runs may be called without; valued are its own flags with
	// values.
	sources, valued []string
	// compiles are the verbs that compile and run the application in one.
	compiles string
	runner   *ecosystem.Runner // how it runs other programs
}

// listens is how the command line of a server chooses the port. Lists of words are separated by spaces.
type listens struct {
	verbs string   // one of them makes it a server; "" for any
	flags []string // that take a port, or an address with one
	port  int      // the default, 0 where a file may choose another
	host  string   // the default address, "" for all
	hosts []string // flags that take an address without a port
	env   string   // the variable that replaces the default port
	hostv string   // the variable that replaces the default address
	none  []string // flags that make it listen elsewhere, or on what we cannot tell
	all   string   // what to write to listen on all addresses, for a server that tells its own address by the command line
}

// Reason is why a development server is none for an image.
type Reason int

// The reasons.
const (
	Compiles Reason = iota // it compiles the sources while the container runs
	Watches                // it watches the sources for changes
	Insecure               // its manual says that it is for development only
)

// Develops is how a program is a development server.
type Develops struct {
	Reason  Reason
	Instead string // what to do instead
	verbs   string // any of these words makes it one, separated by spaces
	bare    bool   // it is one without a verb too
	always  bool   // it never is anything else
	unless  string // a flag that makes it none
}

// What to do instead of a development server.
const (
	serveResult  = "build in an earlier stage, and serve the result with a web server"
	startProgram = "compile in an earlier stage, and start the program itself"
)

// programs are the programs by name. Sources for flags and defaults: each one's own manual, as of November 2026.
var programs = sync.OnceValue(func() map[string]*program {
	all := map[string]*program{
		// Python
		"gunicorn": {
			listens: &listens{flags: []string{"-b", "--bind"}, port: 8000, host: "127.0.0.1", all: "--bind 0.0.0.0:8000"},
			serves:  unlessAsked, reload: []string{"--reload"}, module: true,
		},
		"hypercorn": {
			listens: &listens{
				flags: []string{"-b", "--bind"}, port: 8000, host: "127.0.0.1", all: "--bind 0.0.0.0:8000",
				none: []string{"-c", "--config", "--insecure-bind", "--quic-bind"},
			},
			serves: unlessAsked, reload: []string{"--reload"}, module: true,
		},
		"uvicorn": {
			listens: &listens{
				flags: []string{"--port"}, port: 8000, host: "127.0.0.1", hosts: []string{"--host"}, all: "--host 0.0.0.0",
				env: "UVICORN_PORT", hostv: "UVICORN_HOST", none: []string{"--uds", "--fd"},
			},
			serves: unlessAsked, reload: []string{"--reload"}, module: true,
		},
		"granian": {
			listens: &listens{
				flags: []string{"--port"}, port: 8000, host: "127.0.0.1", hosts: []string{"--host"},
				env: "GRANIAN_PORT", hostv: "GRANIAN_HOST", none: []string{"--uds"},
			},
			serves: unlessAsked, reload: []string{"--reload"},
		},
		"daphne": {
			listens: &listens{
				flags: []string{"-p", "--port"}, port: 8000, host: "127.0.0.1", hosts: []string{"-b", "--bind"},
				none: []string{"-e", "--endpoint", "-u", "--unix-socket", "--fd"},
			},
			serves: unlessAsked, reload: []string{"--reload"}, module: true,
		},
		"waitress-serve": {
			listens: &listens{
				flags: []string{"--port", "--listen"}, port: 8080, hosts: []string{"--host"}, none: []string{"--unix-socket"},
			},
			serves: unlessAsked,
		},
		"waitress": {module: true},
		"flask": {
			listens: &listens{
				verbs: "run", flags: []string{"-p", "--port"}, port: 5000, host: "127.0.0.1", hosts: []string{"--host", "-h"},
				all: "--host 0.0.0.0", env: "FLASK_RUN_PORT", hostv: "FLASK_RUN_HOST",
			},
			before: []string{"-A", "--app", "-e", "--env-file"}, serves: mentions("run", "dev"), module: true,
		},
		"fastapi": {
			listens: &listens{verbs: "run", flags: []string{"--port"}, port: 8000, hosts: []string{"--host"}, env: "PORT"},
			serves:  mentions("run", "dev"), module: true,
		},
		"streamlit": {
			listens: &listens{verbs: "run", flags: []string{"--server.port"}, hosts: []string{"--server.address"}},
			serves:  mentions("run", "dev"), module: true,
		},
		"mlflow": {listens: &listens{
			verbs: "server", flags: []string{"-p", "--port"}, port: 5000, host: "127.0.0.1", hosts: []string{"-h", "--host"},
			env: "MLFLOW_PORT", hostv: "MLFLOW_HOST",
		}},
		"django-admin": {serves: runsServer},
		"manage.py":    {serves: runsServer},
		"django":       {module: true},
		"sanic":        {module: true},
		"uwsgi":        {serves: unlessAsked},
		"celery":       {serves: mentions("worker", "beat", "flower")},
		"watchmedo":    {develops: &Develops{Reason: Watches, verbs: "auto-restart", Instead: "start the program itself"}},
		"watchfiles": {
			develops: &Develops{Reason: Watches, always: true, Instead: "start the program itself"}, module: true,
		},

		// JavaScript
		"next": {
			listens: &listens{
				verbs: "start dev", flags: []string{"-p", "--port"}, port: 3000, hosts: []string{"-H", "--hostname"}, env: "PORT",
			},
			serves: verb("start"),
			develops: &Develops{
				verbs:   "dev",
				Instead: "run `next build` in an earlier stage, and start `next start` or its standalone server",
			},
		},
		"http-server": {
			listens: &listens{flags: []string{"-p", "--port"}, port: 8080, hosts: []string{"-a"}, env: "PORT"},
			serves:  unlessAsked,
		},
		"serve": {
			listens: &listens{flags: []string{"-l", "--listen", "-p"}, port: 3000, env: "PORT"}, serves: unlessAsked,
		},
		"nest":        {serves: verb("start")},
		"pm2-runtime": {serves: unlessAsked},
		"ts-node":     {serves: unlessAsked, sources: javaScript, valued: nodeValued},
		"nodemon": {
			serves: unlessAsked, sources: javaScript, valued: nodeValued,
			develops: &Develops{Reason: Watches, always: true, Instead: "start the program with `node`"},
		},
		"ts-node-dev": {
			sources: javaScript, valued: nodeValued,
			develops: &Develops{Reason: Watches, always: true, Instead: "start the program with `node`"},
		},
		"tsnd":               {develops: &Develops{Reason: Watches, always: true, Instead: "start the program with `node`"}},
		"node":               {serves: runsProgram, sources: javaScript, valued: nodeValued, console: true},
		"nodejs":             {sources: javaScript, valued: nodeValued},
		"tsx":                {serves: runsProgram, sources: javaScript, valued: nodeValued},
		"vite":               {develops: &Develops{verbs: "dev serve", bare: true, Instead: serveResult}},
		"nuxt":               {develops: nuxt()},
		"nuxi":               {develops: nuxt()},
		"astro":              {develops: &Develops{verbs: "dev", Instead: serveResult}},
		"remix":              {develops: &Develops{verbs: "dev", Instead: serveResult}},
		"vinxi":              {develops: &Develops{verbs: "dev", Instead: serveResult}},
		"gatsby":             {develops: &Develops{verbs: "develop", Instead: serveResult}},
		"ng":                 {develops: &Develops{verbs: "serve s dev", Instead: serveResult}},
		"webpack":            {develops: &Develops{verbs: "serve s dev", Instead: serveResult}},
		"craco":              {develops: &Develops{verbs: "start", Instead: serveResult}},
		"hugo":               {develops: site(), before: siteValued},
		"jekyll":             {develops: site(), before: siteValued},
		"mkdocs":             {develops: site(), before: siteValued, module: true},
		"storybook":          {develops: &Develops{verbs: "serve s dev", Instead: serveResult}},
		"vue-cli-service":    {develops: &Develops{verbs: "serve s dev", Instead: serveResult}},
		"react-scripts":      {develops: &Develops{verbs: "start", Instead: serveResult}},
		"react-app-rewired":  {develops: &Develops{verbs: "start", Instead: serveResult}},
		"webpack-dev-server": {develops: &Develops{always: true, Instead: serveResult}},
		"start-storybook":    {develops: &Develops{always: true, Instead: serveResult}},

		// Ruby
		"puma": {
			listens: &listens{flags: []string{"-p", "--port", "-b", "--bind"}, none: []string{"-C", "--config"}},
			serves:  unlessAsked,
		},
		"thin": {
			listens: &listens{
				verbs: "start", flags: []string{"-p", "--port"}, port: 3000, hosts: []string{"-a", "--address"},
				none: []string{"-C", "--config", "-S", "--socket"},
			},
			serves: unlessAsked,
		},
		"rackup": {listens: &listens{flags: []string{"-p", "--port"}, hosts: []string{"-o", "--host"}}, serves: unlessAsked},
		"rails": {
			listens: &listens{verbs: "server s", flags: []string{"-p", "--port"}, hosts: []string{"-b", "--binding"}},
			serves:  verb("server", "s"),
		},
		"unicorn": {serves: unlessAsked},
		"sidekiq": {serves: unlessAsked},
		"ruby":    {sources: []string{".rb"}, valued: []string{"-r", "-I"}, console: true},

		// PHP
		"php": {
			serves: func(t *Task) bool {
				return t.Arg(1) == "-S" || t.mentions("queue:work", "octane:", "horizon", "serve")
			},
			console: true,
		},
		"php-fpm": {serves: unlessAsked},
		"symfony": {develops: &Develops{
			Reason: Insecure, verbs: "serve server:start local:server:start",
			Instead: "run PHP-FPM behind a web server, or FrankenPHP",
		}},

		// Java
		"java": {serves: func(t *Task) bool {
			return t.mentions("-jar") || t.Operand("-cp", "-classpath", "--class-path", "-m") > 0
		}},
		"catalina.sh":           {serves: verb("run")},
		"kafka-server-start.sh": {serves: unlessAsked},

		// Go
		"air":           {develops: &Develops{Reason: Watches, always: true, Instead: startProgram}},
		"reflex":        {develops: &Develops{Reason: Watches, always: true, Instead: startProgram}},
		"CompileDaemon": {develops: &Develops{Reason: Watches, always: true, Instead: startProgram}},
		"gow":           {develops: &Develops{Reason: Watches, always: true, Instead: startProgram}},

		// Web servers and supervisors
		"apache2-foreground": {serves: unlessAsked},
		"httpd-foreground":   {serves: unlessAsked},
		"caddy":              {serves: mentions("run", "dev")},
		"nginx":              {serves: mentions("daemon off")},
		"supervisord":        {serves: func(t *Task) bool { return t.Command().Has("-n", "--nodaemon") }},

		// Build tools
		"stack": {compiles: "run"},
		"cabal": {compiles: "run"},
		"rye":   {runner: pythonTool()},
		"hatch": {runner: pythonTool()},
	}
	for _, name := range consoles {
		if all[name] == nil {
			all[name] = &program{}
		}
		all[name].console = true
	}
	for _, name := range []string{"ant", "make", "sbt"} {
		all[name] = &program{tool: true}
	}
	return all
})

// consoles are shells and interpreters.
var consoles = [...]string{
	"ash", "bash", "dash", "sh", "zsh", "erl", "ghci", "iex", "irb", "jruby", "jshell", "julia", "lua", "perl",
	"pypy", "pypy3", "python",
	"python2", "python3", "R", "swift",
}

var (
	javaScript = []string{".js", ".ts", "/index.js", ".mjs"}
	nodeValued = []string{
		"-r", "--require", "--import", "--loader", "--env-file", "-P", "--project", "run", "watch", "--watch-path",
		"-w", "--ext", "-e",
	}
	siteValued = []string{"-s", "--source", "-p", "--port", "--bind", "-f", "--config-file"}
)

func nuxt() *Develops {
	return &Develops{verbs: "dev", Instead: "run `nuxt build` in an earlier stage, and start `.output/server/index.mjs`"}
}

func site() *Develops {
	return &Develops{verbs: "server serve", unless: "--watch=false", Instead: serveResult}
}

func pythonTool() *ecosystem.Runner {
	return &ecosystem.Runner{
		Exec: "run exec", ExecValued: []string{"--env-file", "--with", "--directory", "--project", "-C"},
		RunValued: []string{"--env-file", "--with", "--package", "--group", "--extra"},
	}
}

// unlessAsked is program.serves of a server that runs unless it is asked for its version, for help, or to look at its
// settings.
func unlessAsked(t *Task) bool { return !t.Command().Has("--version", "--help", "--check-config") }

// verb is program.serves of a program whose first argument must be one of words.
func verb(words ...string) func(*Task) bool {
	return func(t *Task) bool { return slices.Contains(words, t.Arg(1)) }
}

// mentions is program.serves of a program one of whose arguments must hold one of parts.
func mentions(parts ...string) func(*Task) bool {
	return func(t *Task) bool { return t.mentions(parts...) }
}

func (t *Task) mentions(parts ...string) bool {
	for _, w := range t.Words[1:] {
		if slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(w.Text, part) }) {
			return true
		}
	}
	return false
}

// runsServer is program.serves of Django's commands.
func runsServer(t *Task) bool { return strings.HasPrefix(t.Arg(1), "runserver") }

// runsProgram is program.serves of an interpreter for JavaScript.
func runsProgram(t *Task) bool {
	at := t.Operand("-r", "--require", "--import", "--loader")
	return at > 0 && t.Arg(1) != "-e" && t.Arg(1) != "-p" && !ends(t.Arg(at))
}

// program is the row of t, never nil.
func (t *Task) program() *program {
	if row := programs()[t.Name()]; row != nil {
		return row
	}
	return &program{}
}

// Manager is the package manager that t is, nil for another program.
func (t *Task) Manager() *ecosystem.Manager {
	name := t.Name()
	if name == "" {
		return nil
	}
	return ecosystem.Of(name)
}

// verb is the index of the word that says what t does, 0 where there is none.
func (t *Task) verb() int {
	if before := t.program().before; before != nil {
		return t.Operand(before...)
	}
	if len(t.Words) < 2 {
		return 0
	}
	return 1
}

// ReloadFlags make the server that t is watch the sources; none for another program.
func (t *Task) ReloadFlags() []string { return t.program().reload }

// Develops says how t is a development server, with the index of the word that makes it one; nil if it is none by its
// command line.
func (t *Task) Develops() (int, *Develops) {
	d := t.program().develops
	if d == nil || d.unless != "" && t.Command().Has(d.unless) {
		return 0, nil
	}
	at := t.verb()
	switch word := t.Arg(at); {
	case d.always, d.bare && (at == 0 || strings.HasPrefix(word, "-")):
		return 0, d
	case at > 0 && ecosystem.Has(d.verbs, word):
		return at, d
	}
	return 0, nil
}

// CompilesAtStart is the index of the word by which a build tool compiles and runs the application in one, 0 if t does
// not.
func (t *Task) CompilesAtStart() int {
	verbs := t.program().compiles
	if m := t.Manager(); m != nil && m.Build != nil && !t.Command().Has(m.Build.StartsUnless...) {
		verbs = m.Build.Starts
	}
	if n := t.Operand("-f", "--file", "-p", "-P"); n > 0 && ecosystem.Has(verbs, t.Arg(n)) {
		return n
	}
	return 0
}

// Waits reports whether the program called name is a shell, an interpreter or a build tool, which does nothing without
// a task.
func Waits(name string) bool {
	if row := programs()[name]; row != nil && (row.console || row.tool) {
		return true
	}
	m := ecosystem.Of(name)
	return m != nil && m.Build != nil && m.Build.Compiles
}
