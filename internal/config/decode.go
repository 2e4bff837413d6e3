package config

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"gopkg.in/yaml.v3"

	"github.com/dockvet/dockvet/internal/house"
	"github.com/dockvet/dockvet/internal/nearest"
	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/internal/yamltext"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// decoder fills structs from YAML strictly and continues after a mistake, so that one run reports all of them.
type decoder struct {
	name     string
	text     []byte         // of the file
	source   *parser.Source // of text, once somebody asks for its lines
	index    lint.Index
	retired  []lint.Retired
	warn     func(error)
	lines    map[string]int
	problems []problem
	warned   int // what warn was told
	more     int // mistakes that are not among problems

	made    []*lint.Rule      // the house rules of this file
	madeAt  map[string]string // where, by their names
	waiting []waiting         // settings of rules that dockvet does not have
	values  int               // how many were decoded: an alias counts as often as it is used
	depth   int               // how many are around this one
	crowded bool              // it was said that there are too many
}

// waiting is a setting for a rule that may be a house rule of this file or of one that it extends.
type waiting struct {
	key, value *yaml.Node
	to         map[string]RuleFile
}

// The bounds of what is decoded from one file.
const (
	maxValues = 200_000
	maxNested = 50
)

// maxProblems bounds the mistakes of one file that are reported.
const maxProblems = 50

// full reports whether no more mistakes are worth finding out about.
func (d *decoder) full() bool { return len(d.problems)+d.warned >= maxProblems }

// odd tells what is odd and works nonetheless.
func (d *decoder) odd(format string, args ...any) {
	if !d.full() {
		d.warn(fmt.Errorf(format, args...))
		if d.warned++; d.full() {
			d.warn(fmt.Errorf("%s: the rest of its mistakes is not shown", d.name))
		}
	}
}

// Mistake is what is wrong at one place of a configuration file.
type Mistake struct {
	File         string // as messages name it
	Line, Column int    // from 1; 0 if they are not known
	Err          error
}

func (m *Mistake) Error() string {
	at := m.File
	for _, n := range []int{m.Line, m.Column} {
		if n > 0 {
			at = position(at, n)
		}
	}
	return at + ": " + m.Err.Error()
}

func (m *Mistake) Unwrap() error { return m.Err }

// Mistakes are those that err, an error of Loader.For, consists of.
func Mistakes(err error) []*Mistake {
	switch e := err.(type) { //nolint:errorlint // each part of a joined error is looked at below
	case nil:
		return nil
	case *Mistake:
		return []*Mistake{e}
	case interface{ Unwrap() []error }:
		var all []*Mistake
		for _, part := range e.Unwrap() {
			all = append(all, Mistakes(part)...)
		}
		return all
	}
	return Mistakes(errors.Unwrap(err))
}

// problem is one mistake in a configuration file, or all of those in a file that it extends.
type problem struct {
	line, column int
	err          error
}

func position(name string, numbers ...int) string {
	for _, n := range numbers {
		name += ":" + strconv.Itoa(n)
	}
	return name
}

func item(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

func (d *decoder) fail(n *yaml.Node, format string, args ...any) {
	if d.full() {
		d.more++
		return
	}
	d.problems = append(d.problems, problem{n.Line, n.Column, &Mistake{d.name, n.Line, n.Column, fmt.Errorf(format, args...)}})
}

// ending ends a message about a name that does not exist.
func (d *decoder) ending(name string, names []string) string {
	if d.full() {
		return "" // it is not printed
	}
	if near, ok := nearest.Name(name, names); ok {
		return "; the nearest is `" + near + "`"
	}
	if len(names) > 0 && len(names) <= 12 {
		return "; it must be one of " + strings.Join(names, ", ")
	}
	return ""
}

// ruleEnding is ending for the name of a rule.
func (d *decoder) ruleEnding(name string) string {
	if d.full() {
		return ""
	}
	return d.ending(name, d.index.Names())
}

// parse reads a document. Its root is nil for an empty one.
func (d *decoder) parse(src []byte) *yaml.Node {
	d.text = src
	var doc yaml.Node
	if err := yaml.Unmarshal(src, &doc); err != nil {
		text := strings.TrimPrefix(err.Error(), "yaml: ")
		line := 0
		if rest, ok := strings.CutPrefix(text, "line "); ok {
			if number, what, ok := strings.Cut(rest, ": "); ok {
				if n, err := strconv.Atoi(number); err == nil {
					line, text = n, what
				}
			}
		}
		d.problems = append(d.problems, problem{err: &Mistake{File: d.name, Line: line, Err: errors.New(text)}})
		return nil
	}
	if len(doc.Content) == 0 || isNull(doc.Content[0]) {
		return nil
	}
	return doc.Content[0]
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// pairs calls f for each key of the mapping n.
func (d *decoder) pairs(n *yaml.Node, path string, f func(key, value *yaml.Node)) {
	if n = follow(n); n.Kind != yaml.MappingNode {
		d.fail(n, "%s must be a mapping", subject(path))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := follow(n.Content[i])
		if line, ok := seen[key.Value]; ok {
			d.fail(key, "key `%s` is already set on line %d", key.Value, line)
			continue
		}
		seen[key.Value] = key.Line
		f(key, follow(n.Content[i+1]))
	}
}

// follow is what an alias refers to.
func follow(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	return n
}

func subject(path string) string {
	if path == "" {
		return "the configuration"
	}
	return "`" + path[strings.LastIndexByte(path, '.')+1:] + "`"
}

// decodes is a type that reads its node itself.
type decodes interface {
	DecodeNode(n *yaml.Node, r house.Reader)
}

// decode sets to from n, which is at path.
func (d *decoder) decode(n *yaml.Node, to reflect.Value, path string) {
	n = follow(n)
	d.depth++
	defer func() { d.depth-- }()
	if !d.another(n) {
		return
	}
	if d.lines != nil {
		d.lines[path] = n.Line
	}
	switch to.Type() {
	case reflect.TypeFor[map[string]RuleFile]():
		d.rules(n, to, path)
		return
	case reflect.TypeFor[house.Rules]():
		d.house(n)
		return
	}
	if own, ok := reflect.TypeAssert[decodes](to.Addr()); ok {
		own.DecodeNode(n, house.Reader{Fail: d.fail, More: d.another})
		return
	}
	switch to.Kind() { //nolint:exhaustive // the default reports what is missing
	case reflect.Pointer:
		to.Set(reflect.New(to.Type().Elem()))
		d.decode(n, to.Elem(), path)
	case reflect.Struct:
		d.structure(n, to, path)
	case reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			d.fail(n, "%s must be a list, as in [a, b]", subject(path))
			return
		}
		to.Set(reflect.MakeSlice(to.Type(), len(n.Content), len(n.Content)))
		for i, x := range n.Content {
			d.decode(x, to.Index(i), item(path, i))
		}
	case reflect.Map:
		to.Set(reflect.MakeMap(to.Type()))
		d.pairs(n, path, func(key, value *yaml.Node) {
			v := reflect.New(to.Type().Elem()).Elem()
			d.decode(value, v, path+"."+key.Value)
			to.SetMapIndex(reflect.ValueOf(key.Value).Convert(to.Type().Key()), v)
		})
	default:
		d.scalar(n, to, path)
	}
}

// another reports whether one more value may be decoded.
func (d *decoder) another(n *yaml.Node) bool {
	if d.values++; d.values <= maxValues && d.depth <= maxNested {
		return true
	}
	if !d.crowded {
		d.crowded = true
		d.fail(n, "there are too many values here, or too many around each other")
	}
	return false
}

func (d *decoder) scalar(n *yaml.Node, to reflect.Value, path string) {
	if n.Kind != yaml.ScalarNode || isNull(n) {
		d.fail(n, "%s must be a single value", subject(path))
		return
	}
	switch to.Kind() { //nolint:exhaustive // the default covers the rest
	case reflect.String:
		to.SetString(n.Value) // as written: 2026.10 is not a number here
	case reflect.Bool:
		if n.Tag != "!!bool" {
			d.fail(n, "%s must be true or false", subject(path))
			return
		}
		to.SetBool(strings.EqualFold(n.Value, "true"))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		i, err := strconv.ParseInt(n.Value, 0, to.Type().Bits())
		if err != nil {
			d.fail(n, "%s must be a whole number", subject(path))
		}
		to.SetInt(i)
	default:
		if err := n.Decode(to.Addr().Interface()); err != nil {
			d.fail(n, "%s must be a %s", subject(path), to.Kind())
		}
	}
}

// structure fills the fields of to. Keys and values are those of its tags.
func (d *decoder) structure(n *yaml.Node, to reflect.Value, path string) {
	fields := map[string]reflect.StructField{}
	var keys []string
	for f := range to.Type().Fields() {
		if key := keyOf(f); key != "" {
			fields[key] = f
			keys = append(keys, key)
		}
	}
	given := map[string]bool{}
	d.pairs(n, path, func(key, value *yaml.Node) {
		f, ok := fields[key.Value]
		if !ok {
			d.fail(key, "unknown key `%s`%s", key.Value, d.ending(key.Value, keys))
			return
		}
		given[key.Value] = true
		at := key.Value
		if path != "" {
			at = path + "." + at
		}
		field := to.FieldByIndex(f.Index)
		before := len(d.problems) + d.more
		d.decode(value, field, at)
		if d.lines != nil {
			d.lines[at] = key.Line
		}
		if len(d.problems)+d.more > before {
			return
		}
		if values := enumOf(f); values != nil {
			d.enum(value, field, key.Value, values)
		}
	})
	for _, key := range keys {
		if fields[key].Tag.Get("required") != "" && !given[key] {
			d.fail(n, "%s has no key `%s`", subject(path), key)
		}
	}
}

// enum reports a string, or each of a list, that is not one of values.
func (d *decoder) enum(n *yaml.Node, v reflect.Value, key string, values []string) {
	if v.Kind() == reflect.Slice {
		for i := range v.Len() {
			d.enum(n.Content[i], v.Index(i), key, values)
		}
		return
	}
	if !slices.Contains(values, v.String()) {
		d.fail(n, "unknown %s `%s`%s", key, v.String(), d.ending(v.String(), values))
	}
}

// keyOf is the YAML key of a field, "" if it has none.
func keyOf(f reflect.StructField) string {
	key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	switch {
	case key == "-" || !f.IsExported():
		return ""
	case key == "":
		return strings.ToLower(f.Name) // as the YAML package does
	}
	return key
}

func enumOf(f reflect.StructField) []string {
	if tag := f.Tag.Get("enum"); tag != "" {
		return strings.Split(tag, ",")
	}
	return nil
}

// rules decodes what a file says about single rules.
func (d *decoder) rules(n *yaml.Node, to reflect.Value, path string) {
	out := map[string]RuleFile{}
	named := map[*lint.Rule]*yaml.Node{}
	d.pairs(n, path, func(key, value *yaml.Node) {
		rule := d.index.Find(key.Value)
		if r, ok := lint.FindRetired(d.retired, key.Value); ok && rule == nil {
			d.odd("%s: %s", position(d.name, key.Line), r)
			return
		}
		if rule == nil && lint.Tool(key.Value) == "shellcheck" {
			d.fail(key, "%s", lint.NoShellRule(key.Value))
			return
		}
		if rule == nil {
			d.waiting = append(d.waiting, waiting{key, value, out})
			if d.lines != nil {
				d.lines[path+"."+key.Value] = key.Line
			}
			return
		}
		if first := named[rule]; first != nil {
			d.fail(key, "`%s` is the same rule as `%s` on line %d", key.Value, first.Value, first.Line)
			return
		}
		named[rule] = key
		at := path + "." + key.Value
		if d.lines != nil {
			d.lines[at] = key.Line
		}
		if r, ok := d.rule(rule, value, key.Value); ok {
			out[key.Value] = r
		}
	})
	to.Set(reflect.ValueOf(out))
}

// settle decides on the settings of rules that dockvet does not have. house are the house rules.
func (d *decoder) settle(house []*lint.Rule) {
	index := d.index
	if len(house) > 0 {
		index = index.With(house)
	}
	for _, w := range d.waiting {
		rule := index[w.key.Value]
		if rule == nil {
			if !d.full() {
				d.fail(w.key, "no rule is called `%s`%s", w.key.Value, d.ending(w.key.Value, index.Names()))
			} else {
				d.more++
			}
			continue
		}
		if r, ok := d.rule(rule, w.value, w.key.Value); ok {
			w.to[w.key.Value] = r
		}
	}
}

// script takes the house rules of a script.
func (d *decoder) script(src []byte) {
	made, mistake := house.Load(d.name, src)
	if mistake != nil {
		d.problems = append(d.problems, problem{mistake.Line, mistake.Column, &Mistake{d.name, mistake.Line, mistake.Column, errors.New(mistake.Message)}})
		return
	}
	d.madeAt = map[string]string{}
	for _, r := range made {
		d.made = append(d.made, r.Rule)
		d.madeAt[r.Name] = position(d.name, r.Line)
	}
}

// maxHouse bounds the house rules of one file.
const maxHouse = 200

// house makes the house rules in n, a mapping.
func (d *decoder) house(n *yaml.Node) {
	d.pairs(n, "house-rules", func(key, value *yaml.Node) {
		if d.crowded {
			return
		}
		if len(d.made) >= maxHouse {
			d.fail(key, "there are more than %d house rules in this file", maxHouse)
			return
		}
		switch {
		case d.index[key.Value] != nil:
			d.fail(key, "`%s` is a rule of dockvet; a house rule has a name such as `acme/%s`", key.Value, key.Value)
			return
		case !house.Name(key.Value):
			d.fail(key, "`%s` cannot be the name of a house rule; it has two parts, as in `acme/foreign-registry`", key.Value)
			return
		}
		before := len(d.problems) + d.more
		lines := d.lines
		d.lines = nil // nobody asks for the lines in a rule
		var def house.Rule
		d.decode(value, reflect.ValueOf(&def).Elem(), key.Value)
		d.lines = lines
		var r *lint.Rule
		if len(d.problems)+d.more == before {
			if d.source == nil {
				d.source = parser.NewSource(d.name, d.text)
			}
			text := yamltext.Block(d.source, key, 10_000)
			r = house.Make(key.Value, &def, house.Source{File: d.name, Key: key, Node: value, Text: text}, d.fail)
		}
		if r == nil {
			r = &lint.Rule{Name: key.Value} // there is a mistake, and its settings are not another one
		}
		d.made = append(d.made, r)
		if d.madeAt == nil {
			d.madeAt = map[string]string{}
		}
		d.madeAt[r.Name] = position(d.name, key.Line)
	})
}

func (d *decoder) rule(rule *lint.Rule, n *yaml.Node, name string) (RuleFile, bool) {
	if n.Kind == yaml.ScalarNode {
		r, ok := parseRule(n.Value)
		if !ok {
			d.fail(n, "unknown value `%s` for `%s`%s", n.Value, name, d.ending(n.Value, ruleValues()))
		}
		return r, ok
	}
	if n.Kind != yaml.MappingNode {
		d.fail(n, "`%s` must be off, a severity, or a mapping of severity and options", name)
		return RuleFile{}, false
	}
	var r RuleFile
	options := &yaml.Node{Kind: yaml.MappingNode, Line: n.Line, Column: n.Column}
	ok := true
	for i := 0; i+1 < len(n.Content); i += 2 {
		if follow(n.Content[i]).Value != "severity" {
			options.Content = append(options.Content, n.Content[i], n.Content[i+1])
			continue
		}
		value := follow(n.Content[i+1])
		var known bool
		if r, known = parseRule(value.Value); !known || value.Kind != yaml.ScalarNode {
			d.fail(value, "unknown severity `%s`%s", value.Value, d.ending(value.Value, ruleValues()))
			ok = false
		}
	}
	if len(options.Content) == 0 {
		return r, ok
	}
	if rule.Options == nil {
		d.fail(options.Content[0], "`%s` has no options, only a severity", name)
		return r, false
	}
	r.Options = options
	before := len(d.problems) + d.more
	d.options(options, rule.NewOptions())
	return r, ok && len(d.problems)+d.more == before
}

// options decodes n into to, which points at a rule's options.
func (d *decoder) options(n *yaml.Node, to any) {
	lines := d.lines
	d.lines = nil // nobody asks for the line of a single option
	d.structure(n, reflect.ValueOf(to).Elem(), "")
	d.lines = lines
}

// cloneOptions is a pointer to a copy of what from points at. Decoding replaces lists and mappings whole, so they may
// be shared.
func cloneOptions(from any) any {
	v := reflect.ValueOf(from).Elem()
	to := reflect.New(v.Type())
	to.Elem().Set(v)
	return to.Interface()
}

// WriteOptions writes a rule's options as YAML on one line, as in {days: 90, exclude: [SC2012]}.
func WriteOptions(options any) string {
	var b strings.Builder
	writeFlow(&b, reflect.ValueOf(options).Elem())
	return b.String()
}

func writeFlow(b *strings.Builder, v reflect.Value) {
	sep := ""
	entry := func(key string, value reflect.Value) {
		b.WriteString(sep)
		if key != "" {
			b.WriteString(scalar(key) + ": ")
		}
		writeFlow(b, value)
		sep = ", "
	}
	switch v.Kind() { //nolint:exhaustive // the types of options
	case reflect.Struct:
		b.WriteByte('{')
		for f, field := range v.Fields() {
			if key := keyOf(f); key != "" {
				entry(key, field)
			}
		}
		b.WriteByte('}')
	case reflect.Map:
		b.WriteByte('{')
		keys := v.MapKeys()
		order.By(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			entry(key.String(), v.MapIndex(key))
		}
		b.WriteByte('}')
	case reflect.Slice:
		b.WriteByte('[')
		for i := range v.Len() {
			entry("", v.Index(i))
		}
		b.WriteByte(']')
	case reflect.String:
		b.WriteString(scalar(v.String()))
	default:
		fmt.Fprint(b, v)
	}
}

// scalar is s as a YAML value among others, in quotes if it would mean something else without them.
func scalar(s string) string {
	var doc yaml.Node
	if yaml.Unmarshal([]byte("["+s+"]"), &doc) == nil {
		if list := doc.Content[0].Content; len(list) == 1 && list[0].Tag == "!!str" && list[0].Value == s && list[0].Style == 0 {
			return s
		}
	}
	return strconv.Quote(s)
}

// check checks what the types cannot express: editions and globs.
func (d *decoder) check(f *File, n *yaml.Node) {
	if f.Edition != "" {
		if _, err := strconv.ParseFloat(f.Edition, 64); err != nil || strings.Count(f.Edition, ".") != 1 {
			d.fail(valueOf(n, "edition"), "`%s` is not an edition; the newest is %s", f.Edition, lint.Edition)
		} else if lint.Newer(f.Edition, lint.Edition) {
			at := valueOf(n, "edition")
			d.fail(at, "edition `%s` is newer than this dockvet, whose newest is %s", f.Edition, lint.Edition)
		}
	}
	for _, key := range []string{"exclude", "builds"} {
		for i, x := range listOf(n, key) {
			glob := x.Value
			if key == "builds" {
				if glob = f.Builds[i].Dockerfile; glob == "" {
					d.fail(x, "`builds` has an item without `dockerfile`")
				}
			}
			if !doublestar.ValidatePattern(glob) || alternatives(glob) > maxAlternatives {
				d.fail(x, "malformed glob `%s`", glob)
			}
		}
	}
	overrides := valueOf(n, "overrides")
	for i, o := range f.Overrides {
		files := valueOf(follow(overrides.Content[i]), "files")
		if files != nil && files.Kind == yaml.SequenceNode && len(o.Files) == 0 {
			d.fail(files, "`files` is empty")
		}
		for j, glob := range o.Files {
			switch {
			case !doublestar.ValidatePattern(glob):
				d.fail(files.Content[j], "malformed glob `%s`", glob)
			case alternatives(glob) > maxAlternatives:
				d.fail(files.Content[j], "a glob has more than %d alternatives", maxAlternatives)
			}
		}
	}
}

// maxAlternatives bounds the alternatives of a glob: it may be compared with a path in as many ways.
const maxAlternatives = 1000

// alternatives is how many globs without braces the valid one glob stands for, or more than maxAlternatives.
func alternatives(glob string) int {
	type group struct{ done, current int } // the sum of its earlier alternatives; the product of the present one
	open := []group{{0, 1}}
	for i := 0; i < len(glob); i++ {
		last := &open[len(open)-1]
		switch glob[i] {
		case '\\':
			i++
		case '{':
			open = append(open, group{0, 1})
		case ',':
			if len(open) > 1 {
				last.done, last.current = last.done+last.current, 1
			}
		case '}':
			if len(open) > 1 {
				open = open[:len(open)-1]
				above := &open[len(open)-1]
				above.current = min(above.current*(last.done+last.current), maxAlternatives+1)
			}
		}
	}
	return open[0].current
}

// listOf are the items of the list that is the value of key in the mapping n.
func listOf(n *yaml.Node, key string) []*yaml.Node {
	list := valueOf(n, key)
	if list == nil || list.Kind != yaml.SequenceNode {
		return nil
	}
	return list.Content
}

// valueOf is the value of key in the mapping n, or nil.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if follow(n.Content[i]).Value == key {
			return follow(n.Content[i+1])
		}
	}
	return nil
}

// err is all mistakes, in file order.
func (d *decoder) err() error {
	order.By(d.problems, func(a, b problem) int {
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column))
	})
	var errs []error
	for _, p := range d.problems {
		errs = append(errs, p.err)
	}
	if d.more > 0 {
		errs = append(errs, fmt.Errorf("%s: and %d more mistakes", d.name, d.more))
	}
	return errors.Join(errs...)
}
