package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// texture is what a shell does to a value outside of quotes.
type texture int

const (
	dirty texture = iota // it may have blanks or globs
	empty                // it vanishes
	clean                // it stays as it is
)

// and is the texture of a value with one of either after the other, or of a variable that has either.
func (t texture) and(u texture) texture {
	if t == dirty || u == dirty {
		return dirty
	}
	return max(t, u)
}

// vars is what is known of variables at one point.
type vars struct {
	names []binding
	dead  bool // the script ended before
}

// maxVars bounds the variables that are followed, for each branch copies them. Real scripts have a dozen.
const maxVars = 200

type binding struct {
	name  string
	value texture
}

// definition is the last place that sets a variable.
type definition struct {
	at         int // where ShellCheck sees it
	start, end int
	value      texture
	form       bool // a loop or read asks for a variable, wanted or not
}

func (v *vars) copy() vars { return vars{slices.Clone(v.names), v.dead} }

func (v *vars) set(name string, value texture) {
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

func (v *vars) get(name string) (value texture, ok bool) {
	for _, b := range v.names {
		if b.name == name {
			return b.value, true
		}
	}
	return dirty, false
}

// join makes v what holds whether the script came by way of v or of other.
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
			value = c.outside(b.name)
		}
		b.value = b.value.and(value)
	}
	for i, b := range other.names {
		if _, ok := v.at(i, b.name); !ok && len(v.names) < maxVars {
			v.names = append(v.names, binding{b.name, b.value.and(c.outside(b.name))})
		}
	}
}

// at is get for a variable that is likely the one at i, as in a copy.
func (v *vars) at(i int, name string) (value texture, ok bool) {
	if i < len(v.names) && v.names[i].name == name {
		return v.names[i].value, true
	}
	return v.get(name)
}

// exported reports whether ENV or ARG of this stage, or of one it is built from, sets the variable. Other tools take its value
// for one that needs no quotes, whatever it is.
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

// outside is the texture of a variable that the script has not set.
func (c *checker) outside(name string) texture {
	switch name {
	case "?", "#", "$", "!", "-", "PPID", "UID", "EUID", "RANDOM", "SECONDS", "LINENO":
		return clean
	}
	if c.exported(name) {
		return clean
	}
	return dirty
}

// texture is that of a variable here.
func (c *checker) texture(name string) texture {
	if value, ok := c.vars.get(name); ok {
		return value
	}
	return c.outside(name)
}

// value is the texture of x.
func (c *checker) value(x *syntax.Word) texture {
	if x == nil {
		return empty
	}
	return c.values(x.Parts, false)
}

func (c *checker) values(parts []syntax.WordPart, quoted bool) texture {
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
			next = c.values(p.Parts, true)
		case *syntax.ParamExp:
			switch {
			case p.Length:
				next = clean
			case plain(p):
				next = c.texture(p.Param.Value)
			}
		case *syntax.ArithmExp:
			next = clean
		}
		out = out.and(next)
	}
	return out
}

func textual(text string) texture {
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
	return p.Param != nil && p.Exp == nil && p.Repl == nil && p.Slice == nil && p.Index == nil && !p.Excl && !p.Length && !p.Width && p.Names == 0
}

// assign records `NAME=value`.
func (c *checker) assign(a *syntax.Assign) {
	if a.Name == nil {
		return
	}
	value := c.value(a.Value)
	if a.Append {
		value = value.and(c.texture(a.Name.Value))
	}
	if a.Array != nil {
		value = dirty
	}
	c.define(a.Name.Value, offset(a), offset(a.Name), value)
	if a.Index != nil || a.Array != nil {
		c.use(a.Name.Value) // what reads elements need not name the array
	}
}

// define records that name is set; it stands at start, and ShellCheck sees it at at.
func (c *checker) define(name string, at, start int, value texture) {
	c.vars.set(name, value)
	if c.defined == nil {
		c.defined = map[string]definition{}
	}
	c.defined[name] = definition{at: at, start: start, end: start + len(name), value: value}
}

// byForm marks the last definition of name as one that a loop or read asks for.
func (c *checker) byForm(name string) {
	d := c.defined[name]
	d.form = true
	c.defined[name] = d
}

func (c *checker) use(name string) {
	if c.used == nil {
		c.used = map[string]bool{}
	}
	c.used[name] = true
}

// unused reports the variables that are set and never read, each where it is set last.
func (c *checker) unused() {
	for name, d := range c.defined {
		if c.used[name] || forShell(name) || c.exported(name) {
			continue
		}
		f := c.report(UnusedVariable, "SC2034", d.start, d.end, name)
		f.at = d.at
		switch {
		case d.value == empty:
			f.Doubt = "it is set to nothing, perhaps to be sure that it has no value"
		case d.form:
			f.Doubt = "a loop or `read` asks for a variable, even where none is wanted"
		case c.sourced:
			f.Doubt = "the script sources or evaluates other code, or exports all, and that may read it"
		}
	}
}

// forShell reports whether shells or their like read the variable themselves, or its name says that nobody is meant to.
func forShell(name string) bool {
	switch name {
	case "PATH", "HOME", "IFS", "LANG", "TZ", "ENV", "CDPATH", "MAIL", "MAILPATH", "PS1", "PS2", "PS3", "PS4", "PROMPT_COMMAND", "OPTIND", "OPTERR",
		"HISTFILE", "HISTSIZE", "HISTCONTROL", "TERM", "SHELL", "TMOUT", "TIMEFORMAT", "EDITOR", "COLUMNS", "LINES", "REPLY", "BASH_ENV", "RANDOM",
		"SECONDS", "FUNCNEST", "GLOBIGNORE", "TMPDIR", "USER", "LOGNAME", "PWD", "OLDPWD":
		return true
	}
	return strings.HasPrefix(name, "_") || strings.HasPrefix(name, "LC_")
}
