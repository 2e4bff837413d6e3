package container

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/lazy"
)

// program is what is known of a program that containers start. A package manager is a row of internal/ecosystem
// instead.
type program struct {
	names   string   // separated by spaces
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
	serveResult    = "build in an earlier stage, and serve the result with a web server"
	startProgram   = "compile in an earlier stage, and start the compiled program"
	compiledScript = "compile in an earlier stage, and start the result with `node`"
)

// programs are the programs by name.
var programs = lazy.Value[map[string]*program]{Make: func() map[string]*program {
	all := map[string]*program{}
	for i := range table {
		for _, name := range strings.Fields(table[i].names) {
			all[name] = &table[i]
		}
	}
	return all
}}

// table is not to be changed. Sources for flags and defaults: each program's own manual, as of November 2026.
var table = [...]program{
	// Python
	{
		names:   "gunicorn",
		listens: &listens{flags: []string{"-b", "--bind"}, port: 8000, host: "127.0.0.1", all: "--bind 0.0.0.0:8000"},
		serves:  unlessAsked, reload: []string{"--reload"}, module: true,
	},
	{
		names: "hypercorn",
		listens: &listens{
			flags: []string{"-b", "--bind"}, port: 8000, host: "127.0.0.1", all: "--bind 0.0.0.0:8000",
			none: []string{"-c", "--config", "--insecure-bind", "--quic-bind"},
		},
		serves: unlessAsked, reload: []string{"--reload"}, module: true,
	},
	{
		names: "uvicorn",
		listens: &listens{
			flags: []string{"--port"}, port: 8000, host: "127.0.0.1", hosts: []string{"--host"}, all: "--host 0.0.0.0",
			env: "UVICORN_PORT", hostv: "UVICORN_HOST", none: []string{"--uds", "--fd"},
		},
		serves: unlessAsked, reload: []string{"--reload"}, module: true,
	},
	{
		names: "granian",
		listens: &listens{
			flags: []string{"--port"}, port: 8000, host: "127.0.0.1", hosts: []string{"--host"},
			env: "GRANIAN_PORT", hostv: "GRANIAN_HOST", none: []string{"--uds"},
		},
		serves: unlessAsked, reload: []string{"--reload"},
	},
	{
		names: "daphne",
		listens: &listens{
			flags: []string{"-p", "--port"}, port: 8000, host: "127.0.0.1", hosts: []string{"-b", "--bind"},
			none: []string{"-e", "--endpoint", "-u", "--unix-socket", "--fd"},
		},
		serves: unlessAsked, reload: []string{"--reload"}, module: true,
	},
	{
		names: "waitress-serve",
		listens: &listens{
			flags: []string{"--port", "--listen"}, port: 8080, hosts: []string{"--host"}, none: []string{"--unix-socket"},
		},
		serves: unlessAsked,
	},
	{names: "waitress", module: true},
	{
		names: "flask",
		listens: &listens{
			verbs: "run", flags: []string{"-p", "--port"}, port: 5000, host: "127.0.0.1", hosts: []string{"--host", "-h"},
			all: "--host 0.0.0.0", env: "FLASK_RUN_PORT", hostv: "FLASK_RUN_HOST",
		},
		before: []string{"-A", "--app", "-e", "--env-file"}, serves: runsOrDevelops, module: true,
	},
	{
		names:   "fastapi",
		listens: &listens{verbs: "run", flags: []string{"--port"}, port: 8000, hosts: []string{"--host"}, env: "PORT"},
		serves:  runsOrDevelops, module: true,
	},
	{
		names:   "streamlit",
		listens: &listens{verbs: "run", flags: []string{"--server.port"}, hosts: []string{"--server.address"}},
		serves:  runsOrDevelops, module: true,
	},
	{names: "mlflow", listens: &listens{
		verbs: "server", flags: []string{"-p", "--port"}, port: 5000, host: "127.0.0.1", hosts: []string{"-h", "--host"},
		env: "MLFLOW_PORT", hostv: "MLFLOW_HOST",
	}},
	{names: "django-admin manage.py", serves: runsServer},
	{names: "django sanic", module: true},
	{names: "uwsgi", serves: unlessAsked},
	{names: "celery", serves: func(t *Task) bool { return t.mentions("worker", "beat", "flower") }},
	{names: "watchmedo", develops: &Develops{Reason: Watches, verbs: "auto-restart", Instead: "start the program itself"}},
	{
		names:    "watchfiles",
		develops: &Develops{Reason: Watches, always: true, Instead: "start the program itself"}, module: true,
	},

	// JavaScript
	{
		names: "next",
		listens: &listens{
			verbs: "start dev", flags: []string{"-p", "--port"}, port: 3000, hosts: []string{"-H", "--hostname"}, env: "PORT",
		},
		serves: starts,
		develops: &Develops{
			verbs:   "dev",
			Instead: "run `next build` in an earlier stage, and start `next start` or its standalone server",
		},
	},
	{
		names:   "http-server",
		listens: &listens{flags: []string{"-p", "--port"}, port: 8080, hosts: []string{"-a"}, env: "PORT"},
		serves:  unlessAsked,
	},
	{
		names:   "serve",
		listens: &listens{flags: []string{"-l", "--listen", "-p"}, port: 3000, env: "PORT"}, serves: unlessAsked,
	},
	{names: "nest", serves: starts, compiles: "start"},
	{names: "pm2-runtime", serves: unlessAsked},
	{names: "ts-node", serves: unlessAsked, sources: javaScript, valued: nodeValued},
	{
		names:  "nodemon",
		serves: unlessAsked, sources: javaScript, valued: nodeValued,
		develops: &Develops{Reason: Watches, always: true, Instead: "start the program without `nodemon`"},
	},
	{
		names:   "ts-node-dev",
		sources: javaScript, valued: nodeValued,
		develops: &Develops{Reason: Watches, always: true, Instead: compiledScript},
	},
	{names: "tsnd", develops: &Develops{Reason: Watches, always: true, Instead: compiledScript}},
	{names: "node", serves: runsProgram, sources: javaScript, valued: nodeValued, console: true},
	{names: "nodejs", sources: javaScript, valued: nodeValued},
	{names: "tsx", serves: runsProgram, sources: javaScript, valued: nodeValued},
	{names: "vite", develops: &Develops{verbs: "dev serve", bare: true, Instead: serveResult}},
	{names: "nuxt nuxi", develops: &nuxt},
	{names: "astro remix vinxi", develops: &Develops{verbs: "dev", Instead: serveResult}},
	{names: "gatsby", develops: &Develops{verbs: "develop", Instead: serveResult}},
	{names: "ng webpack storybook vue-cli-service", develops: &Develops{verbs: "serve s dev", Instead: serveResult}},
	{names: "craco react-scripts react-app-rewired", develops: &Develops{verbs: "start", Instead: serveResult}},
	{names: "hugo jekyll", develops: &site, before: siteValued},
	{names: "mkdocs", develops: &site, before: siteValued, module: true},
	{names: "webpack-dev-server start-storybook", develops: &Develops{always: true, Instead: serveResult}},

	// Ruby
	{
		names:   "puma",
		listens: &listens{flags: []string{"-p", "--port", "-b", "--bind"}, none: []string{"-C", "--config"}},
		serves:  unlessAsked,
	},
	{
		names: "thin",
		listens: &listens{
			verbs: "start", flags: []string{"-p", "--port"}, port: 3000, hosts: []string{"-a", "--address"},
			none: []string{"-C", "--config", "-S", "--socket"},
		},
		serves: unlessAsked,
	},
	{
		names:   "rackup",
		listens: &listens{flags: []string{"-p", "--port"}, hosts: []string{"-o", "--host"}}, serves: unlessAsked,
	},
	{
		names:   "rails",
		listens: &listens{verbs: "server s", flags: []string{"-p", "--port"}, hosts: []string{"-b", "--binding"}},
		serves:  func(t *Task) bool { return t.Arg(1) == "server" || t.Arg(1) == "s" },
	},
	{names: "unicorn sidekiq", serves: unlessAsked},
	{names: "ruby", sources: []string{".rb"}, valued: []string{"-r", "-I"}, console: true},

	// PHP
	{
		names: "php",
		serves: func(t *Task) bool {
			return t.Arg(1) == "-S" || t.mentions("queue:work", "octane:", "horizon", "serve")
		},
		console: true,
	},
	{names: "php-fpm", serves: unlessAsked},
	{names: "symfony", develops: &Develops{
		Reason: Insecure, verbs: "serve server:start local:server:start",
		Instead: "run PHP-FPM behind a web server, or FrankenPHP",
	}},

	// Java
	{names: "java", serves: func(t *Task) bool {
		return t.mentions("-jar") || t.Operand("-cp", "-classpath", "--class-path", "-m") > 0
	}},
	{names: "catalina.sh", serves: func(t *Task) bool { return t.Arg(1) == "run" }},
	{names: "kafka-server-start.sh", serves: unlessAsked},

	// Go
	{names: "air reflex CompileDaemon gow", develops: &Develops{Reason: Watches, always: true, Instead: startProgram}},

	// Web servers and supervisors
	{names: "apache2-foreground httpd-foreground", serves: unlessAsked},
	{names: "caddy", serves: runsOrDevelops},
	{names: "nginx", serves: func(t *Task) bool { return t.mentions("daemon off") }},
	{names: "supervisord", serves: func(t *Task) bool { return t.Command().Has("-n", "--nodaemon") }},

	// Build tools
	{names: "stack cabal", compiles: "run"},
	{names: "rye hatch", runner: &pythonTool},

	// Shells and interpreters
	{
		names:   "ash bash dash sh zsh erl ghci iex irb jruby jshell julia lua perl pypy pypy3 python python2 python3 R swift",
		console: true,
	},
	{names: "ant make sbt", tool: true},
}

var (
	javaScript = []string{".js", ".ts", "/index.js", ".mjs"}
	nodeValued = []string{
		"-r", "--require", "--import", "--loader", "--env-file", "-P", "--project", "run", "watch", "--watch-path",
		"-w", "--ext", "-e",
	}
	siteValued = []string{"-s", "--source", "-p", "--port", "--bind", "-f", "--config-file"}

	nuxt = Develops{verbs: "dev", Instead: "run `nuxt build` in an earlier stage, and start `.output/server/index.mjs`"}
	site = Develops{verbs: "server serve", unless: "--watch=false", Instead: serveResult}

	pythonTool = ecosystem.Runner{
		Exec: "run exec", ExecValued: []string{"--env-file", "--with", "--directory", "--project", "-C"},
		RunValued: []string{"--env-file", "--with", "--package", "--group", "--extra"},
	}
)

// unlessAsked is program.serves of a server that runs unless it is asked for its version, for help, or to look at its
// settings.
func unlessAsked(t *Task) bool { return !t.Command().Has("--version", "--help", "--check-config") }

// starts is program.serves of a program whose first argument must be `start`.
func starts(t *Task) bool { return t.Arg(1) == "start" }

// runsOrDevelops is program.serves of a program one of whose arguments must hold `run` or `dev`.
func runsOrDevelops(t *Task) bool { return t.mentions("run", "dev") }

// mentions reports whether an argument holds one of parts.
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
	row := programs.Get()[t.Name()]
	if row == nil {
		row = programs.Get()[strings.TrimRight(t.Name(), "0123456789.")] // as php-fpm8.2
	}
	if row != nil {
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
	if row := programs.Get()[name]; row != nil && (row.console || row.tool) {
		return true
	}
	m := ecosystem.Of(name)
	return m != nil && m.Build != nil && m.Build.Compiles
}
