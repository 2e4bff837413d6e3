package plan

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/moby/buildkit/frontend/dockerfile/shell"

	"github.com/dockvet/dockvet/parser"
)

// Value is text after variables were expanded. Known is false if it depends on what only the build knows: the
// environment of an unknown base image, an ARG without a default, the platform. Text is then what could be made of
// it.
type Value struct {
	Text  string
	Known bool
}

// known is a value without anything to expand.
func known(s string) Value { return Value{s, true} }

// maxValue bounds an expanded value, in bytes: `ENV A=$A$A` doubles with each line. Real values stay under 4 KiB.
const maxValue = 16 << 10

// maxValues bounds all expanded values of a plan, in bytes: each of thousands of lines may have one of maxValue. Those
// after that are unknown.
const maxValues = 8 << 20

// maxVariables bounds the variables of a scope: what expansion costs in time and stack grows with them. Real files
// stay under 200; with more, all of them are unknown.
const maxVariables = 2048

// Variable is one ARG or ENV in force.
type Variable struct {
	Name  string
	Arg   bool
	Pair  parser.Pair // where it is set; the zero Pair for a predefined one
	Set   bool        // false for an ARG that has neither a default nor a value
	step  *Step
	scope *Env // in which the value is expanded
	value Value
	done  bool
	given bool // value comes from elsewhere, and not from Pair
	empty bool // not Set, and no build argument sets it
}

// Env is the environment at one point of the build: what ENV and ARG have set so far, the last one first, in this
// stage and those it is built from.
type Env struct {
	variable *Variable
	parent   *Env
	open     bool // an unknown base image may have set more
	escape   byte
	size     int
	lexer    *lexer // of the plan
}

// lexer keeps one of BuildKit's lexers for all words of a plan: each brings a buffer of a kilobyte.
type lexer struct {
	lex  *shell.Lex
	busy bool // it is at work on a word, whose variables want another
	made int  // bytes of expanded values
}

func (s *Env) lex(word string, g *getter) (shell.ProcessWordResult, error) {
	l := s.lexer
	if l.busy {
		return shell.NewLex(rune(s.escape)).ProcessWordWithMatches(word, g)
	}
	if l.lex == nil {
		l.lex = shell.NewLex(rune(s.escape))
	}
	l.busy = true
	defer func() { l.busy = false }()
	return l.lex.ProcessWordWithMatches(word, g)
}

func (s *Env) with(v *Variable) *Env {
	v.scope = s
	if s.size >= maxVariables {
		return &Env{open: true, escape: s.escape, size: s.size, lexer: s.lexer}
	}
	return &Env{variable: v, parent: s, open: s.open, escape: s.escape, size: s.size + 1, lexer: s.lexer}
}

// Lookup is the variable called name, or nil if nothing in the Dockerfile sets it.
func (s *Env) Lookup(name string) *Variable {
	for ; s != nil; s = s.parent {
		if s.variable != nil && s.variable.Name == name {
			return s.variable
		}
	}
	return nil
}

// Open reports whether a base image that we do not know may have set further variables.
func (s *Env) Open() bool { return s != nil && s.open }

// Value is the variable's value, expanded where it was set.
//
//go:noinline
func (v *Variable) Value() Value {
	if !v.done {
		v.done = true
		v.value = v.scope.Expand(v.Pair.Value.Value)
	}
	return v.value
}

// Step is the instruction that sets v, nil for a predefined variable.
func (v *Variable) Step() *Step { return v.step }

// Expand replaces the variables in word and removes its quotes, with BuildKit's own lexer.
func (s *Env) Expand(word string) Value {
	if !special(word, s.escape) {
		return known(word)
	}
	if text, ok := quoted(word, s.escape); ok {
		return known(text)
	}
	if !utf8.ValidString(word) || strings.IndexByte(word, 0) >= 0 {
		return Value{word, false} // the lexer would complain of it on the process's standard error
	}
	if s.lexer.made > maxValues {
		return Value{word, false}
	}
	g := getter{scope: s}
	result, ok := substitute(word, s.escape, g.Get)
	if !ok {
		out, err := s.lex(word, &g)
		if err != nil {
			return Value{word, false}
		}
		result = out.Result
	}
	if len(result) > maxValue {
		return Value{word, false}
	}
	s.lexer.made += len(result)
	return Value{result, !g.unknown}
}

// Missing are the names in word that nothing sets, sorted.
func (s *Env) Missing(word string) []string {
	if s.holds(word) {
		return nil
	}
	_, missing := s.Uses(word)
	return missing
}

// holds reports whether all that may be a variable in word is set, so that the lexer, which knows what really is one,
// has nothing to look for.
func (s *Env) holds(word string) bool {
	for i := 0; i < len(word); i++ {
		if word[i] != '$' {
			continue
		}
		start := i + 1
		if start < len(word) && word[start] == '{' {
			start++
		}
		end := start + nameEnd(word[start:])
		if v := s.Lookup(word[start:end]); v == nil || !v.Set {
			return false
		}
	}
	return true
}

func nameByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// Uses are the names of the variables that word asks for, sorted: those that are set, and those that nothing sets.
func (s *Env) Uses(word string) (set, missing []string) {
	if strings.IndexByte(word, '$') < 0 {
		return nil, nil
	}
	g := getter{scope: s}
	_, ok := substitute(word, s.escape, func(name string) (string, bool) {
		_, isSet := g.Get(name)
		if isSet {
			set = append(set, name)
		} else {
			missing = append(missing, name)
		}
		return "", isSet
	})
	if !ok {
		return s.uses(word, s.lex)
	}
	slices.Sort(set)
	slices.Sort(missing)
	return slices.Compact(set), slices.Compact(missing)
}

func (s *Env) uses(word string, lex func(string, *getter) (shell.ProcessWordResult, error)) (set, missing []string) {
	if strings.IndexByte(word, '$') < 0 || !utf8.ValidString(word) || strings.IndexByte(word, 0) >= 0 {
		return nil, nil
	}
	out, err := lex(word, &getter{scope: s})
	if err != nil {
		return nil, nil
	}
	return slices.Sorted(maps.Keys(out.Matched)), slices.Sorted(maps.Keys(out.Unmatched))
}

// Names are the names of all variables in force, the last one set first.
func (s *Env) Names() []string { return (&getter{scope: s}).Keys() }

// Variables are the variables in force, the last one set first; one that is set again is only there once.
func (s *Env) Variables() iter.Seq[*Variable] {
	return func(yield func(*Variable) bool) {
		seen := map[string]bool{}
		for ; s != nil; s = s.parent {
			if v := s.variable; v != nil && !seen[v.Name] {
				seen[v.Name] = true
				if !yield(v) {
					return
				}
			}
		}
	}
}

// Reference is the first place in a word that asks for a variable.
type Reference struct {
	Name string
	Span parser.Span // `$NAME`, or `${NAME…}` up to the brace
	// Guarded says that the word itself says what holds without the variable: `${NAME:-value}`, `${NAME:+value}`.
	Guarded bool
}

// Undefined are the first places in word that ask for a variable which nothing sets and no ARG declares, by name. A
// word that holds such a name at a place that cannot be found gets the whole word.
func (s *Env) Undefined(word parser.Word) []Reference {
	return s.undefined(word.Text, s.Missing(word.Value), s.escape)
}

// UndefinedIn is Undefined for the lines of a here-document of COPY or ADD, in which quotes mean nothing.
func (s *Env) UndefinedIn(body parser.Text) []Reference {
	const escape = '\\' // whatever the escape directive says
	lex := shell.NewLex(escape)
	lex.SkipProcessQuotes = true
	_, missing := s.uses(body.String, func(word string, g *getter) (shell.ProcessWordResult, error) {
		return lex.ProcessWordWithMatches(word, g)
	})
	return s.undefined(body, missing, escape)
}

func (s *Env) undefined(text parser.Text, missing []string, escape byte) []Reference {
	var out []Reference
	for _, name := range missing {
		if s.Lookup(name) == nil {
			out = append(out, locate(text, name, escape))
		}
	}
	return out
}

func locate(text parser.Text, name string, escape byte) Reference {
	t := text.String
	for i := 0; i < len(t); i++ {
		if t[i] == escape {
			i++
			continue
		}
		if t[i] != '$' {
			continue
		}
		rest := t[i+1:]
		braced := strings.HasPrefix(rest, "{")
		rest, ok := strings.CutPrefix(strings.TrimPrefix(rest, "{"), name)
		if r, _ := utf8.DecodeRuneInString(rest); !ok || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) {
			continue
		}
		at := len(t) - len(rest)
		if !braced {
			return Reference{Name: name, Span: text.Span(i, at)}
		}
		modifier := strings.TrimPrefix(rest, ":")
		if end := strings.IndexByte(rest, '}'); end >= 0 {
			at += end + 1
		}
		return Reference{name, text.Span(i, at), strings.HasPrefix(modifier, "-") || strings.HasPrefix(modifier, "+")}
	}
	return Reference{Name: name, Span: text.Full()}
}

// quoted is the text of a word that is one quoted string with nothing special in it, the most common of special words.
func quoted(word string, escape byte) (string, bool) {
	n := len(word)
	if n < 2 || word[0] != '"' && word[0] != '\'' || word[n-1] != word[0] {
		return "", false
	}
	text := word[1 : n-1]
	return text, !special(text, escape)
}

// substitute replaces the variables in a word that has no other syntax than `$NAME` and `${NAME}`, all of it perhaps between
// double quotes. It is false for all other words, whatever get was asked for until then: BuildKit's lexer reads them, at 20 times the cost.
func substitute(word string, escape byte, get func(name string) (string, bool)) (string, bool) {
	if n := len(word); n > 1 && word[0] == '"' && word[n-1] == '"' {
		word = word[1 : n-1]
	}
	if !substitutable(word, escape) {
		return "", false
	}
	var room [128]byte
	out := room[:0]
	for {
		text, rest, found := strings.Cut(word, "$")
		out = append(out, text...)
		if !found {
			return string(out), true
		}
		rest, braced := strings.CutPrefix(rest, "{")
		end := nameEnd(rest)
		value, _ := get(rest[:end])
		if word = rest[end:]; braced {
			word = word[1:]
		}
		if word == "" && len(out) == 0 {
			return value, true
		}
		out = append(out, value...)
	}
}

// substitutable reports whether substitute can read all of word.
func substitutable(word string, escape byte) bool {
	for i := 0; i < len(word); i++ {
		switch c := word[i]; {
		case c < ' ' || c > '~' || c == '<' || c == '"' || c == '\'' || c == escape:
			return false
		case c == '$':
			rest, braced := strings.CutPrefix(word[i+1:], "{")
			end := nameEnd(rest)
			if end == 0 || rest[0] >= '0' && rest[0] <= '9' || braced && (end == len(rest) || rest[end] != '}') {
				return false
			}
		}
	}
	return true
}

// nameEnd is where the name of a variable ends that text begins with.
func nameEnd(text string) int {
	end := 0
	for end < len(text) && nameByte(text[end]) {
		end++
	}
	return end
}

func special(word string, escape byte) bool {
	for i := range len(word) {
		switch word[i] {
		case '$', '\'', '"', escape:
			return true
		}
	}
	return false
}

// getter feeds BuildKit's lexer and notes whether it asked for something that we do not know.
type getter struct {
	scope   *Env
	unknown bool
	given   int // bytes
}

func (g *getter) Get(name string) (string, bool) {
	v := g.scope.Lookup(name)
	if v == nil {
		g.unknown = g.unknown || g.scope.Open()
		return "", false
	}
	if !v.Set {
		// A build may pass a value for it; without one it is unset, and `${X:-y}` gives y.
		g.unknown = g.unknown || !v.empty
		return "", false
	}
	value := v.Value()
	g.unknown = g.unknown || !value.Known
	if g.given += len(value.Text); g.given > maxValue {
		// One word may ask for a long value very many times.
		g.unknown = true
		return "", true
	}
	return value.Text, true
}

func (g *getter) Keys() []string {
	var names []string
	for s := g.scope; s != nil; s = s.parent {
		if s.variable != nil {
			names = append(names, s.variable.Name)
		}
	}
	return names
}
