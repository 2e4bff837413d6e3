// Package bake reads the files of `docker buildx bake`: the targets that they describe, in HCL or JSON, as bake reads
// them without variables of the environment that nobody names. A test in tools/ compares it with buildx.
package bake

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// File is a file with its path in the repository, and what is in it.
type File struct {
	Name string
	Data []byte
}

// Options say what is given to bake besides its files.
type Options struct {
	// Given are targets of compose files that bake reads before. A target of the same name extends one.
	Given []*Target
	// Set are the values of `--set`, as in target.key=value. One of which only the key is known may end in a variable.
	Set []plan.Value
	// Vars are values of variables, as in NAME=value, of `--var` and of the environment; later ones win. Of one that is not known,
	// only the name is.
	Vars []plan.Value
}

// Config is what files describe together.
type Config struct {
	Targets []*Target // in the order of the files, with everything that they inherit
	Sources map[string]*parser.Source
	Errs    []error
	groups  []group
	// inherited are the names of the targets that others inherit.
	inherited map[string]bool
}

type group struct {
	name    string
	targets []string
	matrix  bool // bake makes it of a target
}

// Value is a value of a target.
type Value struct {
	Text string
	Set  bool // there is one; without it the other fields say nothing
	// Open says that it depends on a variable whose default is empty. Text is what it is with that default, but whoever
	// starts the build is meant to set the variable.
	Open bool
	// Unknown says that only a run knows it, and Text nothing.
	Unknown bool
	// Place is where it is written, or the name of an argument. It has no Source if several expressions make it.
	Place   lint.Place
	Literal bool // Text is what is written there
}

// Plan is v as a build has it.
func (v Value) Plan() plan.Value {
	return plan.Value{Text: v.Text, Known: v.Set && !v.Open && !v.Unknown}
}

// Target is a target as bake builds it, with what it inherits.
type Target struct {
	Name                               string
	Place                              lint.Place // of its block
	Context, Dockerfile, Inline, Stage Value      // Stage is what a Dockerfile calls the target
	Args, Contexts                     map[string]Value
	Platforms                          []Value // nil without any
	inherits                           []string
}

// maxTargets bounds the targets of the files, with those that a matrix makes.
const maxTargets = 2000

// Read reads files, each of which extends those before it. What is wrong with a part of them is among Errs, and the rest
// is read nonetheless.
func Read(files []File, o Options) (c *Config) {
	c = &Config{Sources: map[string]*parser.Source{}}
	defer func() {
		// The values of cty panic where they are used in a way that their types do not allow, which depends on the file.
		if x := recover(); x != nil {
			c = &Config{Sources: c.Sources, Errs: []error{fmt.Errorf("%v", x)}}
		}
	}()
	e := newEvaluator()
	for _, v := range o.Vars {
		if name, value, ok := strings.Cut(v.Text, "="); ok {
			e.vars[name] = plan.Value{Text: value, Known: v.Known}
		}
	}
	var docs []*document
	for _, f := range files {
		d, err := parse(f.Name, f.Data)
		c.Sources[f.Name] = d.source
		if err != nil {
			c.failed(f.Name, err)
			continue
		}
		docs = append(docs, d)
		e.add(d)
	}
	r := resolver{
		evaluator: e, own: map[string]*Target{}, broken: map[string]error{}, done: map[string]*Target{}, set: o.Set,
	}
	for _, t := range o.Given {
		r.names = append(r.names, t.Name)
		r.own[t.Name] = t
	}
	r.blocks(c, docs)
	for _, name := range r.names {
		r.circle = false
		t, err := r.target(name, map[string]*Target{})
		if err != nil {
			c.failed(name, err)
			continue
		}
		c.Targets = append(c.Targets, t.finished())
	}
	c.inherited = map[string]bool{}
	for _, t := range r.own {
		for _, name := range t.inherits {
			c.inherited[name] = true
		}
	}
	return c
}

func (c *Config) failed(what string, err error) {
	c.Errs = append(c.Errs, fmt.Errorf("%s: %w", what, err))
}

// resolver makes targets of blocks.
type resolver struct {
	*evaluator
	names  []string           // of targets, in order
	own    map[string]*Target // what the blocks of each say
	broken map[string]error   // why a target is not known
	done   map[string]*Target // with what they inherit
	set    []plan.Value
	circle bool // a target that is being looked for inherits itself
}

// blocks reads the blocks of docs.
func (r *resolver) blocks(c *Config, docs []*document) {
	each := func(kind string, yield func(*block)) {
		for _, d := range docs {
			for _, b := range d.blocks {
				if b.kind == kind {
					yield(b)
				}
			}
		}
	}
	total := 0
	each("target", func(b *block) {
		if err := r.matrix(b); err != nil {
			r.broken[b.name] = err
			c.failed(b.name, err)
			delete(r.rows, b)
		}
		if total += len(r.rows[b]); total > maxTargets {
			delete(r.rows, b)
		}
	})
	matrices := map[string][]string{} // the targets of all blocks with a label
	each("target", func(b *block) {
		for _, row := range r.rows[b] {
			matrices[b.name] = append(matrices[b.name], row.name)
			t, err := r.decode(row)
			old := r.own[row.name]
			switch {
			case err != nil:
				r.broken[row.name] = err
				if old == nil {
					r.names = append(r.names, row.name)
					r.own[row.name] = t
				}
			case old != nil:
				both := *old
				r.merge(&both, t)
				r.own[row.name] = &both
			default:
				r.names = append(r.names, row.name)
				r.own[row.name] = t
			}
		}
	})
	for _, label := range slices.Sorted(maps.Keys(matrices)) {
		if slices.ContainsFunc(matrices[label], func(name string) bool { return name != label }) {
			c.groups = append(c.groups, group{name: label, targets: matrices[label], matrix: true})
		}
	}
	var groups []group
	each("group", func(b *block) {
		g := group{name: b.name}
		if a := b.attributes["targets"]; a != nil {
			v, err := r.value(a.value, nil)
			if err == nil {
				v, err = convert.Convert(v, cty.List(cty.String))
			}
			if err != nil {
				c.failed(b.name, err)
				return
			}
			for _, x := range strs(v) {
				g.targets = append(g.targets, x.Text)
			}
		}
		if i := slices.IndexFunc(groups, func(o group) bool { return o.name == b.name }); i >= 0 {
			groups[i] = g
		} else {
			groups = append(groups, g)
		}
	})
	c.groups = append(groups, c.groups...)
}

// decode is what the block of row says.
func (r *resolver) decode(row *row) (*Target, error) {
	t := &Target{Name: row.name, Place: place(row.source, row.at)}
	var failed error
	get := func(name string) (cty.Value, *attribute) {
		v, err := r.field(row, name)
		if err != nil {
			failed = err
		}
		if err != nil || v == cty.NilVal {
			return cty.NullVal(cty.DynamicPseudoType), nil
		}
		return v, row.attributes[name]
	}
	for name, p := range map[string]*Value{"context": &t.Context, "dockerfile": &t.Dockerfile, "dockerfile-inline": &t.Inline, "target": &t.Stage} {
		v, a := get(name)
		if *p = str(v); a != nil && p.Set {
			written, literal := text(a.value.root)
			p.Place, p.Literal = place(row.source, span(a.value.root.Range())), literal && written == p.Text
		}
	}
	for name, p := range map[string]*map[string]Value{"args": &t.Args, "contexts": &t.Contexts} {
		v, a := get(name)
		var err error
		if *p, err = r.table(v); err != nil {
			failed = err
		}
		if a != nil {
			keys(a.value.root, func(key string, at, value hclsyntax.Expression) {
				if x, ok := (*p)[key]; ok {
					_, literal := text(value)
					x.Place, x.Literal = place(row.source, span(at.Range())), literal
					(*p)[key] = x
				}
			})
		}
	}
	v, _ := get("platforms")
	t.Platforms = strs(v)
	v, _ = get("inherits")
	for _, x := range strs(v) {
		if x.Unknown {
			failed = errors.New("what it inherits is not known")
		}
		t.inherits = append(t.inherits, x.Text)
	}
	for name := range fieldTypes {
		row.asked[name] = true
	}
	r.latest[row.name] = row
	return t, failed
}

// keys calls yield for the fields of x whose names are known, if it is an object.
func keys(x hclsyntax.Expression, yield func(key string, at, value hclsyntax.Expression)) {
	o, ok := x.(*hclsyntax.ObjectConsExpr)
	if !ok {
		return
	}
	for _, item := range o.Items {
		if key, ok := text(item.KeyExpr); ok {
			yield(key, item.KeyExpr, item.ValueExpr)
		}
	}
}

func span(r hcl.Range) parser.Span { return parser.Span{Start: r.Start.Byte, End: r.End.Byte} }

func place(source *parser.Source, at parser.Span) lint.Place {
	return lint.Place{File: source.Name, Line: source.Lines.Line(at.Start), Source: source, Span: at}
}

// str is v, a string.
func str(v cty.Value) Value {
	v, marks := v.UnmarkDeep()
	switch {
	case !v.IsKnown():
		return Value{Set: true, Unknown: true}
	case v.IsNull():
		return Value{}
	}
	return Value{Text: v.AsString(), Set: true, Open: len(marks) > 0}
}

// strs is v, a list of strings; nil if it is null.
func strs(v cty.Value) []Value {
	v, marks := v.Unmark()
	switch {
	case !v.IsKnown():
		return []Value{{Set: true, Unknown: true}}
	case v.IsNull():
		return nil
	}
	out := []Value{}
	for it := v.ElementIterator(); it.Next(); {
		_, x := it.Element()
		if s := str(x.WithMarks(marks)); s.Set {
			out = append(out, s)
		}
	}
	return out
}

// table is v, a map of strings, without those that are null.
func (r *resolver) table(v cty.Value) (map[string]Value, error) {
	v, marks := v.Unmark()
	switch {
	case !v.IsKnown():
		return nil, errors.New("its names are not known")
	case v.IsNull():
		return nil, nil
	}
	out := map[string]Value{}
	for it := v.ElementIterator(); it.Next(); {
		key, x := it.Element()
		if s := str(x.WithMarks(marks)); s.Set {
			out[key.AsString()] = s
		}
	}
	return out, nil
}

// merge adds to t what o says, which wins.
func (r *resolver) merge(t, o *Target) {
	for _, p := range [...][2]*Value{
		{&t.Context, &o.Context}, {&t.Dockerfile, &o.Dockerfile}, {&t.Inline, &o.Inline}, {&t.Stage, &o.Stage},
	} {
		if p[1].Set {
			*p[0] = *p[1]
		}
	}
	for _, p := range [...][2]*map[string]Value{{&t.Args, &o.Args}, {&t.Contexts, &o.Contexts}} {
		if len(*p[1]) == 0 {
			continue
		}
		both := maps.Clone(*p[0]) // the other targets that inherit it keep theirs
		if both == nil {
			both = map[string]Value{}
		}
		maps.Copy(both, *p[1])
		*p[0] = both
		r.work -= step * len(both)
	}
	if o.Platforms != nil {
		t.Platforms = o.Platforms
	}
	t.inherits = append(slices.Clip(t.inherits), o.inherits...)
}

// target is the one called name with what it inherits. seen are those that were asked for before, nil if they are not
// done: one that inherits itself does not get what is not there yet.
func (r *resolver) target(name string, seen map[string]*Target) (*Target, error) {
	if t := r.done[name]; t != nil {
		return t, nil
	}
	if t, ok := seen[name]; ok {
		r.circle = r.circle || t == nil
		return t, nil
	}
	own := r.own[name]
	if err := r.broken[name]; err != nil {
		return nil, err
	}
	if own == nil {
		return nil, fmt.Errorf("target `%s` does not exist", name)
	}
	if r.work < 0 || len(seen) > maxTargets {
		return nil, errWork
	}
	seen[name] = nil
	first := len(seen) == 1
	t := &Target{Name: own.Name, Place: own.Place}
	for _, parent := range own.inherits {
		p, err := r.target(parent, seen)
		if err != nil {
			return nil, err
		}
		if p != nil {
			r.merge(t, p)
		}
	}
	r.merge(t, own)
	for _, x := range r.set {
		t.set(x)
	}
	t.Contexts = maps.Clone(t.Contexts)
	maps.DeleteFunc(t.Contexts, func(_ string, v Value) bool { return v.Text == "" && !v.Unknown && !v.Open })
	var platforms []Value
	for _, p := range t.Platforms {
		if p.Unknown || p.Text != "" && !slices.ContainsFunc(platforms, func(o Value) bool { return o.Text == p.Text }) {
			platforms = append(platforms, p)
		}
	}
	if t.Platforms != nil && platforms == nil {
		platforms = []Value{}
	}
	t.Platforms = platforms
	seen[name] = t
	if first || !r.circle {
		r.done[name] = t
	}
	return t, nil
}

// set changes what x, a value of --set, is about.
// Source: https://docs.docker.com/reference/cli/docker/buildx/bake/#set
func (t *Target) set(x plan.Value) {
	key, value, ok := strings.Cut(x.Text, "=")
	name, key, dotted := strings.Cut(key, ".")
	if match, err := path.Match(name, t.Name); !ok || !dotted || err != nil || !match {
		return
	}
	v := Value{Text: value, Set: true}
	if !x.Known && strings.Contains(value, "$") {
		v = Value{Set: true, Unknown: true}
	}
	key, added := strings.CutSuffix(key, "+")
	key, part, _ := strings.Cut(key, ".")
	with := func(m *map[string]Value) {
		if *m = maps.Clone(*m); *m == nil {
			*m = map[string]Value{}
		}
		(*m)[part] = v
	}
	switch key {
	case "context":
		t.Context = v
	case "dockerfile":
		t.Dockerfile = v
	case "target":
		t.Stage = v
	case "arg", "args":
		with(&t.Args)
	case "contexts":
		with(&t.Contexts)
	case "platform", "platforms":
		if !added {
			t.Platforms = []Value{}
		}
		t.Platforms = append(slices.Clip(t.Platforms), v)
	}
}

// finished is t with what bake adds for what is not there.
func (t *Target) finished() *Target {
	out := *t
	if !out.Context.Set {
		out.Context = Value{Text: ".", Set: true}
	}
	if d := &out.Dockerfile; !d.Set || d.Text == "" && !d.Unknown {
		d.Text, d.Set = "Dockerfile", true
	}
	return &out
}

// Named are the targets that `docker buildx bake NAMES` builds, with those whose results they use as a context; the
// default ones without names.
func (c *Config) Named(names ...string) []*Target {
	if len(names) == 0 {
		names = []string{"default"}
	}
	found := map[string]bool{}
	var visit func(name string)
	target := func(name string) {
		found["target:"+name] = true // no target is called so
		for _, t := range c.Targets {
			if t.Name == name {
				t.linked(visit)
			}
		}
	}
	visit = func(name string) {
		if found[name] {
			return
		}
		found[name] = true
		if i := slices.IndexFunc(c.groups, func(g group) bool { return g.name == name }); i >= 0 {
			for _, x := range c.groups[i].targets {
				if visit(x); x == name { // the blocks of a matrix and a target have the same label
					target(x)
				}
			}
			return
		}
		target(name)
	}
	for _, pattern := range names {
		pattern = strings.ReplaceAll(pattern, ".", "_")
		if !strings.ContainsAny(pattern, "*?[]") {
			visit(pattern)
			continue
		}
		for _, g := range c.groups {
			if ok, err := path.Match(pattern, g.name); ok && err == nil {
				visit(g.name)
			}
		}
		for _, t := range c.Targets {
			if ok, err := path.Match(pattern, t.Name); ok && err == nil {
				visit(t.Name)
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(c.Targets), func(t *Target) bool { return !found["target:"+t.Name] })
}

// linked yields the targets whose results t uses as contexts.
func (t *Target) linked(yield func(name string)) {
	for _, v := range t.Contexts {
		if name, ok := strings.CutPrefix(v.Text, "target:"); ok {
			yield(name)
		}
	}
}

// Built are the targets that somebody builds. One that others inherit and that no group has is a part of these; so is
// one whose name begins with an underscore.
func (c *Config) Built() []*Target {
	named := map[string]bool{"default": true}
	for _, g := range c.groups {
		for _, name := range g.targets {
			named[name] = named[name] || !g.matrix
		}
	}
	for _, t := range c.Targets {
		t.linked(func(name string) { named[name] = true })
	}
	return slices.DeleteFunc(slices.Clone(c.Targets), func(t *Target) bool {
		return !named[t.Name] && (c.inherited[t.Name] || strings.HasPrefix(t.Name, "_"))
	})
}
