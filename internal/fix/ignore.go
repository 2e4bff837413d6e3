package fix

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/internal/pragma"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// IgnoreComments are the edits of src that ignore findings, which are all in it: comments on lines of their own, one for each instruction or
// line of a description, and one for what is in neither and for the rules that file names. A bug of a rule cannot be ignored.
func IgnoreComments(src *parser.Source, findings []*lint.Finding, description bool, reason string, file []string) []lint.Edit {
	c := ignorer{Source: src, reason: reason}
	if !description {
		c.file = parser.Parse(src.Name, src.Bytes)
	}
	whole := map[string]bool{}
	for _, f := range findings {
		if slices.Contains(file, f.Rule.Name) || f.Instruction.Name == "" && (!description || f.Span == (parser.Span{})) {
			whole[f.Rule.Name] = true
		}
	}
	names := map[int]map[string]bool{} // by offset
	for _, f := range findings {
		if f.Rule.Name == lint.RuleBug || whole[f.Rule.Name] {
			continue
		}
		at := c.above(f)
		if names[at] == nil {
			names[at] = map[string]bool{}
		}
		names[at][f.Rule.Name] = true
	}
	delete(whole, lint.RuleBug)
	top := c.top()
	if len(whole) > 0 && names[top] == nil {
		names[top] = nil
	}
	var edits []lint.Edit
	for at, list := range names {
		text := ""
		if at == top && len(whole) > 0 {
			text = c.line(at, "ignore-file", whole)
		}
		if len(list) > 0 {
			text += c.line(at, "ignore", list)
		}
		if at > 0 && at == len(src.Bytes) && src.Bytes[at-1] != '\n' { // below a directive that is all there is
			text = src.Newline() + strings.TrimSuffix(text, src.Newline())
		}
		edits = append(edits, lint.Insert(at, text))
	}
	order.By(edits, func(a, b lint.Edit) int { return cmp.Compare(a.Span.Start, b.Span.Start) })
	return edits
}

// directive reports whether line looks like a parser directive to BuildKit: `# name=`.
func directive(line []byte) bool {
	line, ok := bytes.CutPrefix(line, []byte("#"))
	name, _, is := bytes.Cut(line, []byte("="))
	name = bytes.TrimSpace(name)
	letter := func(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }
	return ok && is && len(name) > 0 && letter(name[0]) && !slices.ContainsFunc(name, func(b byte) bool { return !letter(b) && (b < '0' || b > '9') })
}

// ignorer writes ignore comments.
type ignorer struct {
	*parser.Source
	file   *parser.File // nil for a description
	reason string
}

// line is a comment that names rules, indented like what is at offset at.
func (c *ignorer) line(at int, how string, names map[string]bool) string {
	text := "# " + pragma.Dockvet + " " + how + "=" + strings.Join(slices.Sorted(maps.Keys(names)), ",")
	if c.reason != "" {
		text += " " + c.reason
	}
	indent := c.Bytes[at:]
	indent = indent[:len(indent)-len(bytes.TrimLeft(indent, " \t"))]
	return string(indent) + text + c.Newline()
}

// top is where a comment on the file goes: below the parser directives, which it would end.
func (c *ignorer) top() int {
	at := 0
	if bytes.HasPrefix(c.Bytes, []byte("\ufeff")) {
		at = len("\ufeff")
	}
	if c.file == nil {
		return c.topOfDescription(at)
	}
	for directive(c.Bytes[at:c.after(at)]) { // also one that BuildKit rejects because it comes twice
		at = c.after(at)
	}
	return at
}

// topOfDescription is the first line that is not a directive of YAML or the mark below directives.
func (c *ignorer) topOfDescription(at int) int {
	from := at
	for at < len(c.Bytes) {
		line := c.Bytes[at:c.after(at)]
		switch {
		case bytes.HasPrefix(line, []byte("---")):
			return c.after(at)
		case line[0] != '%' && line[0] != '#' && len(bytes.TrimSpace(line)) > 0:
			return from
		}
		at = c.after(at)
	}
	return from
}

// after is where the line below the one that has offset at begins.
func (c *ignorer) after(at int) int {
	if i := bytes.IndexByte(c.Bytes[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(c.Bytes)
}

// above is where a comment for f goes. Comments for tools that only look at the line directly above stay there.
func (c *ignorer) above(f *lint.Finding) int {
	start := f.Span.Start
	if f.Instruction.Name != "" {
		start = f.Instruction.Span.Start
	}
	at := bytes.LastIndexByte(c.Bytes[:start], '\n') + 1
	if c.file == nil {
		return max(at, len(c.Bytes)-len(bytes.TrimPrefix(c.Bytes, []byte("\ufeff"))))
	}
	i, ok := slices.BinarySearchFunc(c.file.Instructions, start, func(in *parser.Instruction, at int) int { return in.Span.Start - at })
	if ok {
		in := c.file.Instructions[i]
		for i := len(in.Lead) - 1; i >= 0; i-- {
			x := in.Lead[i]
			if c.Lines.Line(x.Span.Start)+1 != c.Lines.Line(at) || !c.adjacent(x, in) {
				break
			}
			at = c.Lines.Span(c.Lines.Line(x.Span.Start)).Start
		}
	}
	return max(at, c.top())
}

// adjacent reports whether a program reads the comment x because it is directly above in.
func (c *ignorer) adjacent(x parser.Comment, in *parser.Instruction) bool {
	if pragma.Addressed(x.Text) || strings.HasPrefix(x.Text, pragma.ShellCheck) {
		return true
	}
	word, _, _ := strings.Cut(x.Text, " ") // BuildKit shows the description of an argument or a stage
	return slices.ContainsFunc(in.Args, func(w parser.Word) bool {
		name, _, _ := strings.Cut(c.Text(w.Full()), "=")
		return word != "" && strings.EqualFold(name, word)
	})
}

// Ignoring is src with edits of IgnoreComments. It is proven that nothing else has changed.
func Ignoring(src *parser.Source, edits []lint.Edit, description bool, o plan.Options) ([]byte, error) {
	after, err := Apply(src.Bytes, edits)
	switch {
	case err != nil:
		return nil, err
	case description:
		err = sameYAML(src.Bytes, after)
	default:
		err = sameInstructions(src, after, o)
	}
	return after, err
}

var errOther = errors.New("a comment there would change more than what is reported")

// sameInstructions is an error unless after is src with more comments.
func sameInstructions(src *parser.Source, after []byte, o plan.Options) error {
	was, is := parser.Parse(src.Name, src.Bytes), parser.Parse(src.Name, after)
	same := len(was.Directives) == len(is.Directives) && len(was.Instructions) == len(is.Instructions) && len(was.Errors) == len(is.Errors)
	for i := range was.Directives {
		same = same && was.Text(was.Directives[i].Span) == is.Text(is.Directives[i].Span)
	}
	for i := range was.Instructions {
		same = same && was.Text(was.Instructions[i].Span) == is.Text(is.Instructions[i].Span)
	}
	if !same || lostComment(was, is) != "" {
		return errOther
	}
	// A file that cannot be compared with anything has the same instructions at least.
	a := plan.New(was, o)
	if canCompare(a) && len(plan.Diff(a, plan.New(is, o))) > 0 {
		return errOther
	}
	return nil
}

// sameYAML is an error unless both are the same documents.
func sameYAML(before, after []byte) error {
	a, b := yaml.NewDecoder(bytes.NewReader(before)), yaml.NewDecoder(bytes.NewReader(after))
	for {
		var was, is yaml.Node
		errA, errB := a.Decode(&was), b.Decode(&is)
		switch {
		case (errA == nil) != (errB == nil):
			return errOther
		case errors.Is(errA, io.EOF) && errors.Is(errB, io.EOF):
			return nil
		case errA != nil:
			return errOther
		case !sameNode(&was, &is):
			return errOther
		}
	}
}

// sameNode reports whether two nodes differ only in comments and places.
func sameNode(a, b *yaml.Node) bool {
	if a.Kind == yaml.AliasNode && b.Kind == yaml.AliasNode {
		return a.Value == b.Value
	}
	return a.Kind == b.Kind && a.Tag == b.Tag && a.Value == b.Value && a.Anchor == b.Anchor && a.Style == b.Style &&
		slices.EqualFunc(a.Content, b.Content, sameNode)
}
