package lsp

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/config"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/internal/order"
)

// settings proposes what the schema of .dockvet.yaml allows at the place. Lines are read by their indentation, so that half a file is
// enough; what is in braces gets nothing.
func (c *completer) settings() {
	t := c.doc.text
	number := t.position(c.at).Line
	line := t.line(number)
	before := t.string[line.Start:c.at]
	after := t.string[c.at:line.End]
	if i := strings.IndexByte(before, '#'); i == 0 || i > 0 && before[i-1] == ' ' {
		return
	}
	y := readLine(before)
	trail, siblings := y.trail(t, number)
	content := before[min(y.column, len(before)):]
	key, value, isValue := strings.Cut(content, ":")
	after = after[:len(after)-len(strings.TrimLeft(after, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."))]
	schema := config.Schema(c.server.rules)
	if isValue {
		trail = append(trail, unquoted(key))
		value = strings.TrimLeft(value, " ")
		if list, ok := strings.CutPrefix(value, "["); ok {
			trail = append(trail, element)
			value = strings.TrimLeft(list[strings.LastIndexByte(list, ',')+1:], " ")
		}
		content = value
	}
	w := word{content[len(content)-len(strings.TrimLeft(content, `"'`)):], after}
	if strings.ContainsAny(w.before, " {") {
		return
	}
	for _, s := range schemasAt(schema, trail) {
		c.values(s, w)
		properties, ok := s["properties"].(map[string]any)
		if isValue || !ok {
			continue
		}
		keys := slices.Collect(maps.Keys(properties))
		order.By(keys, func(a, b string) int {
			upper := func(s string) int { return len(s) - len(strings.TrimLeft(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) }
			return cmp.Or(cmp.Compare(min(upper(a), 1), min(upper(b), 1)), cmp.Compare(a, b)) // codes of other tools come last
		})
		for _, key := range keys {
			if siblings[key] {
				continue
			}
			it := completionItem{Label: key, Kind: itemProperty, text: key + ": ", filter: key}
			for _, p := range alternatives(schema, properties[key]) {
				if doc, ok := p["description"].(string); ok && it.Documentation == nil {
					it.Documentation = &markup{"markdown", doc}
				}
			}
			if strings.HasPrefix(strings.TrimLeft(t.string[c.at+len(after):], " "), ":") {
				it.text = key
			}
			c.item(w, it)
		}
	}
}

// values proposes the values that s lists.
func (c *completer) values(s map[string]any, w word) {
	var list []string
	switch enum := s["enum"].(type) {
	case []string:
		list = enum
	case []any:
		for _, v := range enum {
			list = append(list, fmt.Sprint(v))
		}
	}
	if s["type"] == "boolean" {
		list = []string{"true", "false"}
	}
	for _, v := range list {
		c.item(w, completionItem{Label: v, Kind: itemValue})
	}
}

// element is the part of a trail that stands for an element of a list.
const element = "[]"

// schemasAt are the schemas of what trail leads to: several if there is a choice.
func schemasAt(root map[string]any, trail []string) []map[string]any {
	here := alternatives(root, root)
	for _, part := range trail {
		var next []map[string]any
		for _, s := range here {
			if part == element {
				next = append(next, alternatives(root, s["items"])...)
			} else if properties, ok := s["properties"].(map[string]any); ok && properties[part] != nil {
				next = append(next, alternatives(root, properties[part])...)
			} else {
				next = append(next, alternatives(root, s["additionalProperties"])...)
			}
		}
		here = next
	}
	return here
}

// alternatives are s, what it refers to and the schemas that it is made of; nothing if it is not a schema.
func alternatives(root map[string]any, s any) []map[string]any {
	one, ok := s.(map[string]any)
	if !ok {
		return nil
	}
	out := []map[string]any{one}
	if ref, ok := one["$ref"].(string); ok {
		if definitions, ok := root["definitions"].(map[string]any); ok {
			out = append(out, alternatives(root, definitions[strings.TrimPrefix(ref, "#/definitions/")])...)
		}
	}
	for _, key := range []string{"allOf", "anyOf"} {
		if list, ok := one[key].([]any); ok {
			for _, x := range list {
				out = append(out, alternatives(root, x)...)
			}
		}
	}
	return out
}

// yamlLine is a line of block style YAML.
type yamlLine struct {
	column int    // of what follows the indentation and dashes
	dashes []int  // the columns of the dashes
	key    string // "" without one
}

var yamlKey = lazy.Regexp{Expr: `^("[^"]*"|'[^']*'|[^\s#:"'\[\]{},&*!|>%@-][^#:\[\]{},]*)\s*:(\s|$)`}

func readLine(s string) yamlLine {
	var y yamlLine
	for y.column < len(s) {
		switch {
		case s[y.column] == ' ':
		case s[y.column] == '-' && (y.column+1 == len(s) || s[y.column+1] == ' '):
			y.dashes = append(y.dashes, y.column)
		default:
			if m := yamlKey.Get().FindStringSubmatch(s[y.column:]); m != nil {
				y.key = unquoted(m[1])
			}
			return y
		}
		y.column++
	}
	return y
}

func unquoted(s string) string { return strings.Trim(strings.TrimSpace(s), `"'`) }

// trail is the way from the top of the document to y, the line with that number, and the keys beside its own.
func (y yamlLine) trail(t *text, number int) (trail []string, siblings map[string]bool) {
	siblings = map[string]bool{}
	column, inList := y.column, false
	up := func(dashes []int) {
		for i := len(dashes) - 1; i >= 0; i-- {
			dash := dashes[i]
			trail, column, inList = append(trail, element), dash, true
		}
	}
	up(y.dashes)
	for n := number - 1; n >= 0; n-- {
		s := t.line(n)
		o := readLine(t.string[s.Start:s.End])
		switch {
		case o.key == "" && len(o.dashes) == 0:
		case inList && o.column <= column && o.key != "" && len(o.dashes) == 0, !inList && o.column < column && o.key != "",
			inList && o.column <= column && o.key != "" && o.dashes[len(o.dashes)-1] < column:
			trail = append(trail, o.key)
			column, inList = o.column, false
			up(o.dashes)
		case !inList && o.column == column:
			if len(trail) == 0 {
				siblings[o.key] = true
			}
			up(o.dashes)
		}
	}
	for n := number + 1; n < len(t.starts); n++ {
		s := t.line(n)
		o := readLine(t.string[s.Start:s.End])
		if o.key == "" && len(o.dashes) == 0 || o.column > y.column {
			continue
		}
		if o.column < y.column || len(o.dashes) > 0 {
			break
		}
		siblings[o.key] = true
	}
	slices.Reverse(trail)
	return trail, siblings
}
