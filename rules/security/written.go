package security

import (
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/shell"
)

// passage is text that a command writes, and where it is.
type passage struct {
	text string
	span parser.Span
}

// offKeys are the settings in configuration files that switch the verification of certificates or signatures off.
var offKeys = lazy.Words{List: func() []string {
	keys := []string{"check_certificate"}
	for _, m := range ecosystem.Each() {
		for _, off := range m.Offs() {
			if off.Key != "" {
				keys = append(keys, off.Key)
			}
		}
	}
	return keys
}}

// written is the text that c writes: the arguments of echo and printf, what sed puts in the place of other text, and
// here-documents.
func written(c *shell.Command) []passage {
	var out []passage
	switch c.Name {
	case "echo", "printf":
		for _, w := range c.Args() {
			out = append(out, passage{w.Text, w.Span})
		}
		if len(out) > 1 { // `echo deb [trusted=yes] …` without quotes
			var all []string
			for _, p := range out {
				all = append(all, p.text)
			}
			span := parser.Span{Start: out[0].span.Start, End: out[len(out)-1].span.End}
			out = append(out, passage{strings.Join(all, " "), span})
		}
	case "sed":
		for _, w := range c.Args() {
			if text, ok := replacement(w.Text); ok {
				out = append(out, passage{text, w.Span})
			}
		}
	case "cat", "tee":
		if c.Stmt == nil {
			break
		}
		for _, r := range c.Stmt.Redirs {
			if r.Hdoc != nil {
				text := c.Script.Text.String[r.Hdoc.Pos().Offset():r.Hdoc.End().Offset()]
				out = append(out, passage{text, c.Script.Span(r.Hdoc)})
			}
		}
	}
	return out
}

// replacement is the second part of a command of sed such as `s/a/b/`.
func replacement(command string) (text string, ok bool) {
	i := strings.IndexByte(command, 's')
	if i < 0 || i+1 >= len(command) {
		return "", false
	}
	delimiter := command[i+1]
	if delimiter >= 'a' && delimiter <= 'z' || delimiter >= 'A' && delimiter <= 'Z' || delimiter == ' ' {
		return "", false
	}
	parts := strings.Split(command[i+2:], string(delimiter))
	if len(parts) < 2 {
		return "", false
	}
	return parts[1], true
}
