package yamltext

import "gopkg.in/yaml.v3"

// maxNodes bounds a document with what its aliases stand for.
const maxNodes = 500_000

// Document is the root of the first document in data; nil if there is none, if it cannot be parsed, or if aliases make it larger than
// anyone writes, such as one in what it stands for itself. So whoever walks through it comes to an end.
func Document(data []byte) *yaml.Node {
	var root yaml.Node
	if len(data) == 0 || yaml.Unmarshal(data, &root) != nil || len(root.Content) == 0 {
		return nil
	}
	left := maxNodes
	if !bounded(root.Content[0], map[*yaml.Node]bool{}, &left) {
		return nil
	}
	return root.Content[0]
}

// bounded takes the nodes of n from left, and reports whether that was enough. Aliases that are being looked at are in busy.
func bounded(n *yaml.Node, busy map[*yaml.Node]bool, left *int) bool {
	if *left--; *left < 0 {
		return false
	}
	if n.Kind == yaml.AliasNode {
		if n = n.Alias; busy[n] {
			return false
		}
		busy[n] = true
		defer delete(busy, n)
	}
	for _, x := range n.Content {
		if !bounded(x, busy, left) {
			return false
		}
	}
	return true
}

// Follow is what an alias refers to, and n itself if it is none.
func Follow(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// Get is the value of the last of keys, each in the value of the one before or in what `<<` merges into it; nil without one.
func Get(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		var found *yaml.Node
		mappings(n, func(m *yaml.Node) bool {
			for i := len(m.Content) - 2; i >= 0; i -= 2 {
				if m.Content[i].Value == key {
					found = Follow(m.Content[i+1])
					return false
				}
			}
			return true
		})
		if n = found; n == nil {
			return nil
		}
	}
	return n
}

// Fields calls yield for each key of a mapping and of what `<<` merges into it.
func Fields(n *yaml.Node, yield func(key string, value *yaml.Node)) {
	done := map[string]bool{}
	mappings(n, func(m *yaml.Node) bool {
		for i := 0; i+1 < len(m.Content); i += 2 {
			if key := m.Content[i].Value; m.Content[i].Tag != merge && !done[key] {
				done[key] = true
				yield(key, Follow(m.Content[i+1]))
			}
		}
		return true
	})
}

const (
	merge     = "!!merge"
	maxMerged = 50 // mappings that are merged into one, and into these
)

// mappings calls yield for n, a mapping, and those that are merged into it, until it returns false. What comes first wins.
func mappings(n *yaml.Node, yield func(*yaml.Node) bool) {
	list := []*yaml.Node{n}
	for i := 0; i < len(list) && i < maxMerged; i++ {
		m := Follow(list[i])
		if m == nil || m.Kind != yaml.MappingNode {
			continue
		}
		if !yield(m) {
			return
		}
		for j := 0; j+1 < len(m.Content); j += 2 {
			if m.Content[j].Tag != merge {
				continue
			}
			if x := Follow(m.Content[j+1]); x.Kind == yaml.SequenceNode {
				list = append(list, x.Content[:min(len(x.Content), maxMerged)]...)
			} else {
				list = append(list, x)
			}
		}
	}
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
