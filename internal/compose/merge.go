package compose

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// merged are the services of files, each of which overrides those before it. included are the files that include these.
func (l *loader) merged(files []string, s resolver, included []string) (*node, error) {
	all := newMapping(nil)
	for _, name := range files {
		docs, err := l.documents(name, s, position{Place: lint.Place{File: name}})
		if err != nil {
			return nil, err
		}
		for _, doc := range docs {
			services := doc.get("services")
			if services == nil {
				services = newMapping(doc)
			}
			including := append(slices.Clone(included), name)
			if services, err = l.include(doc.get("include"), services, s, including); err != nil {
				return nil, err
			}
			x := extender{loader: l, resolver: s, file: name, services: services, done: map[string]*node{}}
			for _, key := range services.keys {
				full, err := x.service(key, nil)
				if err != nil {
					return nil, err
				}
				next, err := l.merge("", all.get(key), full)
				if err != nil {
					return nil, err
				}
				if next == nil {
					all.remove(key)
					continue
				}
				all.set(key, next)
			}
		}
	}
	return all, nil
}

// include adds what the entries of n describe to services.
func (l *loader) include(n, services *node, s resolver, included []string) (*node, error) {
	if n == nil || n.kind == null {
		return services, nil
	}
	if err := n.want("include", list); err != nil {
		return nil, err
	}
	for _, item := range n.items {
		paths, inner := item, resolver{env: s.env}
		var project, env *node
		if item.kind == mapping {
			paths, project, env = item.get("path"), item.get("project_directory"), item.get("env_file")
		}
		files, err := texts("include", paths)
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			return nil, failed(item.place, "`include` has no path")
		}
		if slices.ContainsFunc(files, func(f *node) bool { return remote(f.text) || strings.Contains(f.text, open) }) {
			continue // it may be anything
		}
		var names []string
		for _, f := range files {
			names = append(names, f.local(f.text))
		}
		if slices.Contains(included, names[0]) {
			return nil, failed(item.place, "`%s` includes itself", names[0])
		}
		if len(included) > maxDepth {
			return nil, failed(item.place, "`include` is nested too deeply")
		}
		inner.dir = path.Dir(names[0])
		if project != nil && project.kind == scalar {
			inner.dir = project.local(project.text)
		}
		if inner.env, err = l.includeEnv(env, s, inner.dir); err != nil {
			return nil, err
		}
		for _, name := range names {
			if !readable(name) {
				return nil, failed(item.place, "`%s` is outside the repository", name)
			}
		}
		imported, err := l.merged(names, inner, included)
		if err != nil {
			return nil, err
		}
		all := newMapping(services)
		for _, key := range imported.keys {
			both, err := l.merge("", imported.fields[key], services.get(key))
			if err != nil {
				return nil, err
			}
			all.set(key, both)
		}
		for _, key := range services.keys {
			if all.get(key) == nil {
				all.set(key, services.fields[key])
			}
		}
		services = all
	}
	return services, nil
}

// readable reports whether name is in our file system.
func readable(name string) bool {
	return !path.IsAbs(name) && name != ".." && !strings.HasPrefix(name, "../")
}

// includeEnv are the variables of an included project: those around it, which win, and those of its own files.
func (l *loader) includeEnv(n *node, s resolver, dir string) (map[string]plan.Value, error) {
	inner := resolver{env: maps.Clone(s.env)}
	names := []string{path.Join(dir, ".env")}
	if n != nil && n.kind != null {
		files, err := texts("env_file", n)
		if err != nil {
			return nil, err
		}
		names = nil
		for _, f := range files {
			names = append(names, f.local(f.text))
		}
	}
	// Later files win over earlier ones, and what is around wins over all.
	for i := len(names) - 1; i >= 0; i-- {
		name := names[i]
		if !readable(name) || strings.Contains(name, open) {
			continue
		}
		if err := l.dotenv(&inner, name); err != nil {
			return nil, err
		}
	}
	return inner.env, nil
}

// texts are the scalars of n, a scalar or a list of them.
func texts(what string, n *node) ([]*node, error) {
	if n == nil || n.kind == null {
		return nil, nil
	}
	if n.kind == scalar {
		return []*node{n}, nil
	}
	if err := n.want(what, list, scalar); err != nil {
		return nil, err
	}
	for _, item := range n.items {
		if err := item.want(what, scalar); err != nil {
			return nil, err
		}
	}
	return n.items, nil
}

// extender replaces the services of one file with what they extend and what they add to it.
type extender struct {
	*loader
	resolver
	file     string
	services *node
	done     map[string]*node
}

// service is the service called name with all that it extends. chain is the services on the way to it.
func (x *extender) service(name string, chain []string) (*node, error) {
	if full := x.done[name]; full != nil {
		return full, nil
	}
	s := x.services.get(name)
	ext := s.get("extends")
	if ext == nil || ext.kind == null {
		return s, nil
	}
	key := x.file + "\x00" + name
	if slices.Contains(chain, key) {
		return nil, failed(ext.place, "service `%s` extends itself", name)
	}
	if len(chain) > maxDepth {
		return nil, failed(ext.place, "`extends` is nested too deeply")
	}
	chain = append(slices.Clone(chain), key)
	ref, other := ext, (*node)(nil)
	if ext.kind == mapping {
		ref, other = ext.get("service"), ext.get("file")
	}
	if ref == nil || ref.kind != scalar {
		return nil, failed(ext.place, "`extends` has no service")
	}
	from := x
	if other != nil && other.kind == scalar {
		if remote(other.text) || strings.Contains(other.text, open) {
			return x.keep(name, s, s), nil // it may be anything
		}
		name := other.local(other.text)
		if !readable(name) {
			return nil, failed(other.place, "`%s` is outside the repository", name)
		}
		inner := resolver{dir: path.Dir(name), env: x.env}
		docs, err := x.documents(name, inner, other.place)
		if err != nil {
			return nil, err
		}
		from = &extender{
			loader: x.loader, resolver: inner, file: name, services: newMapping(nil), done: map[string]*node{},
		}
		for _, doc := range docs {
			if more := doc.get("services"); more != nil {
				for _, k := range more.keys {
					from.services.set(k, more.fields[k])
				}
			}
		}
	}
	if from.services.get(ref.text) == nil {
		return nil, failed(ref.place, "`%s` has no service `%s`", from.file, ref.text)
	}
	base, err := from.service(ref.text, chain)
	if err != nil {
		return nil, err
	}
	full, err := x.merge("", base, s)
	if err != nil {
		return nil, err
	}
	return x.keep(name, full, s), nil
}

// keep remembers what s has become, at its own place.
func (x *extender) keep(name string, merged, s *node) *node {
	full := newMapping(s)
	for _, key := range merged.keys {
		if key != "extends" {
			full.set(key, merged.fields[key])
		}
	}
	x.done[name] = full
	return full
}

// merge is a overridden by b, both at a path below a service such as `build.args`; nil removes the value.
// Source of the rules: https://docs.docker.com/reference/compose-file/merge/
func (l *loader) merge(at string, a, b *node) (*node, error) {
	switch {
	case b == nil:
		return a, nil
	case b.tag == "!reset":
		return nil, nil
	case a == nil || b.tag == "!override":
		return b, nil
	}
	switch at {
	case "command", "entrypoint", "healthcheck.test":
		return b, nil
	case "build":
		a, b = longBuild(a), longBuild(b)
	case "environment", "build.args", "build.additional_contexts":
		return l.mergePairs(at, a, b)
	case "env_file":
		return l.mergeLists(wrap(a), wrap(b))
	}
	switch {
	case b.kind == null:
		return a, nil
	case a.kind == null:
		return b, nil
	case a.kind != b.kind:
		return nil, failed(b.place, "`%s` is %s here, but %s in what it overrides", at, b.kind, a.kind)
	case a.kind == scalar:
		return b, nil
	case a.kind == list:
		return l.mergeLists(a, b)
	}
	out := newMapping(b)
	out.shared = a.shared || b.shared
	if at == "" {
		out.place = a.place
	}
	out.tag = a.tag
	if err := l.left.spend(len(a.keys)+len(b.keys), 0, b.place); err != nil {
		return nil, err
	}
	for _, key := range a.keys {
		out.set(key, a.fields[key])
	}
	for _, key := range b.keys {
		v, err := l.merge(strings.TrimPrefix(at+"."+key, "."), a.get(key), b.fields[key])
		if err != nil {
			return nil, err
		}
		if v == nil {
			out.remove(key)
		} else {
			out.set(key, v)
		}
	}
	return out, nil
}

func longBuild(n *node) *node {
	if n.kind != scalar {
		return n
	}
	m := newMapping(n)
	m.set("context", n)
	return m
}

func wrap(n *node) *node {
	if n.kind == list || n.kind == null {
		return n
	}
	return &node{kind: list, items: []*node{n}, place: n.place, dir: n.dir}
}

// mergeLists appends b to a. Repeats are dropped when the service is read.
func (l *loader) mergeLists(a, b *node) (*node, error) {
	if err := l.left.spend(len(a.items)+len(b.items), 0, b.place); err != nil {
		return nil, err
	}
	return &node{kind: list, items: slices.Concat(a.items, b.items), place: b.place, dir: b.dir}, nil
}

// mergePairs merges two maps that may be written as lists of `KEY=VALUE`.
func (l *loader) mergePairs(what string, a, b *node) (*node, error) {
	out := newMapping(b)
	out.shared = a.shared || b.shared
	for _, n := range []*node{a, b} {
		m, err := pairs(what, n)
		if err != nil {
			return nil, err
		}
		if err := l.left.spend(len(m.keys), 0, n.place); err != nil {
			return nil, err
		}
		for _, key := range m.keys {
			if v := m.fields[key]; v.tag == "!reset" {
				out.remove(key)
			} else {
				out.set(key, v)
			}
		}
	}
	return out, nil
}

// pairs is n as a mapping; a key without a value has null.
func pairs(what string, n *node) (*node, error) {
	m := newMapping(n)
	switch n.kind {
	case null:
	case mapping:
		for _, key := range n.keys {
			v := n.fields[key]
			if err := v.want(what, scalar, null); err != nil {
				return nil, err
			}
			m.set(key, v)
		}
	case list, scalar:
		items, err := texts(what, n)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			key, text, ok := strings.Cut(item.text, "=")
			v := &node{place: item.place, key: item.place.Place, shared: item.shared, dir: item.dir}
			v.key.Span.End = min(v.key.Span.End, v.key.Span.Start+len(key))
			if ok {
				v.kind, v.text = scalar, text
			}
			m.set(key, v)
		}
	}
	return m, nil
}
