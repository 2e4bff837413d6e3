package container

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/internal/app"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// Server is a program that the container runs, with the ports on which it listens according to its source code, its
// settings or its command line.
type Server struct {
	At parser.Span // the word that names it
	// Listens are all of these ports, before the environment replaces any. One from the command line has no File.
	Listens []app.Listen
	env     map[string]string
	pass    *lint.Pass
}

// Only is the server of a container that starts only one program; nil where several start, or its ports are not known.
func (c *Container) Only() *Server {
	if all := c.Servers(); len(all) == 1 && len(c.Tasks()) <= 1 {
		return &all[0]
	}
	return nil
}

func findServers(p *lint.Pass) []Server {
	if p.Plan.Target == nil {
		return nil
	}
	var out []Server
	for _, t := range tasks.Of(p) {
		s := Server{env: t.Env, pass: p}
		switch name := t.Name(); {
		case readCommandLine(p, &t, &s):
		case app.Of(p) == nil:
		case t.Python():
			s.At, s.Listens = running(p, &t, t.Operand("-W", "-X", "-m", "-c"), ".py")
		case t.interprets() != nil:
			row := t.interprets()
			s.At, s.Listens = running(p, &t, t.Operand(row.valued...), row.sources...)
		case name == "puma", name == "rails" && (t.Arg(1) == "server" || t.Arg(1) == "s"):
			if !t.Command().Has("-p", "--port", "-b", "--bind") && t.Operand() <= 1 {
				s.At = t.Words[0].Span
				s.Listens = loaded(p, t.Dir, "config/puma.rb")
			}
		case name == "java":
			s.At = t.Words[0].Span
			s.Listens = spring(p, &t)
		default:
			s.At = t.Words[0].Span
			if s.Listens = goServer(p, &t); s.Listens == nil {
				s.Listens = rustServer(p, &t)
			}
		}
		if len(s.Listens) > 0 {
			out = append(out, s)
		}
	}
	if s, ok := nginx(p); ok {
		s.pass = p
		out = append(out, s)
	}
	return out
}

// interprets is the row of an interpreter that runs a source file, nil if t is none.
func (t *Task) interprets() *program {
	if row := t.program(); row.sources != nil {
		return row
	}
	if m := t.Manager(); m != nil && m.Runner != nil && m.Runner.Interpreter {
		return &program{sources: javaScript, valued: nodeValued}
	}
	return nil
}

// running are the ports in the source file that the n-th word names, with or without one of the endings.
func running(p *lint.Pass, t *Task, n int, endings ...string) (parser.Span, []app.Listen) {
	if n == 0 || !t.Words[n].Literal || n+1 < len(t.Words) && arguments(t, n+1) {
		return parser.Span{}, nil
	}
	w := t.Words[n]
	for _, ending := range append([]string{""}, endings...) {
		if listens := loaded(p, t.Dir, w.Text+ending); listens != nil {
			return w.Span, listens
		}
	}
	// A compiler writes into dist what it reads in src.
	if rest, ok := strings.CutPrefix(path.Clean(w.Text), "dist/"); ok {
		stem := strings.TrimSuffix(rest, ".js")
		if listens := app.Of(p).ListensOf(path.Join("src", stem+".ts")); listens != nil {
			return w.Span, listens
		}
	}
	return parser.Span{}, nil
}

// arguments reports whether a word from n on mentions ports or hosts, so that the program may listen elsewhere.
func arguments(t *Task, n int) bool {
	for _, w := range t.Words[n:] {
		for _, part := range [...]string{"port", "-p", "host"} {
			if strings.Contains(w.Text, part) {
				return true
			}
		}
		if strings.ContainsAny(w.Text, "0123456789") {
			return true
		}
	}
	return false
}

// Sources are the ports on which the file called name in the directory dir of the image listens when it runs.
func (c *Container) Sources(dir, name string) []app.Listen { return loaded(c.pass, dir, name) }

func loaded(p *lint.Pass, dir, name string) []app.Listen {
	file, ok := p.Origin(p.Plan.Target, absolute(dir, name))
	if !ok {
		return nil
	}
	return app.Of(p).ListensOf(file)
}

// spring are the ports in Spring Boot's settings, unless the command line may set others.
func spring(p *lint.Pass, t *Task) []app.Listen {
	for _, w := range t.Words {
		if strings.Contains(w.Text, "server.port") || strings.Contains(w.Text, "spring.") || !w.Literal {
			return nil
		}
	}
	return all(p, "Spring")
}

// goServer are the ports of the Go program that t runs, if the build compiles it from the build context.
func goServer(p *lint.Pass, t *Task) []app.Listen {
	programs := app.Of(p).Programs()
	if t.Name() == "" || len(programs) == 0 || len(t.Words) > 1 && arguments(t, 1) && !t.installs(ecosystem.LanguageGo) {
		return nil
	}
	listens := all(p, "Go", "Gin", "Echo", "Fiber")
	if t.installs(ecosystem.LanguageGo) {
		if !t.runsSources() || len(programs) > 1 {
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

// rustServer are the ports of the Rust program that t runs, if the build compiles it from the build context
// and there is no other program.
func rustServer(p *lint.Pass, t *Task) []app.Listen {
	crate := app.Of(p).Crate()
	if t.Name() == "" || crate == nil || !t.installs(ecosystem.LanguageRust) && len(t.Words) > 1 && arguments(t, 1) {
		return nil
	}
	if t.installs(ecosystem.LanguageRust) {
		if !t.runsSources() {
			return nil
		}
		return all(p, "Rust", "Rocket")
	}
	names := called(p, t)
	if !slices.ContainsFunc(names, func(name string) bool { return slices.Contains(crate, name) }) {
		return nil
	}
	return all(p, "Rust", "Rocket")
}

// called are the names that the file which t runs has in the stages.
func called(p *lint.Pass, t *Task) []string {
	name := t.Words[0].Text
	runs := func(to string) bool {
		return to == absolute(t.Dir, name) || path.Base(to) == name && strings.HasSuffix(path.Dir(to), "bin")
	}
	names := []string{path.Base(name)}
	for _, s := range p.Plan.Target.Lineage() {
		for _, step := range s.Steps {
			if step.Copy == nil || step.Copy.From == nil || step.Copy.From.Stage == nil ||
				!runs(absolute(step.Workdir.Text, step.Copy.To.Text)) {
				continue
			}
			for _, src := range step.Copy.Sources {
				names = append(names, path.Base(src.Path.Text))
			}
		}
	}
	return names
}

// compiled is the directory from which a stage that the target needs compiles the Go program that t runs.
func compiled(p *lint.Pass, t *Task) (folder string, ok bool) {
	names := called(p, t)
	for _, s := range p.Plan.Stages {
		if !s.Reached {
			continue
		}
		for _, sc := range p.Scripts(s) {
			for _, c := range sc.Commands {
				m := ecosystem.Of(c.Name)
				if m == nil || m.Language != ecosystem.LanguageGo || len(c.Words) < 2 ||
					!ecosystem.Has(m.Build.Verbs, c.Words[1].Text) {
					continue
				}
				from := "."
				args := c.Operands(m.Valued...)
				if len(args) > 1 {
					from = args[len(args)-1].Text
				}
				to := path.Base(path.Join("/", c.Dir().Text, from))
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

// all are the ports in all sources of the frameworks; none if some sources were not read.
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

// Port is the one port on which the server listens in its environment; ok is false where it may be several, or one that
// is not known. Where compose files say how the image is run, each of these uses must lead to the same port.
func (s *Server) Port() (l app.Listen, ok bool) {
	all := uses.Of(s.pass)
	if len(all) == 0 {
		return s.PortIn(nil)
	}
	for i := range all {
		x, ok := s.PortIn(&all[i])
		if !ok || i > 0 && x.Port != l.Port {
			return l, false
		}
		l = x
	}
	return l, true
}

func findUses(p *lint.Pass) []lint.Service {
	var out []lint.Service
	for _, s := range p.Services() {
		if s.Command == nil && s.Entrypoint == nil {
			out = append(out, s)
		}
	}
	return out
}

// PortIn is Port for one use of the image; nil is a use that sets no variables.
func (s *Server) PortIn(use *lint.Service) (l app.Listen, ok bool) {
	for i, x := range s.Listens {
		if x.Env != "" {
			if port, set := s.variable(use, x.Env); set {
				x.Port = port
			}
		}
		if x.HostEnv != "" {
			if _, set := s.variable(use, x.HostEnv); set {
				x.Host = ""
			}
		}
		if x.Port <= 0 || x.Port > MaxPort || i > 0 && x.Port != l.Port {
			return l, false
		}
		if i == 0 {
			l = x
		}
	}
	return l, true
}

// variable is the port in the environment variable called name, 0 if it is not known or not a number.
func (s *Server) variable(use *lint.Service, name string) (port int, set bool) {
	if value, given := s.env[name]; given {
		port, _ = strconv.Atoi(value) // 0 if it is not a number
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
	v := s.pass.Plan.Target.End.Env.Lookup(name)
	if v == nil {
		return 0, app.Of(s.pass) != nil && app.Of(s.pass).Dotenv(name)
	}
	if value := v.Value(); value.Known && !v.Arg {
		port, _ = strconv.Atoi(value.Text)
	}
	return port, true
}

// Unset reports whether the port of l can be replaced by an environment variable that neither the command nor the
// image sets.
func (s *Server) Unset(l app.Listen) bool {
	_, given := s.env[l.Env]
	return l.Env != "" && !given && s.pass.Plan.Target.End.Env.Lookup(l.Env) == nil
}
