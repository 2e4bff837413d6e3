package house

import (
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/dockvet/dockvet/internal/nearest"
)

// Message is a text for people. A word in braces stands for a part of what was found, as in {image}.
type Message struct {
	text string
	node *yaml.Node
}

// DecodeNode reads n into m.
func (m *Message) DecodeNode(n *yaml.Node, r Reader) {
	m.node = n
	switch {
	case n.Kind != yaml.ScalarNode || n.Tag == "!!null" || strings.TrimSpace(n.Value) == "":
		r.Fail(n, "this must be a text")
	case len(n.Value) > maxMessage:
		r.Fail(n, "this has more than %d bytes", maxMessage)
	case !utf8.ValidString(n.Value):
		r.Fail(n, "this is not valid UTF-8")
	default:
		m.text = strings.Join(strings.Fields(n.Value), " ")
	}
}

// check fails for a placeholder that is not among names.
func (m *Message) check(names []string, fail Fail) {
	m.expand(func(name string) string {
		if !slices.Contains(names, name) {
			ending := "; there are " + strings.Join(names, ", ")
			if near, ok := nearest.Name(name, names); ok {
				ending = "; the nearest is `{" + near + "}`"
			}
			fail(m.node, "what is matched has no `{%s}`%s", name, ending)
		}
		return ""
	})
}

// expand replaces the words in braces. Capitals mean a variable of a shell, and stay.
func (m *Message) expand(value func(name string) string) string {
	if m == nil {
		return ""
	}
	var b strings.Builder
	rest := m.text
	for {
		before, after, ok := strings.Cut(rest, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, tail, ok := strings.Cut(after, "}")
		if !ok || name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz") != "" || strings.HasSuffix(before, "$") {
			b.WriteByte('{')
			rest = after
			continue
		}
		b.WriteString(value(name))
		rest = tail
	}
}

// maxShown bounds a value in a message, in characters.
const maxShown = 120

// shown is text as a message has it: on one line, and not too long.
func shown(text string) string {
	if len(text) > 4*maxShown {
		text = strings.ToValidUTF8(text[:4*maxShown], "")
	}
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > maxShown {
		return string(runes[:maxShown-1]) + "…"
	}
	return text
}
