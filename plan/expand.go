package plan

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/shell"

	"github.com/dockvet/dockvet/internal/scannable"
)

// Expander expands words with BuildKit's lexer, as Env.Expand does, and also says why the lexer rejects a word. It serves the
// variables of one stage and those that it is built from, or those of FROM.
type Expander struct {
	// Unset reports whether a variable that nothing in the Dockerfile sets is certainly unset, so that the base image does
	// not set it either.
	Unset func(name string) bool
	// Platform has the variables of one platform, such as TARGETARCH. Without it they are unknown.
	Platform map[string]string
	known    map[*Variable]Value
	lexer    lexer
	depth    int
}

// Expand replaces the variables in word, as it is in env, and removes its quotes. The error is not nil only if BuildKit rejects
// the word whatever the unknown variables are.
func (x *Expander) Expand(env *Env, word string) (Value, error) {
	if !special(word, env.escape) {
		return known(word), nil
	}
	g := expansion{x: x, env: env}
	if out, ok := substitute(word, env.escape, g.Get); ok && len(out) <= maxValue {
		return Value{out, !g.unknown}, nil
	}
	if x.lexer.busy {
		return x.expand(env, word, shell.NewLex(rune(env.escape)))
	}
	if x.lexer.lex == nil {
		x.lexer.lex = shell.NewLex(rune(env.escape))
	}
	x.lexer.busy = true
	defer func() { x.lexer.busy = false }()
	return x.expand(env, word, x.lexer.lex)
}

// ExpandBody is Expand for the text of a here-document of COPY or ADD, in which quotes mean nothing.
func (x *Expander) ExpandBody(env *Env, text string) error {
	if !special(text, '\\') {
		return nil
	}
	lex := shell.NewLex('\\')
	lex.SkipProcessQuotes = true
	_, err := x.expand(env, text, lex)
	return err
}

// Split is Expand for a word of EXPOSE, which BuildKit splits at spaces once variables are replaced. Known says whether all
// of the words are.
func (x *Expander) Split(env *Env, word string) (words []string, isKnown bool, err error) {
	if !special(word, env.escape) && !strings.Contains(word, "<<") {
		return []string{word}, true, nil
	}
	g := expansion{x: x, env: env}
	words, err = shell.NewLex(rune(env.escape)).ProcessWords(scannable.Text(word), &g)
	if err != nil {
		return nil, false, x.settle(err, &g, func(g *expansion) error {
			_, err := shell.NewLex(rune(env.escape)).ProcessWords(scannable.Text(word), g)
			return err
		})
	}
	return slices.Clone(words), !g.unknown, nil
}

func (x *Expander) expand(env *Env, word string, lex *shell.Lex) (Value, error) {
	word = scannable.Text(word)
	g := expansion{x: x, env: env}
	out, _, err := lex.ProcessWord(word, &g)
	if err != nil {
		return Value{word, false}, x.settle(err, &g, func(g *expansion) error {
			_, _, err := lex.ProcessWord(word, g)
			return err
		})
	}
	if len(out) > maxValue {
		return Value{word, false}, nil
	}
	return Value{out, !g.unknown}, nil
}

// settle is err if it does not depend on an unknown variable: BuildKit must also reject the word if all of these are set.
func (x *Expander) settle(err error, g *expansion, again func(*expansion) error) error {
	if g.unknown {
		if again(&expansion{x: x, env: g.env, set: true}) == nil {
			return nil
		}
	}
	return err
}

// value is what v holds.
func (x *Expander) value(v *Variable) Value {
	if text, ok := x.Platform[v.Name]; ok && v.given && v.step == nil {
		return known(text)
	}
	if v.given {
		return v.value
	}
	if value, ok := x.known[v]; ok {
		return value
	}
	const deep = 256 // variables that are made of one another; real files stay under 20
	if x.depth >= deep {
		return Value{}
	}
	x.depth++
	value, err := x.Expand(v.scope, v.Pair.Value.Value)
	x.depth--
	if err != nil {
		value = Value{}
	}
	if x.known == nil {
		x.known = map[*Variable]Value{}
	}
	x.known[v] = value
	return value
}

// expansion feeds BuildKit's lexer and notes whether it asked for something unknown.
type expansion struct {
	x       *Expander
	env     *Env
	set     bool // takes unknown variables as set
	unknown bool
	given   int // bytes
}

func (g *expansion) Get(name string) (string, bool) {
	s := g.env
	for s.parent != nil && (s.variable == nil || s.variable.Name != name) {
		s = s.parent
	}
	v := s.variable
	switch {
	case v != nil && v.Name == name && v.Set:
		if value := g.x.value(v); value.Known && g.given <= maxValue {
			g.given += len(value.Text) // one word may ask for a long value very many times
			return value.Text, true
		}
		g.unknown = true
		return "x", true
	case v != nil && v.Name == name && v.empty:
		return "", false
	case v != nil && v.Name == name: // a build may pass a value
	case s.size < maxVariables && g.x.Unset(name):
		return "", false
	}
	g.unknown = true
	return "x", g.set
}

func (*expansion) Keys() []string { return nil }

// Defaults are the variables that step, an ARG with env after it, gives a default that a build may need to expand. Each comes with
// the environment that its default is expanded in.
func (s *Env) Defaults(step *Step) map[*Variable]*Env {
	out := map[*Variable]*Env{}
	for ; s != nil && s.variable != nil && s.variable.step == step; s = s.parent {
		if v := s.variable; v.Pair.HasValue && !v.given {
			out[v] = v.scope
		}
	}
	return out
}
