package runtime

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/image"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// server is a program that a container of the target runs, and the ports on which its source, its settings or the command itself
// say that it listens. A Listen that the command tells has no File.
type server struct {
	at      parser.Span // the word that names it
	listens []app.Listen
	env     map[string]string
}

// servers are the servers that a container of the target runs.
func servers(p *lint.Pass) []server {
	if p.Plan.Target == nil {
		return nil
	}
	var out []server
	for _, t := range tasks(p) {
		s := server{env: t.env}
		switch name := t.name(); {
		case commandLine(p, &t, &s):
		case app.Of(p) == nil:
		case python(name):
			s.at, s.listens = running(p, &t, t.operand("-W", "-X", "-m", "-c"), ".py")
		case name == "node" || name == "nodejs" || name == "bun" || name == "ts-node" || name == "tsx" || name == "nodemon" || name == "ts-node-dev":
			s.at, s.listens = running(p, &t, t.operand("-r", "--require", "--import", "--loader", "--env-file", "-P", "--project", "run", "watch", "--watch-path", "-w", "--ext", "-e"), ".js", ".ts", "/index.js", ".mjs")
		case name == "ruby":
			s.at, s.listens = running(p, &t, t.operand("-r", "-I"), ".rb")
		case name == "puma", name == "rails" && (t.arg(1) == "server" || t.arg(1) == "s"):
			if !t.command().Has("-p", "--port", "-b", "--bind") && t.operand() <= 1 {
				s.at = t.words[0].Span
				s.listens = loaded(p, t.dir, "config/puma.rb")
			}
		case name == "java":
			s.at = t.words[0].Span
			s.listens = spring(p, &t)
		default:
			s.at = t.words[0].Span
			if s.listens = goServer(p, &t); s.listens == nil {
				s.listens = rustServer(p, &t)
			}
		}
		if len(s.listens) > 0 {
			out = append(out, s)
		}
	}
	if s, ok := nginx(p); ok {
		out = append(out, s)
	}
	return out
}

// running are the ports of the source that the n-th word names, with or without one of the endings.
func running(p *lint.Pass, t *task, n int, endings ...string) (parser.Span, []app.Listen) {
	if n == 0 || !t.words[n].Literal || n+1 < len(t.words) && arguments(t, n+1) {
		return parser.Span{}, nil
	}
	w := t.words[n]
	for _, ending := range append([]string{""}, endings...) {
		if listens := loaded(p, t.dir, w.Text+ending); listens != nil {
			return w.Span, listens
		}
	}
	// What a compiler puts into dist comes from src.
	if rest, ok := strings.CutPrefix(path.Clean(w.Text), "dist/"); ok {
		stem := strings.TrimSuffix(rest, ".js")
		if listens := app.Of(p).ListensOf(path.Join("src", stem+".ts")); listens != nil {
			return w.Span, listens
		}
	}
	return parser.Span{}, nil
}

// arguments reports whether a word from n on speaks of ports or hosts: the program may well obey it.
func arguments(t *task, n int) bool {
	for _, w := range t.words[n:] {
		if strings.Contains(w.Text, "port") || strings.Contains(w.Text, "-p") || strings.Contains(w.Text, "host") || strings.ContainsAny(w.Text, "0123456789") {
			return true
		}
	}
	return false
}

func loaded(p *lint.Pass, dir, name string) []app.Listen {
	file, ok := p.Origin(p.Plan.Target, absolute(dir, name))
	if !ok {
		return nil
	}
	return app.Of(p).ListensOf(file)
}

// spring are the ports in the settings of Spring Boot, unless the command sets others.
func spring(p *lint.Pass, t *task) []app.Listen {
	for _, w := range t.words {
		if strings.Contains(w.Text, "server.port") || strings.Contains(w.Text, "spring.") || !w.Literal {
			return nil
		}
	}
	return all(p, "Spring")
}

// goServer are the ports of the Go program that t runs, if the build compiles it from the context.
func goServer(p *lint.Pass, t *task) []app.Listen {
	programs := app.Of(p).Programs()
	if t.name() == "" || len(programs) == 0 || len(t.words) > 1 && arguments(t, 1) && t.name() != "go" {
		return nil
	}
	listens := all(p, "Go", "Gin", "Echo", "Fiber")
	if t.name() == "go" {
		if t.arg(1) != "run" || len(programs) > 1 {
			return nil
		}
		return listens
	}
	folder, ok := compiled(p, t)
	if !ok {
		return nil
	}
	if len(programs) == 1 {
		return listens
	}
	return slices.DeleteFunc(listens, func(l app.Listen) bool { return path.Dir(l.File) != path.Clean(folder) })
}

// rustServer are the ports of the Rust program that t runs, if the build compiles it from the context and there is no other.
func rustServer(p *lint.Pass, t *task) []app.Listen {
	crate := app.Of(p).Crate()
	if t.name() == "" || crate == nil || t.name() != "cargo" && len(t.words) > 1 && arguments(t, 1) {
		return nil
	}
	if t.name() == "cargo" {
		if t.arg(1) != "run" {
			return nil
		}
		return all(p, "Rust")
	}
	names := called(p, t)
	if !slices.ContainsFunc(names, func(name string) bool { return slices.Contains(crate, name) }) {
		return nil
	}
	return all(p, "Rust")
}

// called has the names by which the stages call the file that t runs.
func called(p *lint.Pass, t *task) []string {
	name := t.words[0].Text
	runs := func(to string) bool {
		return to == absolute(t.dir, name) || path.Base(to) == name && strings.HasSuffix(path.Dir(to), "bin")
	}
	names := []string{path.Base(name)}
	for s := range p.Plan.Target.Lineage() {
		for _, step := range s.Steps {
			if step.Copy == nil || step.Copy.From == nil || step.Copy.From.Stage == nil || !runs(absolute(step.Workdir.Text, step.Copy.To.Text)) {
				continue
			}
			for _, src := range step.Copy.Sources {
				names = append(names, path.Base(src.Path.Text))
			}
		}
	}
	return names
}

// compiled is the folder from which a reached stage compiles the Go program that t runs.
func compiled(p *lint.Pass, t *task) (folder string, ok bool) {
	names := called(p, t)
	for _, s := range p.Plan.Stages {
		if !s.Reached {
			continue
		}
		for sc := range p.Scripts(s) {
			for _, c := range sc.Commands {
				if c.Name != "go" || len(c.Words) < 2 || c.Words[1].Text != "build" {
					continue
				}
				from := "."
				if args := c.Operands("-o", "-ldflags", "-tags", "-gcflags", "-mod", "-C", "-p", "-asmflags", "-buildmode"); len(args) > 1 {
					from = args[len(args)-1].Text
				}
				to := path.Base(path.Join("/", sc.Step.Workdir.Text, from))
				if o, given := c.FlagValue("-o"); given && !strings.HasSuffix(o.Text, "/") {
					to = path.Base(o.Text)
				}
				if slices.Contains(names, to) {
					if strings.HasSuffix(from, ".go") {
						from = path.Dir(from)
					}
					folder, ok = from, true
				}
			}
		}
	}
	return folder, ok
}

// all are the ports of all sources of the frameworks, if we have read all sources.
func all(p *lint.Pass, frameworks ...string) []app.Listen {
	var out []app.Listen
	for _, l := range app.Of(p).Listens() {
		for _, f := range frameworks {
			if l.Framework == f {
				out = append(out, l)
			}
		}
	}
	if !app.Of(p).Complete() {
		return nil
	}
	return out
}

// single is the one port on which a server listens, settled by the environment; ok is false where several or an unknown one
// are possible. Where compose files tell how the image is run, all that they tell must lead to the same port.
func (s *server) single(p *lint.Pass) (l app.Listen, ok bool) {
	uses := plainUses(p)
	if len(uses) == 0 {
		return s.port(p, nil)
	}
	for i := range uses {
		x, ok := s.port(p, &uses[i])
		if !ok || i > 0 && x.Port != l.Port {
			return l, false
		}
		l = x
	}
	return l, true
}

// plainUses are the services of compose files that run what the image itself starts.
func plainUses(p *lint.Pass) []lint.Service {
	var out []lint.Service
	for _, s := range p.Services() {
		if s.Command == nil && s.Entrypoint == nil {
			out = append(out, s)
		}
	}
	return out
}

// port is single for one use of the image; nil is one that sets no variables.
func (s *server) port(p *lint.Pass, use *lint.Service) (l app.Listen, ok bool) {
	for i, x := range s.listens {
		if x.Env != "" {
			if port, set := s.variable(p, use, x.Env); set {
				x.Port = port
			}
		}
		if x.Port <= 0 || x.Port > maxPort || i > 0 && x.Port != l.Port {
			return l, false
		}
		if i == 0 {
			l = x
		}
	}
	return l, true
}

// variable is the port that the environment variable called name holds, 0 if it is not known or no number.
func (s *server) variable(p *lint.Pass, use *lint.Service, name string) (port int, set bool) {
	if value, given := s.env[name]; given {
		port, _ = strconv.Atoi(value) // what is no number is no port either
		return port, true
	}
	if use != nil {
		value, given := use.Environment[name]
		if given && value.Known {
			port, _ = strconv.Atoi(value.Text)
		}
		if given || use.EnvironmentOpen {
			return port, true
		}
	}
	v := p.Plan.Target.End.Env.Lookup(name)
	if v == nil {
		return 0, app.Of(p) != nil && app.Of(p).Dotenv(name)
	}
	if value := v.Value(); value.Known && !v.Arg {
		port, _ = strconv.Atoi(value.Text)
	}
	return port, true
}

// says is what tells the port: a source, or the command.
func (s *server) says(l app.Listen) string {
	if l.File == "" {
		return l.Framework
	}
	return l.File
}

// relate points at the line of the source that listens.
func (s *server) relate(f *lint.Finding, l app.Listen, format string, args ...any) {
	if l.File != "" {
		f.RelateFile(l.File, l.Line, format, args...)
	}
}

// exposure is what EXPOSE says in the target and the stages that it is built from.
type exposure struct {
	ports   []expose
	steps   []*plan.Step // of each port
	base    int          // the port that the base image exposes itself, or 0
	unknown bool         // a variable hides some, or the base image may have its own
}

func exposures(p *lint.Pass) exposure {
	var x exposure
	for s := range p.Plan.Target.Lineage() {
		for _, step := range s.Steps {
			if step.Instruction.Name != "EXPOSE" || step.Instruction.Cmd == nil {
				continue
			}
			for _, w := range step.Instruction.Args {
				if !step.Env.Expand(w.Value).Known {
					x.unknown = true
				}
				for _, e := range exposed(step, w) {
					x.ports = append(x.ports, e)
					x.steps = append(x.steps, step)
				}
			}
		}
		switch {
		case s.Base == nil:
			x.unknown = true
		case s.Base.External():
			port, known := image.Exposes(*s.Base.Ref)
			x.base, x.unknown = port, x.unknown || !known
		case s.Base.Stage == nil && !s.Base.Scratch:
			x.unknown = true
		}
	}
	return x
}

// names reports whether EXPOSE names the TCP port, here or in the base image.
func (x *exposure) names(port int) bool { return x.base == port || x.writes(port) }

// writes reports whether EXPOSE names the TCP port in the Dockerfile.
func (x *exposure) writes(port int) bool {
	for _, e := range x.ports {
		if from, to, ok := e.tcp(); ok && from <= port && port <= to {
			return true
		}
	}
	return false
}

// tcp is the range of TCP ports that e names.
func (e expose) tcp() (from, to int, ok bool) {
	_, _, port, proto := e.split()
	first, last, isRange := strings.Cut(port, "-")
	if !isRange {
		last = first
	}
	from, err := strconv.Atoi(first)
	if err != nil || proto != "" && !strings.EqualFold(proto, "tcp") {
		return 0, 0, false
	}
	to, err = strconv.Atoi(last)
	return from, to, err == nil
}
