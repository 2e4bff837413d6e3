package yamltext_test

import (
	"testing"

	"github.com/dockvet/dockvet/internal/yamltext"
	"github.com/dockvet/dockvet/parser"
)

func TestBlock(t *testing.T) {
	for _, c := range []struct{ doc, want string }{
		{"x:\n  k:\n    a: 1 # one\n\n    b: |\n      text\n\n    # more\n    c:\n    - 1\n  # of l\n  l: 2\n", "k:\n  a: 1 # one\n\n  b: |\n    text\n\n  # more\n  c:\n  - 1\n"},
		{"x:\n  k: {a: 1}\n", "k: {a: 1}\n"},
		{"x: {k: {a: 1}, l: 2}\n", "x: {k: {a: 1}, l: 2}\n"},
		{"x:\r\n  k:\r\n    a: \"1\r\n 2\"\r\ny: 3\r\n", "k:\n  a: \"1\n2\"\n"},
		{"x:\n  k: 123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890\n", ""},
	} {
		n := yamltext.Get(yamltext.Document([]byte(c.doc)), "x").Content[0]
		if got := yamltext.Block(parser.NewSource("f", []byte(c.doc)), n, 80); got != c.want {
			t.Errorf("%q: got %q, want %q", c.doc, got, c.want)
		}
	}
}
