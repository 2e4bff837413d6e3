package compose

import (
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// service reads what the merged node n says about the service called name.
func (l *loader) service(name string, n *node, s resolver) (Service, error) {
	out := Service{Service: lint.Service{Name: name, Place: n.place.Place}}
	var err error
	for _, step := range []func() error{
		func() error { out.Build, err = readBuild(name, n, s); return err },
		func() error { out.Ports, err = l.ports(n.get("ports")); return err },
		func() error { out.Expose, err = l.expose(n.get("expose")); return err },
		func() error { return l.environment(&out, n, s) },
		func() error { out.Command, err = words("command", n.get("command")); return err },
		func() error { out.Entrypoint, err = words("entrypoint", n.get("entrypoint")); return err },
		func() error { out.Volumes, err = volumes(n.get("volumes")); return err },
		func() error { out.Synced = synced(n.get("develop").get("watch")); return nil },
		func() error { out.Healthcheck, err = healthcheck(n.get("healthcheck")); return err },
		func() error { return single("user", n.get("user"), &out.User) },
		func() error {
			var mode string
			err := single("network_mode", n.get("network_mode"), &mode)
			out.HostNetwork = mode == "host"
			return err
		},
		func() error {
			profiles, err := texts("profiles", n.get("profiles"))
			for _, p := range profiles {
				if !slices.Contains(out.Profiles, p.text) {
					out.Profiles = append(out.Profiles, p.text)
				}
			}
			return err
		},
	} {
		if err := step(); err != nil {
			return out, err
		}
	}
	return out, nil
}

// single stores the scalar n in text, if there is one and it is known.
func single(what string, n *node, text *string) error {
	if n == nil || n.kind == null {
		return nil
	}
	if err := n.want(what, scalar); err != nil {
		return err
	}
	if v := value(n.text); v.Known {
		*text = v.Text
	}
	return nil
}

// remote reports whether text is an address. Source of the prefixes:
// https://docs.docker.com/build/concepts/context/#remote-context
func remote(text string) bool {
	return strings.Contains(text, "://") || beginsWith(text, "git@", "github.com/", "oci:")
}

// contextType reports whether a named context is not a directory.
func contextType(text string) bool {
	return remote(text) || beginsWith(text, "service:", "docker-image:", "target:")
}

func beginsWith(text string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(text, p) })
}

// readBuild reads how the service called name is built.
func readBuild(name string, service *node, s resolver) (*Build, error) {
	n := service.get("build")
	if n == nil || n.kind == null {
		return nil, nil
	}
	if err := n.want("build", mapping, scalar); err != nil {
		return nil, err
	}
	n = longBuild(n)
	b := &Build{Args: map[string]plan.Value{}, Contexts: map[string]string{}}
	b.Declaration = lint.Declaration{Name: name, Place: n.place.Place}
	declare := func(n *node) lint.Declared { return lint.Declared{Text: value(n.text).Text, Place: n.place.Place} }
	context, dockerfile := &node{kind: scalar, text: ".", dir: s.dir}, "Dockerfile"
	if c := n.get("context"); c != nil && c.kind != null {
		if err := c.want("context", scalar); err != nil {
			return nil, err
		}
		context, b.Declaration.Context = c, declare(c)
	}
	if err := single("dockerfile_inline", n.get("dockerfile_inline"), &b.Inline); err != nil {
		return nil, err
	}
	if d := n.get("dockerfile"); d != nil && d.kind != null {
		if err := d.want("dockerfile", scalar); err != nil {
			return nil, err
		}
		dockerfile, b.Declaration.Dockerfile = d.text, declare(d)
	}
	if strings.Contains(context.text+dockerfile, open) {
		return nil, nil
	}
	if b.Context, b.Remote = context.text, remote(context.text); !b.Remote {
		b.Context = context.local(context.text)
	}
	switch {
	case b.Inline != "":
	case b.Remote || path.IsAbs(dockerfile):
		b.Dockerfile = dockerfile
	default:
		b.Dockerfile = path.Join(b.Context, dockerfile)
	}
	if t := n.get("target"); t != nil && t.kind != null {
		if err := t.want("target", scalar); err != nil {
			return nil, err
		}
		b.Target, b.Declaration.Target = value(t.text), declare(t)
	} else {
		b.Target = known("")
	}
	if args := n.get("args"); args != nil {
		m, err := pairs("args", args)
		if err != nil {
			return nil, err
		}
		for _, key := range m.keys {
			v := m.fields[key]
			shared := service.shared || n.shared || args.shared || v.shared
			if !strings.Contains(key, open) {
				b.Declaration.Args = append(b.Declaration.Args, lint.Argument{Name: key, Shared: shared, Place: v.key})
			}
			if v.kind == scalar {
				b.Args[key] = value(v.text)
			} else if v, ok := s.env[key]; ok {
				b.Args[key] = v
			}
		}
	}
	if contexts := n.get("additional_contexts"); contexts != nil {
		m, err := pairs("additional_contexts", contexts)
		if err != nil {
			return nil, err
		}
		for _, key := range m.keys {
			v := m.fields[key]
			if b.Contexts[key] = v.text; !contextType(v.text) {
				b.Contexts[key] = v.local(v.text)
			}
		}
	}
	return b, nil
}

func (l *loader) environment(out *Service, n *node, s resolver) error {
	out.Environment = map[string]plan.Value{}
	own := newMapping(n)
	if env := n.get("environment"); env != nil {
		var err error
		if own, err = pairs("environment", env); err != nil {
			return err
		}
	}
	for _, key := range own.keys {
		if v := own.fields[key]; v.kind == scalar {
			out.Environment[key] = value(v.text)
		} else {
			out.Environment[key] = s.env[key] // what the shell has where `.env` has none is not known
		}
	}
	files, err := envFiles(n.get("env_file"))
	if err != nil {
		return err
	}
	fromFiles := map[string]plan.Value{}
	for _, f := range files {
		name := f.path.local(f.path.text)
		if strings.Contains(name, open) || !readable(name) {
			out.EnvironmentOpen = true
			continue
		}
		data, err := l.readFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			out.EnvironmentOpen = true // git ignores such files more often than not
			continue
		}
		if err != nil {
			return failed(f.path.place, "cannot read `%s`: %v", name, reason(err))
		}
		set := rawEnv(string(data))
		if !f.raw {
			set, err = l.parseEnv(name, string(data), func(key string) (plan.Value, bool) {
				if v, ok := s.env[key]; ok {
					return v, true
				}
				v, ok := out.Environment[key]
				return v, ok
			})
		}
		if err != nil {
			return err
		}
		maps.Copy(fromFiles, set)
	}
	for key, v := range fromFiles {
		if _, ok := out.Environment[key]; !ok {
			out.Environment[key] = v
		}
	}
	return nil
}

// rawEnv reads a file whose values are taken literally.
func rawEnv(text string) map[string]plan.Value {
	out := map[string]plan.Value{}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if key, v, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
			out[strings.TrimSpace(key)] = known(v)
		}
	}
	return out
}

type envFile struct {
	path *node
	raw  bool
}

func envFiles(n *node) ([]envFile, error) {
	if n == nil || n.kind == null {
		return nil, nil
	}
	var out []envFile
	for _, item := range wrap(n).items {
		f := envFile{path: item}
		if item.kind == mapping {
			f.path = item.get("path")
			if format := item.get("format"); format != nil {
				f.raw = format.text == "raw"
			}
		}
		if f.path == nil {
			return nil, failed(item.place, "`env_file` has no path")
		}
		if err := f.path.want("env_file", scalar); err != nil {
			return nil, err
		}
		name := f.path.local(f.path.text)
		out = slices.DeleteFunc(out, func(o envFile) bool { return o.path.local(o.path.text) == name })
		out = append(out, f)
	}
	return out, nil
}

// unique keeps the last item of each key, in the position of the first.
func unique[T any, K comparable](items []T, key func(T) K) []T {
	at := map[K]int{}
	var out []T
	for _, item := range items {
		k := key(item)
		if i, ok := at[k]; ok {
			out[i] = item
			continue
		}
		at[k] = len(out)
		out = append(out, item)
	}
	return out
}

func (l *loader) ports(n *node) ([]lint.Port, error) {
	if n == nil || n.kind == null {
		return nil, nil
	}
	if err := n.want("ports", list); err != nil {
		return nil, err
	}
	var out []bound
	for _, item := range n.items {
		var more []bound
		var err error
		if item.kind == mapping {
			more, err = longPort(item)
		} else if err = item.want("ports", scalar, mapping); err == nil {
			more, err = shortPort(item)
		}
		if err != nil {
			return nil, err
		}
		if err := l.left.spend(len(more), 0, item.place); err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	var ports []lint.Port
	for _, b := range unique(out, bound.key) {
		ports = append(ports, b.Port)
	}
	return ports, nil
}

// bound is a port with the host address that it is bound to.
type bound struct {
	lint.Port
	ip string
}

func (b bound) key() bound { b.Place = lint.Place{}; return b }

func longPort(n *node) ([]bound, error) {
	p := bound{Port: lint.Port{Protocol: "tcp", Place: n.place.Place}}
	var target string
	for key, text := range map[string]*string{
		"target": &target, "published": &p.Published, "protocol": &p.Protocol, "host_ip": &p.ip,
	} {
		if err := single(key, n.get(key), text); err != nil {
			return nil, err
		}
	}
	if t := n.get("target"); t == nil {
		return nil, failed(n.place, "a port has no `target`")
	} else if strings.Contains(t.text, open) {
		return nil, nil
	}
	var err error
	if p.Container, err = strconv.Atoi(target); err != nil || p.Container < 1 || p.Container > 65535 {
		return nil, failed(n.place, "`%s` is not a port", brief(target))
	}
	return []bound{p}, nil
}

// shortPort reads `[[IP:]HOST:]CONTAINER[/PROTOCOL]`, where HOST and CONTAINER may be ranges.
func shortPort(n *node) ([]bound, error) {
	rest, proto, _ := strings.Cut(n.text, "/")
	if proto = strings.ToLower(proto); proto == "" || strings.Contains(proto, open) {
		proto = "tcp"
	}
	host, ip := "", ""
	if i := strings.LastIndexByte(rest, ':'); i >= 0 {
		host, rest = rest[:i], rest[i+1:]
		if i := strings.LastIndexByte(host, ':'); i >= 0 {
			ip, host = strings.Trim(host[:i], "[]"), host[i+1:]
		}
	}
	if strings.Contains(rest, open) {
		return nil, nil
	}
	if strings.Contains(host, open) {
		host = ""
	}
	wrong := failed(n.place, "`%s` is not a port", brief(strings.ReplaceAll(n.text, open, "?")))
	from, to, ok := portRange(rest)
	if !ok || proto != "tcp" && proto != "udp" && proto != "sctp" {
		return nil, wrong
	}
	first := 0
	if host != "" {
		var last int
		if first, last, ok = portRange(host); !ok {
			return nil, wrong
		}
		if last-first != to-from && from != to {
			return nil, failed(n.place, "`%s` has two ranges of different lengths", brief(n.text))
		}
	}
	var out []bound
	for i := range to - from + 1 {
		p := bound{lint.Port{Container: from + i, Protocol: proto, Place: n.place.Place}, ip}
		switch {
		case host == "":
		case from == to:
			p.Published = host
		default:
			p.Published = strconv.Itoa(first + i)
		}
		out = append(out, p)
	}
	return out, nil
}

func portRange(s string) (from, to int, ok bool) {
	first, last, isRange := strings.Cut(s, "-")
	if !isRange {
		last = first
	}
	from, err := strconv.Atoi(first)
	to, err2 := strconv.Atoi(last)
	return from, to, err == nil && err2 == nil && from >= 0 && from <= to && to <= 65535
}

func (l *loader) expose(n *node) ([]lint.Port, error) {
	items, err := texts("expose", n)
	if err != nil {
		return nil, err
	}
	var out []lint.Port
	for _, item := range items {
		if strings.Contains(item.text, open) {
			continue
		}
		more, err := shortPort(item)
		if err != nil {
			return nil, err
		}
		if err := l.left.spend(len(more), 0, item.place); err != nil {
			return nil, err
		}
		for _, b := range more {
			out = append(out, b.Port)
		}
	}
	return unique(out, func(p lint.Port) lint.Port { p.Place = lint.Place{}; return p }), nil
}

// words are the words of a command, nil where n does not say. Unknown parts of them are empty.
func words(what string, n *node) ([]string, error) {
	if n == nil || n.kind == null {
		return nil, nil
	}
	if n.kind == scalar {
		out, ok := split(strings.ReplaceAll(n.text, open, ""))
		if !ok {
			return nil, failed(n.place, "`%s` has no closing quote", what)
		}
		return out, nil
	}
	items, err := texts(what, n)
	out := []string{}
	for _, item := range items {
		out = append(out, strings.ReplaceAll(item.text, open, ""))
	}
	return out, err
}

// split splits a command into words like a shell that expands nothing.
func split(s string) (words []string, ok bool) {
	words = []string{}
	var word strings.Builder
	var quote byte
	started := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && quote != '\'' && i+1 < len(s):
			i++
			started = true
			word.WriteByte(s[i])
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteByte(c)
		case c == '"' || c == '\'':
			quote, started = c, true
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			if started {
				words = append(words, word.String())
			}
			word.Reset()
			started = false
		default:
			started = true
			word.WriteByte(c)
		}
	}
	if started {
		words = append(words, word.String())
	}
	return words, quote == 0
}

func volumes(n *node) ([]lint.Volume, error) {
	if n == nil || n.kind == null {
		return nil, nil
	}
	if err := n.want("volumes", list); err != nil {
		return nil, err
	}
	var out []lint.Volume
	for _, item := range n.items {
		v := lint.Volume{Place: item.place.Place}
		if item.kind == mapping {
			kind := ""
			for key, text := range map[string]*string{"type": &kind, "source": &v.Source, "target": &v.Target} {
				if err := single(key, item.get(key), text); err != nil {
					return nil, err
				}
			}
			v.Bind = kind == "bind"
		} else {
			if err := item.want("volumes", scalar, mapping); err != nil {
				return nil, err
			}
			v.Source, v.Target = splitVolume(item.text)
			v.Bind = strings.ContainsAny(v.Source[:min(1, len(v.Source))], "./~") || windowsPath(v.Source)
		}
		if v.Target == "" || strings.Contains(v.Target+v.Source, open) {
			continue
		}
		switch {
		case !v.Bind || windowsPath(v.Source):
		case strings.HasPrefix(v.Source, "~"):
			v.Source = path.Clean(v.Source)
		default:
			v.Source = item.local(v.Source)
		}
		v.Target = path.Clean(v.Target)
		out = append(out, v)
	}
	return unique(out, func(v lint.Volume) string { return v.Target }), nil
}

// synced reads the actions of `develop.watch` that copy files into the container. What is malformed says nothing.
// Source: https://docs.docker.com/reference/compose-file/develop/
func synced(watch *node) []lint.Volume {
	if watch == nil {
		return nil
	}
	var out []lint.Volume
	for _, item := range watch.items {
		v := lint.Volume{Place: item.place.Place, Bind: true}
		action := ""
		for key, text := range map[string]*string{"action": &action, "path": &v.Source, "target": &v.Target} {
			if single(key, item.get(key), text) != nil {
				return nil
			}
		}
		if !strings.HasPrefix(action, "sync") || v.Source == "" || v.Target == "" {
			continue
		}
		v.Source, v.Target = item.local(v.Source), path.Clean(v.Target)
		out = append(out, v)
	}
	return out
}

// splitVolume reads `[SOURCE:]TARGET[:MODE]`. The colon after a drive letter belongs to the path.
func splitVolume(s string) (source, target string) {
	var parts []string
	for at := 0; ; {
		from := at
		if windowsPath(s[at:]) {
			from += 2
		}
		i := strings.IndexByte(s[from:], ':')
		if i < 0 {
			parts = append(parts, s[at:])
			break
		}
		parts = append(parts, s[at:from+i])
		at = from + i + 1
	}
	if len(parts) == 1 {
		return "", parts[0]
	}
	return parts[0], parts[1]
}

// windowsPath reports whether s begins with a drive such as `C:\`.
func windowsPath(s string) bool {
	return len(s) > 2 && s[1] == ':' && (s[2] == '\\' || s[2] == '/') && nameLength(s[:1]) == 1
}

func healthcheck(n *node) (lint.Healthcheck, error) {
	var h lint.Healthcheck
	if n == nil || n.kind == null {
		return h, nil
	}
	if err := n.want("healthcheck", mapping); err != nil {
		return h, err
	}
	h.Place = n.place.Place
	disable := ""
	if err := single("disable", n.get("disable"), &disable); err != nil {
		return h, err
	}
	h.Disabled = disable == "true"
	switch test := n.get("test"); {
	case test == nil || test.kind == null:
	case test.kind == scalar:
		h.Test = []string{"CMD-SHELL", strings.ReplaceAll(test.text, open, "")}
	default:
		var err error
		if h.Test, err = words("healthcheck.test", test); err != nil {
			return h, err
		}
	}
	if len(h.Test) > 0 && h.Test[0] == "NONE" {
		h.Disabled, h.Test = true, nil
	}
	return h, nil
}
