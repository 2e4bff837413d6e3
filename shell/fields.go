package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/plan"
)

// maxFields bounds the result of Fields, because a variable can hold many words, and a command can name it many times.
const maxFields = 4096

// Fields are the arguments of c with variables replaced by their values, if the script or the Dockerfile sets them,
// split as the shell splits them. open says that an argument may contain flags that are not known. One that begins with
// other text, such as `curl=$VERSION`, cannot.
func (c *Command) Fields() (fields []string, open bool) {
	args := c.Args()
	if len(args) > 0 {
		fields = make([]string, 0, len(args))
	}
	for _, w := range args {
		if len(fields) > maxFields {
			return fields, true
		}
		if w.whole() {
			fields = append(fields, w.Text)
			continue
		}
		parts, known := c.Expand(w)
		fields = append(fields, parts...)
		if !known {
			// A substitution, or a variable with text after it, rarely begins with a flag. `"$@"` may.
			_, _, ok := variable(w.Node)
			open = open || ok || strings.ContainsAny(w.Text, "@*")
		}
	}
	return fields, open
}

// whole reports whether w is one field, whatever the variables in it are.
func (w *Word) whole() bool {
	return w.Literal || w.Node == nil || !strings.HasPrefix(strings.TrimLeft(w.Text, `"`), "$")
}

// Expand is w, an argument of c, as Fields has it. known is false if it is a variable or substitution whose value is not
// known; fields is then w as it is written.
func (c *Command) Expand(w Word) (fields []string, known bool) {
	if w.whole() {
		return []string{w.Text}, true
	}
	name, quoted, ok := variable(w.Node)
	if !ok {
		return []string{w.Text}, false
	}
	switch v := c.Script.variable(name); {
	case !v.Known:
		return []string{w.Text}, false
	case quoted:
		return []string{v.Text}, true
	default:
		return strings.Fields(v.Text), true
	}
}

// variable is the name in a word that is only `$NAME` or `${NAME}`; quoted says that it is in double quotes.
func variable(w *syntax.Word) (name string, quoted, ok bool) {
	if len(w.Parts) != 1 {
		return "", false, false
	}
	part := w.Parts[0]
	if q, is := part.(*syntax.DblQuoted); is && len(q.Parts) == 1 {
		part, quoted = q.Parts[0], true
	}
	p, is := part.(*syntax.ParamExp)
	if !is || p.Param == nil || p.Length || p.Excl || p.Index != nil || p.Slice != nil || p.Repl != nil ||
		p.Exp != nil || !syntax.ValidName(p.Param.Value) {
		return "", false, false
	}
	return p.Param.Value, quoted, true
}

// variable is the value of name in s. It is known if it is the same all through the script.
func (s *Script) variable(name string) plan.Value {
	if s.variables == nil {
		s.variables = map[string]plan.Value{}
		for _, c := range s.Commands {
			if c.Script != s && !c.Script.evaluated() {
				continue
			}
			for _, a := range c.Assigns {
				old, again := s.variables[a.Name]
				known := a.Value.Literal && (!again || old.Known && old.Text == a.Value.Text)
				s.variables[a.Name] = plan.Value{Text: a.Value.Text, Known: known}
			}
		}
	}
	value, ok := s.variables[name]
	if !ok {
		if s.Outer != nil {
			value = s.Outer.Script.variable(name)
		} else if v := s.Step.Env.Lookup(name); v != nil && v.Set {
			value = v.Value()
		}
		s.variables[name] = value
	}
	return value
}

// Deletes reports whether c deletes the contents of the directory dir, an absolute path, with rm, `find -delete` or
// `find -exec`. A glob below dir counts as all of it, and a glob that could match dir counts as a match.
func (c *Command) Deletes(dir string) bool {
	switch c.Name {
	case "rm":
	case "find":
		if !c.Has("-delete") && !c.Has("-exec") && !c.Has("-execdir") {
			return false
		}
	default:
		return false
	}
	for _, w := range c.Args() {
		t := w.Text
		if c.Name == "find" && strings.HasPrefix(t, "-") {
			return false // no starting points follow
		}
		if !strings.HasPrefix(t, "/") && !strings.HasPrefix(t, "-") {
			if at := c.Path(w); at.Known {
				t = at.Text
			}
		}
		switch {
		case !strings.HasPrefix(t, "/"):
		case c.Name == "find" && c.Has("-name", "-iname", "-path", "-regex") && !plan.Within(t, dir):
		case plan.Within(dir, t):
			return true
		default:
			globs := "*?["
			if c.Script.Dialect != POSIX {
				globs += "{" // dash and BusyBox do not expand braces
			}
			i := strings.IndexAny(t, globs)
			if i > 1 && (strings.HasPrefix(t[:i], dir+"/") || strings.HasPrefix(dir, t[:i])) {
				return true
			}
		}
	}
	return false
}
