package compose

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/dockvet/dockvet/internal/yamltext"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

type loader struct {
	fsys    fs.FS
	left    *budget
	sources map[string]*parser.Source // by name
	secrets *Secrets
}

// kind is what a node is.
type kind int

const (
	null kind = iota
	scalar
	list
	mapping
)

func (k kind) String() string {
	return [...]string{"nothing", "a single value", "a list", "a mapping"}[k]
}

// node is a value of a compose file after aliases, merge keys and variables. Nodes are shared and never changed.
type node struct {
	kind   kind
	text   string // of a scalar, as compose passes it on
	items  []*node
	keys   []string // of a mapping, in order
	fields map[string]*node
	tag    string // !reset or !override
	place  position
	key    lint.Place // of the key that it is the value of, if it has one
	shared bool       // more than one place of the file may have it: it has an anchor, or comes from one
	dir    string     // where relative paths in it begin
}

func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	return n.fields[key]
}

func (n *node) set(key string, v *node) {
	if _, ok := n.fields[key]; !ok {
		n.keys = append(n.keys, key)
	}
	n.fields[key] = v
}

func (n *node) remove(key string) {
	if _, ok := n.fields[key]; ok {
		delete(n.fields, key)
		n.keys = slices.DeleteFunc(n.keys, func(k string) bool { return k == key })
	}
}

func newMapping(like *node) *node {
	m := &node{kind: mapping, fields: map[string]*node{}}
	if like != nil {
		m.place, m.key, m.dir, m.tag, m.shared = like.place, like.key, like.dir, like.tag, like.shared
	}
	return m
}

// want is an error unless n is one of kinds.
func (n *node) want(what string, kinds ...kind) error {
	if slices.Contains(kinds, n.kind) {
		return nil
	}
	return failed(n.place, "`%s` is %s, not %s", what, n.kind, kinds[0])
}

// readFile reads a regular file of bounded size.
func (l *loader) readFile(name string) ([]byte, error) {
	if !fs.ValidPath(name) {
		return nil, fmt.Errorf("%w: it is outside the repository", fs.ErrNotExist)
	}
	if l.left.files++; l.left.files > maxFiles {
		return nil, fmt.Errorf("the project has more than %d files", maxFiles)
	}
	f, err := l.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if len(data) > maxFile {
		return nil, fmt.Errorf("it is larger than %d bytes", maxFile)
	}
	return data, err
}

// reason is err without the path that the sentence around it already names.
func reason(err error) error {
	if detail, ok := errors.AsType[*fs.PathError](err); ok {
		return detail.Err
	}
	return err
}

// file turns the YAML of one file into nodes.
type file struct {
	*loader
	resolver
	source *parser.Source
}

// documents are the documents in the file called name, with the parts of them that we read. at is what names the file.
func (l *loader) documents(name string, s resolver, at position) ([]*node, error) {
	data, err := l.readFile(name)
	if err != nil {
		return nil, failed(at, "cannot read `%s`: %v", name, reason(err))
	}
	source := l.sources[name]
	if source == nil {
		source = parser.NewSource(name, data)
		l.sources[name] = source
	}
	f := file{l, s, source}
	var out []*node
	for d := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var root yaml.Node
		err := d.Decode(&root)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, f.syntax(err)
		}
		if len(root.Content) == 0 {
			continue
		}
		doc, err := f.document(root.Content[0])
		if err != nil {
			return nil, err
		}
		out = append(out, doc)
	}
}

// yamlLine splits the line number off a message of the YAML parser, which has no field for it.
func yamlLine(s string) (int, string) {
	m := regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`).FindStringSubmatch(s)
	if m == nil {
		return 0, s
	}
	n, _ := strconv.Atoi(m[1]) // "" where it does not know
	return n, m[2]
}

func (f *file) syntax(err error) error {
	line, what := yamlLine(err.Error())
	return failed(position{Place: lint.Place{File: f.source.Name, Line: max(line, 1)}}, "%s", what)
}

func (f *file) at(n *yaml.Node) position {
	place := lint.Place{File: f.source.Name, Line: n.Line, Source: f.source, Span: yamltext.Span(f.source, n)}
	return position{place, n.Column}
}

// serviceKeys are what we read of a service. Mistakes elsewhere in it are ignored.
var serviceKeys = [...]string{
	"build", "command", "develop", "entrypoint", "env_file", "environment", "expose", "extends", "healthcheck", "network_mode",
	"ports", "profiles", "user", "volumes",
}

func (f *file) document(root *yaml.Node) (*node, error) {
	doc := newMapping(&node{place: f.at(root), dir: f.dir})
	top, err := f.entries(root, 0)
	if err != nil {
		return nil, err
	}
	for _, e := range top {
		switch e.key {
		case "include":
			n, err := f.convert(e, 0)
			if err != nil {
				return nil, err
			}
			doc.set("include", n)
		case "services":
			all := newMapping(&node{place: f.at(e.value), dir: f.dir})
			services, err := f.entries(e.value, 0)
			if err != nil {
				return nil, err
			}
			for _, s := range services {
				n, err := f.service(s)
				if err != nil {
					return nil, err
				}
				all.set(s.key, n)
			}
			doc.set("services", all)
		}
	}
	return doc, nil
}

// service converts what we read of s.
func (f *file) service(s entry) (*node, error) {
	n := newMapping(&node{place: f.at(s.at), dir: f.dir, tag: custom(s.value), shared: s.shared()})
	fields, err := f.entries(s.value, 0)
	if err != nil {
		return nil, err
	}
	for _, e := range fields {
		if !slices.Contains(serviceKeys[:], e.key) {
			continue
		}
		v, err := f.convert(e, 0)
		if err != nil {
			return nil, err
		}
		n.set(e.key, v)
	}
	return n, nil
}

// entry is a field of a mapping, or an item of a list. at is its key.
type entry struct {
	key       string
	at, value *yaml.Node
	merged    bool // by a merge key
}

// shared reports whether something else in the file may have the same value.
func (e entry) shared() bool {
	return e.merged || e.value.Kind == yaml.AliasNode || e.value.Anchor != ""
}

// entries are the fields of n, those of merge keys after its own. An empty value has none.
func (f *file) entries(n *yaml.Node, depth int) ([]entry, error) {
	if depth > maxDepth {
		return nil, failed(f.at(n), "it is nested too deeply")
	}
	n = resolve(n)
	if n.Kind == yaml.ScalarNode && (n.Tag == "!!null" || custom(n) != "") {
		return nil, nil
	}
	if n.Kind != yaml.MappingNode {
		return nil, failed(f.at(n), "expected a mapping here")
	}
	seen := map[string]bool{}
	var own, merged []entry
	var from []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, v := resolve(n.Content[i]), n.Content[i+1]
		if err := f.left.spend(1, len(key.Value), f.at(key)); err != nil {
			return nil, err
		}
		switch {
		case key.Kind != yaml.ScalarNode:
			return nil, failed(f.at(key), "a key must be a single value")
		case key.Tag == "!!merge":
			from = append(from, v)
		case seen[key.Value]:
			return nil, failed(f.at(key), "`%s` is defined twice", key.Value)
		default:
			seen[key.Value] = true
			own = append(own, entry{key: key.Value, at: n.Content[i], value: v})
		}
	}
	for _, v := range from {
		sources := []*yaml.Node{v}
		if r := resolve(v); r.Kind == yaml.SequenceNode {
			sources = r.Content
		}
		for _, source := range sources {
			more, err := f.entries(source, depth+1)
			if err != nil {
				return nil, err
			}
			for _, e := range more {
				if !seen[e.key] {
					seen[e.key], e.merged = true, true
					merged = append(merged, e)
				}
			}
		}
	}
	return append(own, merged...), nil
}

// resolve follows aliases. The parser refuses an alias of an alias.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func custom(n *yaml.Node) string {
	if n.Tag == "!reset" || n.Tag == "!override" {
		return n.Tag
	}
	return ""
}

func (f *file) convert(e entry, depth int) (*node, error) {
	n, at := e.value, f.at(e.value)
	if depth > maxDepth {
		return nil, failed(at, "it is nested too deeply")
	}
	n = resolve(n)
	if err := f.left.spend(1, 0, at); err != nil {
		return nil, err
	}
	out := &node{place: at, dir: f.dir, tag: custom(n), shared: e.shared()}
	if e.at != nil {
		out.key = f.at(e.at).Place
	}
	if out.tag == "!reset" {
		return out, nil
	}
	switch n.Kind {
	case yaml.SequenceNode:
		out.kind = list
		for _, c := range n.Content {
			item, err := f.convert(entry{value: c}, depth+1)
			if err != nil {
				return nil, err
			}
			out.items = append(out.items, item)
		}
	case yaml.MappingNode:
		out.kind, out.fields = mapping, map[string]*node{}
		fields, err := f.entries(n, depth)
		if err != nil {
			return nil, err
		}
		for _, e := range fields {
			v, err := f.convert(e, depth+1)
			if err != nil {
				return nil, err
			}
			out.set(e.key, v)
		}
	case yaml.ScalarNode:
		return out, f.scalar(out, n)
	case yaml.DocumentNode, yaml.AliasNode:
	}
	return out, nil
}

// scalar fills out. Numbers, dates and booleans are written as compose passes them on: `0x10` is 16.
func (f *file) scalar(out *node, n *yaml.Node) error {
	switch tag := n.ShortTag(); tag {
	case "!!null":
		return nil
	case "!!int", "!!float", "!!bool", "!!timestamp":
		var v any
		if err := n.Decode(&v); err != nil {
			return failed(out.place, "`%s` is not a valid %s", brief(n.Value), strings.TrimPrefix(tag, "!!"))
		}
		out.kind, out.text = scalar, fmt.Sprint(v)
		return nil
	}
	text, err := interpolate(strings.ReplaceAll(n.Value, open, ""), f.lookup, 0)
	if err != nil {
		return failed(out.place, "%v", err)
	}
	out.kind, out.text = scalar, text
	return f.left.spend(0, len(text), out.place)
}

// local is the path in our file system that text means where n is. It leads out of it if it begins with `../` or `/`.
func (n *node) local(text string) string {
	if path.IsAbs(text) {
		return path.Clean(text)
	}
	return path.Join(n.dir, text)
}
