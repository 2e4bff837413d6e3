package app

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// rust finds the listeners of Tokio, which Axum and Hyper use, the servers of Actix and Warp, and those of the standard
// library. An address that is not understood gives a Listen without a port, because it may be the effective one.
func (s *file) rust() {
	t := patterns.Get()
	code := s.code
	if m := t.rsTests.FindStringIndex(code); m != nil {
		code = code[:m[0]]
	}
	// Without settings, Rocket only listens on the machine itself.
	// Source: https://rocket.rs/guide/v0.5/configuration/.
	if at := strings.Index(code, "rocket::build()"); at >= 0 && !strings.Contains(code, "figment") && !strings.Contains(code, "Config") &&
		!strings.Contains(s.raw, "ROCKET_") {
		s.add(at, Listen{Framework: rocket, Port: 8000, Host: "127.0.0.1", Env: "ROCKET_PORT", HostEnv: "ROCKET_ADDRESS"})
	}
	for _, m := range t.rsBind.FindAllStringSubmatchIndex(code, maxCalls) {
		switch name := code[m[2]:m[3]]; {
		case name == ".bind" && !strings.Contains(code, "HttpServer"), name == ".run" && !strings.Contains(code,
			"warp::serve"):
			continue
		}
		args := s.args(m[1])
		if len(args) == 0 {
			continue
		}
		l := Listen{Framework: "Rust"}
		if !s.rustAddress(&l, args[0]) {
			l.Port = 0
		}
		s.add(m[0], l)
	}
}

// rocket is the framework of what listens on Rocket's default address.
const rocket = "Rocket"

// rustAddress reads `"0.0.0.0:80"`, `("0.0.0.0", 80)`, `([0, 0, 0, 0], 80)`, these as a SocketAddr, and a port in
// format!.
func (s *file) rustAddress(l *Listen, expr string) bool {
	t := patterns.Get()
	for range 3 {
		expr = strings.TrimLeft(expr, "& ")
		if m := t.rsText.FindStringSubmatch(expr); m != nil {
			l.Host = strings.Trim(m[1], "[]")
			return s.rustPort(l, m[2])
		}
		if m := t.rsPair.FindStringSubmatch(expr); m != nil {
			l.Host = m[1]
			if m[1] == "" {
				l.Host = strings.Join(strings.FieldsFunc(m[2], func(r rune) bool { return r == ',' || r == ' ' }), ".")
			}
			return s.rustPort(l, m[3])
		}
		if m := t.rsFormat.FindStringSubmatch(expr); m != nil {
			l.Host = m[1]
			return s.rustPort(l, m[2]+m[3])
		}
		var ok bool
		if expr, ok = s.let(expr); !ok {
			return false
		}
	}
	return false
}

// rustPort reads a number, an environment variable with a default, or the name of a constant that is one of them.
func (s *file) rustPort(l *Listen, expr string) bool {
	t := patterns.Get()
	for range 2 {
		var ok bool
		if l.Port, _, ok = s.port(strings.TrimSuffix(expr, "u16"), t.pyEnv); ok {
			return true
		}
		if m := t.rsEnv.FindStringSubmatch(expr); m != nil {
			l.Env = m[1]
			l.Port, _, ok = s.port(m[2], t.pyEnv)
			return ok
		}
		if expr, ok = s.let(expr); !ok {
			return false
		}
	}
	return false
}

// let is what a Rust file binds name to, if it does so once.
func (s *file) let(name string) (string, bool) {
	if !identifier(name) {
		return "", false
	}
	r, err := regexp.Compile(`\b(?:let(?:\s+mut)?|const|static)\s+` + name + `\s*(?::[^=;]+)?=\s*`)
	if err != nil {
		return "", false
	}
	all := r.FindAllStringIndex(s.code, 2)
	if len(all) != 1 {
		return "", false
	}
	from := all[0][1]
	n := strings.IndexByte(s.code[from:min(len(s.code), from+maxArgs)], ';')
	if n < 0 {
		return "", false
	}
	return strings.TrimSpace(s.text[from : from+n]), true
}

// Crate is the names that the manifest of the only Rust program in the context gives its package and its binaries; nil
// without such a program, or with several.
func (a *App) Crate() []string {
	a.Listens()
	if len(a.mains) != 1 {
		return nil
	}
	dir := a.mains[0]
	for dir != "." && path.Base(dir) != "src" {
		dir = path.Dir(dir)
	}
	src, err := a.ctx.Read(path.Join(dir, "../Cargo.toml"))
	if err != nil {
		return nil
	}
	var out []string
	for _, m := range patterns.Get().rsName.FindAllSubmatch(src, maxCalls) {
		if name := string(m[1]); !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}
