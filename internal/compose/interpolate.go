package compose

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dockvet/dockvet/plan"
)

// open marks in a text what is not known.
const open = "\x00"

// known is a value of which everything is known.
func known(text string) plan.Value { return plan.Value{Text: text, Known: true} }

// value is the value of a text, which may hold open.
func value(text string) plan.Value {
	if strings.Contains(text, open) {
		return plan.Value{}
	}
	return known(text)
}

// interpolate replaces the variables of text. A variable without value or default becomes open, since the shell that
// starts the project may set it. The grammar is that of https://docs.docker.com/reference/compose-file/interpolation/;
// compose-go's own `template` treats such a variable as empty, does not say so, and logs it to standard error.
func interpolate(text string, lookup func(string) (plan.Value, bool), depth int) (string, error) {
	if !strings.Contains(text, "$") {
		return text, nil
	}
	if depth > maxNested {
		return "", errors.New("variables are nested too deeply")
	}
	var out strings.Builder
	for {
		i := strings.IndexByte(text, '$')
		if i < 0 || i+1 == len(text) {
			out.WriteString(text)
			return out.String(), nil
		}
		out.WriteString(text[:i])
		rest := text[i+1:]
		n := nameLength(rest)
		switch {
		case rest[0] == '$':
			out.WriteByte('$')
			rest = rest[1:]
		case rest[0] == '{':
			body, after, ok := braced(rest)
			if !ok {
				return "", fmt.Errorf("`%s` is not a variable", brief(text[i:]))
			}
			replaced, err := expand(body, lookup, depth)
			if err != nil {
				return "", err
			}
			out.WriteString(replaced)
			rest = after
		case n > 0:
			out.WriteString(lookupText(rest[:n], lookup))
			rest = rest[n:]
		default:
			out.WriteByte('$')
		}
		if out.Len() > maxFile {
			return "", errors.New("it is too long once its variables are replaced")
		}
		text = rest
	}
}

func brief(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	if len(s) > 40 {
		s = s[:40] + "…"
	}
	return s
}

// braced cuts `{body}` from the start of s. Nested braces are counted; where they do not match, the last one of the
// line ends it.
func braced(s string) (body, after string, ok bool) {
	line, _, _ := strings.Cut(s, "\n")
	n := nameLength(line[1:])
	if n == 0 {
		return "", "", false
	}
	if line[1+n:] != "" && line[1+n] == '}' {
		return line[1 : 1+n], s[2+n:], true
	}
	if op, _ := operator(line[1+n:]); op == "" {
		return "", "", false
	}
	depth, end := 0, strings.LastIndexByte(line, '}')
	if end < 0 {
		return "", "", false
	}
	for i := 0; i < end; i++ {
		switch line[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				end = i
			}
		}
	}
	return line[1:end], s[end+1:], true
}

func nameLength(s string) int {
	for i := range len(s) {
		c := s[i]
		letter := c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return i
		}
	}
	return len(s)
}

// operator splits what follows a name into its operator, such as `:-`, and the word after it.
func operator(s string) (op, word string) {
	for _, op := range []string{":-", ":+", ":?", "-", "+", "?"} {
		if word, ok := strings.CutPrefix(s, op); ok {
			return op, word
		}
	}
	return "", ""
}

// expand is the value of what is between braces.
func expand(body string, lookup func(string) (plan.Value, bool), depth int) (string, error) {
	n := nameLength(body)
	name := body[:n]
	op, word := operator(body[n:])
	if op == "" {
		return lookupText(name, lookup), nil
	}
	v, set := lookup(name)
	if set && !v.Known {
		return open, nil
	}
	if strings.HasPrefix(op, ":") {
		set = set && v.Text != ""
	}
	switch op[len(op)-1] {
	case '-':
		if !set {
			return interpolate(word, lookup, depth+1)
		}
	case '+':
		if set {
			return interpolate(word, lookup, depth+1)
		}
	case '?':
		if !set {
			return open, nil // whoever starts the project has to set it
		}
	}
	return v.Text, nil
}

func lookupText(name string, lookup func(string) (plan.Value, bool)) string {
	if v, ok := lookup(name); ok && v.Known {
		return v.Text
	}
	return open
}
