package fault

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// content says what a shell makes of a value outside quotes.
type content int

const (
	dirty content = iota // it may be split or expanded, because it may contain whitespace or globs
	empty                // it vanishes
	clean                // it stays as it is
)

// and is the content of the concatenation of two values, and of a variable that has one of the two.
func (t content) and(u content) content {
	if t == dirty || u == dirty {
		return dirty
	}
	return max(t, u)
}

// vars is what is known about the variables at one point of the script.
type vars struct {
	names []binding
	dead  bool // the script has ended before this point
}

// maxVars bounds the variables that are followed, because each branch copies them. Real scripts have a dozen.
const maxVars = 200

type binding struct {
	name  string
	value content
}

func (v *vars) copy() vars { return vars{slices.Clone(v.names), v.dead} }

func (v *vars) set(name string, value content) {
	for i := range v.names {
		if v.names[i].name == name {
			v.names[i].value = value
			return
		}
	}
	if len(v.names) < maxVars {
		v.names = append(v.names, binding{name, value})
	}
}

func (v *vars) get(name string) (value content, ok bool) {
	for _, b := range v.names {
		if b.name == name {
			return b.value, true
		}
	}
	return dirty, false
}

// join makes v what is known at a point that the script reaches either with v or with other.
func (v *vars) join(other vars, c *checker) {
	switch {
	case other.dead:
		return
	case v.dead:
		*v = other
		return
	}
	for i := range v.names {
		b := &v.names[i]
		value, ok := other.at(i, b.name)
		if !ok {
			value = c.outerContent(b.name)
		}
		b.value = b.value.and(value)
	}
	for i, b := range other.names {
		if _, ok := v.at(i, b.name); !ok && len(v.names) < maxVars {
			v.names = append(v.names, binding{b.name, b.value.and(c.outerContent(b.name))})
		}
	}
}

// at is get for a variable that is probably the one at index i, because v and the caller's variables have a common
// origin.
func (v *vars) at(i int, name string) (value content, ok bool) {
	if i < len(v.names) && v.names[i].name == name {
		return v.names[i].value, true
	}
	return v.get(name)
}

// exported reports whether ENV or ARG of this stage, or of one it is built from, sets the variable. Other tools assume
// that such a value does not need quotes, whatever it is.
func (c *checker) exported(name string) bool {
	known, ok := c.environment[name]
	if !ok {
		v := c.script.Step.Env.Lookup(name)
		known = v != nil && v.Step() != nil
		if c.environment == nil {
			c.environment = map[string]bool{}
		}
		c.environment[name] = known
	}
	return known
}

// outerContent is the content of a variable that the script does not set.
func (c *checker) outerContent(name string) content {
	switch name {
	case "?", "#", "$", "!", "-", "PPID", "UID", "EUID", "RANDOM", "SECONDS", "LINENO":
		return clean
	}
	if c.exported(name) {
		return clean
	}
	return dirty
}

// content is the content of a variable at the point that the walk has reached.
func (c *checker) content(name string) content {
	if value, ok := c.vars.get(name); ok {
		return value
	}
	return c.outerContent(name)
}

// valueContent is the content of the word x; nil is an empty value.
func (c *checker) valueContent(x *syntax.Word) content {
	if x == nil {
		return empty
	}
	return c.contentOf(x.Parts, false)
}

// contentOf is the content of the parts of a word. quoted says that they are in double quotes.
func (c *checker) contentOf(parts []syntax.WordPart, quoted bool) content {
	out := empty
	for _, part := range parts {
		next := dirty
		switch p := part.(type) {
		case *syntax.Lit:
			if quoted || strings.IndexByte(p.Value, '{') < 0 {
				next = textual(p.Value)
			}
		case *syntax.SglQuoted:
			if !p.Dollar {
				next = textual(p.Value)
			}
		case *syntax.DblQuoted:
			next = c.contentOf(p.Parts, true)
		case *syntax.ParamExp:
			switch {
			case p.Length:
				next = clean
			case plain(p):
				next = c.content(p.Param.Value)
			}
		case *syntax.ArithmExp:
			next = clean
		}
		out = out.and(next)
	}
	return out
}

// textual is the content of literal text.
func textual(text string) content {
	switch {
	case text == "":
		return empty
	case strings.ContainsAny(text, " \t\n*?["):
		return dirty
	}
	return clean
}

// plain reports whether p is `$A` or `${A}`.
func plain(p *syntax.ParamExp) bool {
	return p.Param != nil && p.Exp == nil && p.Repl == nil && p.Slice == nil && p.Index == nil &&
		!p.Excl && !p.Length && !p.Width && p.Names == 0
}

// recordAssign records the effect of `NAME=value`.
func (c *checker) recordAssign(a *syntax.Assign) {
	if a.Name == nil {
		return
	}
	value := c.valueContent(a.Value)
	if a.Append {
		value = value.and(c.content(a.Name.Value))
	}
	if a.Array != nil {
		value = dirty
	}
	c.define(a.Name.Value, offset(a), offset(a.Name), value)
	if a.Index != nil || a.Array != nil {
		c.use(a.Name.Value) // code that reads elements need not name the array
	}
}

// define records that name is set. It is written at start, and ShellCheck reports it at at.
func (c *checker) define(name string, at, start int, value content) {
	c.vars.set(name, value)
	if c.defined == nil {
		c.defined = map[string]definition{}
	}
	c.defined[name] = definition{at: at, start: start, end: start + len(name), value: value}
}

// use records that name is read.
func (c *checker) use(name string) {
	if c.used == nil {
		c.used = map[string]bool{}
	}
	c.used[name] = true
}
