package yamltext

import "gopkg.in/yaml.v3"

// Follow is what an alias refers to, and n itself if it is none.
func Follow(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// Get is the value of the last of keys, each in the value of the one before; nil without one.
func Get(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		if n = Follow(n); n == nil || n.Kind != yaml.MappingNode {
			return nil
		}
		var next *yaml.Node
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				next = Follow(n.Content[i+1])
			}
		}
		n = next
	}
	return n
}

// Items are those of a list, none if n is something else.
func Items(n *yaml.Node) []*yaml.Node {
	if n = Follow(n); n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	out := make([]*yaml.Node, len(n.Content))
	for i, x := range n.Content {
		out[i] = Follow(x)
	}
	return out
}

// FirstLine is the line on which the text of a scalar begins, from 1.
func FirstLine(n *yaml.Node) int {
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return n.Line + 1
	}
	return n.Line
}
