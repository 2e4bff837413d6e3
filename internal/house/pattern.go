package house

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/dockvet/dockvet/internal/nearest"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// Fail is told what is wrong at a node of the configuration.
type Fail func(n *yaml.Node, format string, args ...any)

// Reader is what reads a configuration for this package.
type Reader struct {
	Fail Fail
	More func(n *yaml.Node) bool // whether one more value may be read, which counts as often as an alias names it
}

// The bounds of a pattern. What a regular expression costs grows with its length and its repetitions: `[a-z]{1000}` has
// a thousand states.
const (
	maxDepth   = 16   // patterns in patterns
	maxText    = 1000 // bytes of a text or an expression
	maxStates  = 1000 // of an expression, roughly
	maxMessage = 500  // bytes of a text that people read
)

// truth is what a pattern says of a value. What depends on a value that only the build knows is unsure.
type truth int

const (
	no     truth = -1
	unsure truth = 0
	yes    truth = 1
)

func sure(b bool) truth {
	if b {
		return yes
	}
	return no
}

// Pattern says which values it means. In YAML it is a text in which * stands for anything, a list of patterns of which
// one must match, or a mapping of what must hold.
type Pattern struct {
	op    op
	text  string
	parts []string // of text between its stars, for glob
	expr  *expression
	list  []*Pattern
	want  bool // for present and known
}

type op int

const (
	equal op = iota
	glob
	matches
	not
	either
	all
	present
	known
)

// patternKeys are the keys of a mapping, with what they mean for the schema.
var patternKeys = [...][2]string{
	{"is", "The text itself, or a list of texts; * means nothing special."},
	{"matches", "A regular expression (RE2) that matches some part of the value; ^ and $ tie it to the ends."},
	{"not", "A pattern that must not match."},
	{"any", "Patterns of which at least one must match."},
	{"all", "Patterns that all must match."},
	{"present", "Whether there is a value at all."},
	{"known", "Whether the value is known without a build."},
}

// PatternSchema is the JSON Schema of a Pattern. ref is the reference to itself.
func PatternSchema(ref map[string]any) map[string]any {
	list := map[string]any{"type": "array", "items": ref, "minItems": 1}
	text := map[string]any{"type": []string{"string", "number", "boolean"}}
	properties := map[string]any{}
	for _, key := range patternKeys {
		value := map[string]any{"type": "string"}
		switch key[0] {
		case "is":
			value = map[string]any{"anyOf": []any{text, map[string]any{"type": "array", "items": text, "minItems": 1}}}
		case "not":
			value = map[string]any{"allOf": []any{ref}} // draft 7 ignores what is beside $ref
		case "any", "all":
			value = map[string]any{"type": "array", "items": ref, "minItems": 1}
		case "present", "known":
			value = map[string]any{"type": "boolean"}
		}
		value["description"] = key[1]
		properties[key[0]] = value
	}
	return map[string]any{
		"description": "A text in which * stands for anything, a list of patterns of which one must match, or a mapping of what must hold.",
		"anyOf": []any{text, list, map[string]any{
			"type": "object", "properties": properties, "additionalProperties": false, "minProperties": 1,
		}},
	}
}

// DecodeNode reads n into p.
func (p *Pattern) DecodeNode(n *yaml.Node, r Reader) { p.decode(n, r, 0) }

func (p *Pattern) decode(n *yaml.Node, r Reader, depth int) {
	for n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	if !r.More(n) {
		return
	}
	if depth > maxDepth {
		r.Fail(n, "a pattern has more than %d others around it", maxDepth)
		return
	}
	switch n.Kind { //nolint:exhaustive // the default covers the rest
	case yaml.ScalarNode:
		p.scalar(n, r)
	case yaml.SequenceNode:
		p.op = either
		p.items(n, r, depth, (*Pattern).decode)
	case yaml.MappingNode:
		p.mapping(n, r, depth)
	default:
		r.Fail(n, "this must be a text, a list or a mapping")
	}
}

func (p *Pattern) scalar(n *yaml.Node, r Reader) {
	p.text = text(n, r)
	if strings.Contains(p.text, "*") {
		p.op, p.parts = glob, strings.Split(p.text, "*")
	}
}

// text is the value of the scalar n, as it is written.
func text(n *yaml.Node, r Reader) string {
	switch {
	case n.Kind != yaml.ScalarNode:
		r.Fail(n, "this must be a text")
	case n.Tag == "!!null":
		r.Fail(n, "this must not be empty; for an unset value, write {present: false}")
	case len(n.Value) > maxText:
		r.Fail(n, "this has more than %d bytes", maxText)
	default:
		return n.Value
	}
	return ""
}

func (p *Pattern) items(n *yaml.Node, r Reader, depth int, decode func(*Pattern, *yaml.Node, Reader, int)) {
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		r.Fail(n, "this must be a list with at least one item")
		return
	}
	for _, x := range n.Content {
		item := new(Pattern)
		decode(item, x, r, depth+1)
		p.list = append(p.list, item)
	}
}

func (p *Pattern) mapping(n *yaml.Node, r Reader, depth int) {
	p.op = all
	if len(n.Content) == 0 {
		r.Fail(n, "this mapping is empty")
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		for value.Kind == yaml.AliasNode && value.Alias != nil {
			value = value.Alias
		}
		if !r.More(value) {
			return
		}
		if seen[key.Value] {
			r.Fail(key, "key `%s` is already set", key.Value)
			continue
		}
		seen[key.Value] = true
		part := new(Pattern)
		p.list = append(p.list, part)
		switch key.Value {
		case "is":
			if value.Kind == yaml.SequenceNode {
				part.op = either
				part.items(value, r, depth, func(item *Pattern, x *yaml.Node, r Reader, _ int) { item.text = text(x, r) })
			} else {
				part.text = text(value, r)
			}
		case "matches":
			part.op = matches
			part.expr = newExpression(value, r)
		case "not":
			part.op = not
			item := new(Pattern)
			item.decode(value, r, depth+1)
			part.list = []*Pattern{item}
		case "any", "all":
			if part.op = either; key.Value == "all" {
				part.op = all
			}
			part.items(value, r, depth, (*Pattern).decode)
		case "present", "known":
			if part.op = present; key.Value == "known" {
				part.op = known
			}
			if value.Kind != yaml.ScalarNode || value.Tag != "!!bool" {
				r.Fail(value, "`%s` must be true or false", key.Value)
			}
			part.want = strings.EqualFold(value.Value, "true")
		default:
			var names []string
			for _, k := range patternKeys {
				names = append(names, k[0])
			}
			ending := "; a pattern has the keys " + strings.Join(names, ", ")
			if near, ok := nearest.Name(key.Value, names); ok {
				ending = "; the nearest is `" + near + "`"
			}
			r.Fail(key, "unknown key `%s`%s", key.Value, ending)
		}
	}
}

// subject is what a pattern is compared with: no value, one, or several of which one must match.
type subject struct {
	values []plan.Value
	open   bool           // there may be a value that only the build knows
	flags  *shell.Command // the values are its arguments; a text that begins with - is also found within one
}

func one(v plan.Value) subject { return subject{values: []plan.Value{v}} }

func fixed(text string) subject { return one(plan.Value{Text: text, Known: true}) }

// maybe is text, or no value if it is "".
func maybe(text string) subject {
	if text == "" {
		return subject{}
	}
	return fixed(text)
}

// of says whether p means s; the absent pattern means everything.
func (p *Pattern) of(s subject, m *meter) truth {
	if p == nil {
		return yes
	}
	switch p.op {
	case not:
		return -p.list[0].of(s, m)
	case either:
		out := no
		for _, x := range p.list {
			if out = max(out, x.of(s, m)); out == yes {
				break
			}
		}
		return out
	case all:
		out := yes
		for _, x := range p.list {
			if out = min(out, x.of(s, m)); out == no {
				break
			}
		}
		return out
	case present:
		return sure((len(s.values) > 0) == p.want)
	case known:
		if s.open {
			return sure(!p.want)
		}
		for _, v := range s.values {
			if !v.Known {
				return sure(!p.want)
			}
		}
		return sure(p.want)
	case equal, glob, matches:
	}
	if s.flags != nil && p.op == equal && len(p.text) > 1 && p.text[0] == '-' && m.spend(len(s.values)) && s.flags.Has(p.text) {
		return yes
	}
	out := no
	if s.open {
		out = unsure
	}
	for _, v := range s.values {
		switch {
		case !v.Known:
			out = max(out, unsure)
		case p.holds(v.Text, m):
			return yes
		}
	}
	return out
}

// holds compares one text.
func (p *Pattern) holds(text string, m *meter) bool {
	switch p.op { //nolint:exhaustive // the default is equal; the rest has no text
	case matches:
		return p.expr.match(text, m)
	case glob:
		return m.spend(1+len(text)/16) && p.star(text)
	default:
		return m.spend(1) && text == p.text
	}
}

// star reports whether the parts of p are in text, the first one at its start and the last one at its end.
func (p *Pattern) star(text string) bool {
	first, rest := p.parts[0], p.parts[1:]
	last, middle := rest[len(rest)-1], rest[:len(rest)-1]
	text, ok := strings.CutPrefix(text, first)
	if !ok || len(text) < len(last) {
		return false
	}
	text, ok = strings.CutSuffix(text, last)
	for _, part := range middle {
		_, after, found := strings.Cut(text, part)
		text, ok = after, ok && found
	}
	return ok
}

// expression is a regular expression whose cost is bounded. It is compiled when it is first needed.
type expression struct {
	text   string
	states int
	once   sync.Once
	re     *regexp.Regexp
}

func newExpression(n *yaml.Node, r Reader) *expression {
	e := &expression{text: text(n, r)}
	var problem string
	if e.states, problem = states(e.text); problem != "" {
		r.Fail(n, "regular expression `%s` %s", e.text, problem)
	}
	return e
}

// states is roughly how many states a regular expression has, and what is wrong with it, "" for nothing.
func states(text string) (n int, problem string) {
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return 0, "is not valid: " + strings.TrimPrefix(strings.TrimPrefix(err.Error(), "error parsing regexp: "), "invalid ")
	}
	if n = statesOf(parsed); n > maxStates {
		return 0, "is too large; repetitions such as {1000} count as often as they repeat"
	}
	return n, ""
}

func statesOf(re *syntax.Regexp) int {
	n := 1
	switch re.Op { //nolint:exhaustive // the default covers the rest
	case syntax.OpLiteral:
		n = len(re.Rune)
	case syntax.OpCharClass:
		n = 1 + len(re.Rune)/16
	default:
		for _, sub := range re.Sub {
			n += statesOf(sub)
		}
		if re.Op == syntax.OpRepeat {
			n *= max(re.Min, re.Max, 1)
		}
	}
	return min(n, 1<<20)
}

func (e *expression) match(text string, m *meter) bool {
	if !m.spend((len(text) + 1) * e.states) {
		return false
	}
	e.once.Do(func() { e.re, _ = regexp.Compile(e.text) }) // it was parsed before
	return e.re != nil && e.re.MatchString(text)
}
