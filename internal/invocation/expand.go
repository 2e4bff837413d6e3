package invocation

import (
	"iter"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/internal/described"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// maxVariants bounds how often a script with loops is read, maxReplaced what its variables make of it, in bytes.
const (
	maxVariants = 30
	maxReplaced = 1 << 20
)

// variants are the text of c with the values of variables in their places as far as they are known: one text for each
// item of a loop over words. Nothing but a newline is on another line than before.
func variants(c *Code) iter.Seq[string] {
	return func(yield func(string) bool) {
		s := shell.ReadFile(c.Text, c.Shell)
		if s.File == nil {
			return
		}
		x := expander{code: c, script: s, values: map[string][]*syntax.Word{}, loops: map[string][]*syntax.Word{}, item: map[string]*syntax.Word{}}
		x.collect()
		if len(x.loops) == 0 {
			yield(x.replace())
			return
		}
		// Loops are taken one by one: the product of all would be long, and few builds are in two of them.
		n := 0
		for _, name := range x.names {
			for _, w := range x.loops[name] {
				if n++; n > maxVariants {
					return
				}
				x.item[name] = w
				if !yield(x.replace()) {
					return
				}
			}
			delete(x.item, name)
		}
	}
}

// expander finds the values of variables.
type expander struct {
	code   *Code
	script *shell.Script
	values map[string][]*syntax.Word // of each variable that the script sets; nil for what is not a word
	loops  map[string][]*syntax.Word // the items of the variable of a loop
	names  []string                  // of loops, in order
	item   map[string]*syntax.Word   // the one that is looked at
	busy   []string
}

func (x *expander) collect() {
	syntax.Walk(x.script.File, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Assign:
			if n.Name != nil && (!n.Naked || n.Value != nil) {
				w := n.Value
				if n.Append || n.Index != nil || n.Array != nil {
					w = nil
				} else if w == nil {
					w = new(syntax.Word)
				}
				x.values[n.Name.Value] = append(x.values[n.Name.Value], w)
			}
		case *syntax.CallExpr:
			if len(n.Args) > 1 {
				switch n.Args[0].Lit() {
				case "read", "mapfile", "readarray", "getopts", "printf":
					for _, a := range n.Args[1:] {
						x.values[a.Lit()] = append(x.values[a.Lit()], nil)
					}
				}
			}
		case *syntax.ForClause:
			it, ok := n.Loop.(*syntax.WordIter)
			if !ok {
				break
			}
			name := it.Name.Value
			if _, again := x.loops[name]; again || x.values[name] != nil || len(it.Items) == 0 {
				x.values[name] = append(x.values[name], nil)
				break
			}
			x.loops[name] = it.Items
			x.names = append(x.names, name)
		}
		return true
	})
}

// replace is the text with what is known.
func (x *expander) replace() string {
	text := x.code.Text
	var out strings.Builder
	done := 0
	put := func(n syntax.Node, value string, quoted bool) {
		start, end := int(n.Pos().Offset()), int(n.End().Offset())
		if start < done || end > len(text) || out.Len() > maxReplaced {
			return
		}
		out.WriteString(text[done:start])
		if !quoted && value == "" {
			value = " "
		}
		out.WriteString(value)
		out.WriteString(strings.Repeat("\\\n", strings.Count(text[start:end], "\n"))) // lines keep their numbers
		done = end
	}
	var visit func(n syntax.Node, quoted bool)
	visit = func(n syntax.Node, quoted bool) {
		syntax.Walk(n, func(n syntax.Node) bool {
			switch n := n.(type) {
			case *syntax.SglQuoted:
				return false
			case *syntax.Assign:
				if n.Value != nil {
					visit(n.Value, true) // it is one word in any case
					return false
				}
			case *syntax.DblQuoted:
				if !quoted {
					for _, p := range n.Parts {
						visit(p, true)
					}
					return false
				}
			case *syntax.ParamExp, *syntax.CmdSubst:
				if v, ok := x.part(n); ok && (plain(v) || !quoted && plain(strings.ReplaceAll(v, " ", ""))) {
					put(n, v, quoted)
					return false
				}
			}
			return true
		})
	}
	visit(x.script.File, false)
	out.WriteString(text[done:])
	return out.String()
}

// plain reports whether text is the same with and without quotes.
func plain(text string) bool {
	for i := range len(text) {
		c := text[i]
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && !strings.ContainsRune("_./:@%+=,-", rune(c)) {
			return false
		}
	}
	return true
}

// word is the value of w.
func (x *expander) word(w *syntax.Word) (string, bool) {
	if w == nil {
		return "", false
	}
	return x.parts(w.Parts)
}

func (x *expander) parts(parts []syntax.WordPart) (string, bool) {
	var out strings.Builder
	for _, p := range parts {
		v, ok := x.part(p)
		if !ok || out.Len()+len(v) > 4096 {
			return "", false
		}
		out.WriteString(v)
	}
	return out.String(), true
}

func (x *expander) part(p syntax.Node) (string, bool) {
	switch p := p.(type) {
	case *syntax.Lit:
		if strings.ContainsAny(p.Value, `\*?[{~`) {
			return "", false
		}
		return p.Value, true
	case *syntax.SglQuoted:
		return p.Value, !p.Dollar
	case *syntax.DblQuoted:
		return x.parts(p.Parts)
	case *syntax.ParamExp:
		return x.parameter(p)
	case *syntax.CmdSubst:
		return x.substitution(p)
	}
	return "", false
}

func (x *expander) parameter(p *syntax.ParamExp) (string, bool) {
	if p.Param == nil || p.Length || p.Excl || p.Slice != nil || p.Repl != nil {
		return "", false
	}
	name := p.Param.Value
	if name == "BASH_SOURCE" || name == "0" && p.Index == nil {
		return x.own()
	}
	if p.Index != nil || !syntax.ValidName(name) {
		return "", false
	}
	v, ok, set := x.variable(name)
	if p.Exp == nil {
		return v, ok
	}
	switch p.Exp.Op { //nolint:exhaustive // the others change the value
	case syntax.DefaultUnset, syntax.DefaultUnsetOrNull, syntax.AssignUnset, syntax.AssignUnsetOrNull:
		if !set {
			return x.word(orEmpty(p.Exp.Word)) // whoever runs it may set it, and says so then
		}
		if ok && v == "" {
			return x.word(orEmpty(p.Exp.Word))
		}
		return v, ok
	case syntax.ErrorUnset, syntax.ErrorUnsetOrNull:
		return v, ok
	}
	return "", false
}

func orEmpty(w *syntax.Word) *syntax.Word {
	if w == nil {
		return new(syntax.Word)
	}
	return w
}

// variable is the value of name. set says that something gives it one.
func (x *expander) variable(name string) (value string, ok, set bool) {
	if w, ok := x.item[name]; ok {
		delete(x.item, name) // an item may not depend on its own loop
		v, ok := x.word(w)
		x.item[name] = w
		return v, ok, true
	}
	if x.loops[name] != nil || slices.Contains(x.busy, name) || len(x.busy) > 20 {
		return "", false, true
	}
	words := x.values[name]
	if len(words) == 0 {
		if v, ok := x.code.Env[name]; ok {
			return v.Text, v.Known, true
		}
		switch name {
		case "PWD", "OLDPWD", "HOME":
			return "", false, true
		}
		return "", false, false
	}
	x.busy = append(x.busy, name)
	defer func() { x.busy = x.busy[:len(x.busy)-1] }()
	for i, w := range words {
		// `X=${X:-default}` is the default unless something else sets X.
		v, ok := x.assigned(name, w)
		if !ok || i > 0 && v != value {
			return "", false, true
		}
		value = v
	}
	return value, true, true
}

// assigned is w, the value that name gets.
func (x *expander) assigned(name string, w *syntax.Word) (string, bool) {
	if w != nil && len(w.Parts) == 1 {
		part := syntax.Node(w.Parts[0])
		if q, ok := part.(*syntax.DblQuoted); ok && len(q.Parts) == 1 {
			part = q.Parts[0]
		}
		if p, ok := part.(*syntax.ParamExp); ok && p.Param != nil && p.Param.Value == name && p.Exp != nil &&
			(p.Exp.Op == syntax.DefaultUnset || p.Exp.Op == syntax.DefaultUnsetOrNull) {
			if v, ok := x.code.Env[name]; ok {
				return v.Text, v.Known
			}
			return x.word(orEmpty(p.Exp.Word))
		}
	}
	return x.word(w)
}

// own is the path of the script itself, for one that is a file of its own.
func (x *expander) own() (string, bool) {
	if x.code.Source.Kind != described.Script {
		return "", false
	}
	return path.Join(described.Root, x.code.Source.File), true
}

// substitution is the output of the commands that scripts find their place with: `$(dirname "$0")`, `$(cd DIR && pwd)`,
// `$(realpath FILE)`, `$(git rev-parse --show-toplevel)`.
func (x *expander) substitution(n *syntax.CmdSubst) (string, bool) {
	if len(n.Stmts) == 0 || len(n.Stmts) > 2 {
		return "", false
	}
	var words [][]string
	for _, s := range n.Stmts {
		if !x.simple(s, &words) {
			return "", false
		}
	}
	is := func(w []string, list ...string) bool {
		return len(w) > 0 && slices.Contains(list, strings.Join(w, " "))
	}
	last := words[len(words)-1]
	switch {
	case len(words) == 1 && is(last, "pwd", "pwd -P"):
		return "", false
	case len(words) == 1 && is(last, "git rev-parse --show-toplevel"):
		return described.Root, true
	case len(words) == 1 && len(last) >= 2 && last[0] == "dirname":
		return path.Dir(last[len(last)-1]), last[1] != "--" || len(last) == 3
	case len(words) == 1 && len(last) >= 2 && (last[0] == "realpath" || last[0] == "readlink") && path.IsAbs(last[len(last)-1]):
		return path.Clean(last[len(last)-1]), true
	case len(words) == 2 && is(last, "pwd", "pwd -P", "pwd -L") && (words[0][0] == "cd" || words[0][0] == "pushd"):
		dir := words[0][len(words[0])-1]
		return path.Clean(dir), len(words[0]) > 1 && path.IsAbs(dir)
	}
	return "", false
}

// simple appends the words of the commands in s, which `&&` may join.
func (x *expander) simple(s *syntax.Stmt, words *[][]string) bool {
	switch cmd := s.Cmd.(type) {
	case *syntax.BinaryCmd:
		return cmd.Op == syntax.AndStmt && x.simple(cmd.X, words) && x.simple(cmd.Y, words)
	case *syntax.CallExpr:
		var list []string
		for _, a := range cmd.Args {
			v, ok := x.word(a)
			if !ok {
				return false
			}
			list = append(list, v)
		}
		if len(list) == 0 {
			return false
		}
		*words = append(*words, list)
		return true
	}
	return false
}

// Value is text, shell code for one word, with the variables of env.
func Value(text string, env map[string]plan.Value) plan.Value {
	if !strings.ContainsAny(text, "$`\\\"'") {
		return described.Known(text)
	}
	s := shell.ReadFile("_ "+text, "bash")
	if s.File == nil || len(s.Commands) == 0 || len(s.Commands[0].Words) != 2 {
		return plan.Value{}
	}
	x := expander{code: &Code{Env: env}, script: s, item: map[string]*syntax.Word{}}
	v, ok := x.word(s.Commands[0].Words[1].Node)
	return plan.Value{Text: v, Known: ok}
}
