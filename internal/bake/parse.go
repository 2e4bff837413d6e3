package bake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/dockvet/dockvet/parser"
)

// block is a block of a bake file.
type block struct {
	kind, name string
	attributes map[string]*attribute
	source     *parser.Source
	at         parser.Span // its first line, up to the brace
}

// attribute is an attribute of a block, or one at the top of a file.
type attribute struct {
	value *expression
	at    parser.Span // its name
}

// expression is the value of an attribute.
type expression struct {
	root  hclsyntax.Expression // as it is written, except for what bound has put into it
	value hclsyntax.Expression // root, or what bound has put around it
	vars  []hcl.Traversal
	calls []string
}

// document is what is in a file.
type document struct {
	source *parser.Source
	blocks []*block
	values map[string]*attribute // at the top
}

// The bounds of what is parsed. The parser and the evaluation go as deep as what they read.
const (
	maxNested    = 100  // brackets, quotes and templates in each other
	maxOperators = 1000 // operators that one expression may be deep
	maxNumber    = 400  // digits
)

var errTooDeep = errors.New("it is nested too deeply")

// parse reads a file: JSON if its name says so, otherwise HCL.
func parse(name string, data []byte) (*document, error) {
	d := &document{source: parser.NewSource(name, data), values: map[string]*attribute{}}
	if strings.HasSuffix(strings.ToLower(name), ".json") {
		return d, d.json()
	}
	return d, d.hcl()
}

func (d *document) hcl() error {
	tokens, diags := hclsyntax.LexConfig(d.source.Bytes, d.source.Name, hcl.InitialPos)
	if diags.HasErrors() {
		return diags
	}
	if tooDeep(tokens) {
		return errTooDeep
	}
	f, diags := hclsyntax.ParseConfig(d.source.Bytes, d.source.Name, hcl.InitialPos)
	if diags.HasErrors() {
		return diags
	}
	body, ok := f.Body.(*hclsyntax.Body)
	if !ok {
		return fmt.Errorf("a body of type %T", f.Body)
	}
	for name, a := range body.Attributes {
		d.values[name] = nativeAttribute(a)
	}
	for _, b := range body.Blocks {
		if len(b.Labels) != 1 {
			if known(b.Type) {
				return fmt.Errorf("line %d: a block has one label", b.TypeRange.Start.Line)
			}
			continue
		}
		out := &block{
			kind: b.Type, name: b.Labels[0], attributes: map[string]*attribute{}, source: d.source,
			at: parser.Span{Start: b.TypeRange.Start.Byte, End: b.LabelRanges[0].End.Byte},
		}
		for name, a := range b.Body.Attributes {
			out.attributes[name] = nativeAttribute(a)
		}
		d.blocks = append(d.blocks, out)
	}
	return nil
}

func nativeAttribute(a *hclsyntax.Attribute) *attribute {
	return &attribute{value: newExpression(a.Expr), at: parser.Span{Start: a.NameRange.Start.Byte, End: a.NameRange.End.Byte}}
}

// known reports whether bake knows blocks of that kind.
func known(kind string) bool {
	return kind == "target" || kind == "group" || kind == "variable" || kind == "function"
}

// tooDeep reports whether the parser would go too deep into tokens, or meet a number that takes long to write.
func tooDeep(tokens hclsyntax.Tokens) bool {
	type level struct {
		by hclsyntax.TokenType
		n  int // operators that may be in each other
	}
	stack := []level{{by: hclsyntax.TokenOBrace}}
	sum := 0
	add := func(n int) {
		stack[len(stack)-1].n += n
		sum += n
	}
	for _, t := range tokens {
		top := stack[len(stack)-1]
		switch t.Type { //nolint:exhaustive // the others do not nest
		case hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenTemplateControl:
			add(1)
			stack = append(stack, level{by: t.Type})
		case hclsyntax.TokenOBrace, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc, hclsyntax.TokenTemplateInterp:
			stack = append(stack, level{by: t.Type})
		case hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCBrace, hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc,
			hclsyntax.TokenTemplateSeqEnd:
			if len(stack) > 1 {
				sum -= top.n
				stack = stack[:len(stack)-1]
			}
		case hclsyntax.TokenComma:
			add(-top.n)
		case hclsyntax.TokenNewline:
			if top.by == hclsyntax.TokenOBrace {
				add(-top.n)
			}
		case hclsyntax.TokenNumberLit:
			if !shortNumber(string(t.Bytes)) {
				return true
			}
		case hclsyntax.TokenIdent, hclsyntax.TokenQuotedLit, hclsyntax.TokenStringLit, hclsyntax.TokenComment:
		default:
			add(1)
		}
		if len(stack) > maxNested || sum > maxOperators {
			return true
		}
	}
	return false
}

// shortNumber reports whether a number has few digits, also if it is written without an exponent.
func shortNumber(text string) bool {
	_, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	return len(text) <= maxNumber && len(exponent) <= 4
}

// object is an object of JSON with its fields in order, member one of them.
type (
	object []member
	member struct {
		key   string
		at    parser.Span // of the key
		value any         // an object, a []any, or a hclsyntax.Expression
	}
)

// json reads a file in the JSON form of HCL.
// Source: https://github.com/hashicorp/hcl/blob/main/json/spec.md
func (d *document) json() error {
	r := jsonReader{source: d.source, Decoder: json.NewDecoder(bytes.NewReader(d.source.Bytes))}
	r.UseNumber()
	top, err := r.value(0)
	if err != nil {
		return err
	}
	if _, err := r.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more than one value")
	}
	for _, fields := range objects(top) {
		for _, m := range fields {
			switch {
			case m.key == "//":
			case !known(m.key):
				d.values[m.key] = &attribute{value: newExpression(r.expression(m.value, m.at)), at: m.at}
			default:
				for _, labels := range objects(m.value) {
					for _, b := range labels {
						d.jsonBlocks(&r, m.key, b)
					}
				}
			}
		}
	}
	return r.err
}

// jsonBlocks adds the blocks of a kind that m is the label of.
func (d *document) jsonBlocks(r *jsonReader, kind string, m member) {
	for _, fields := range objects(m.value) {
		b := &block{kind: kind, name: m.key, attributes: map[string]*attribute{}, source: d.source, at: m.at}
		for _, a := range fields {
			if a.key != "//" {
				b.attributes[a.key] = &attribute{value: newExpression(r.expression(a.value, a.at)), at: a.at}
			}
		}
		d.blocks = append(d.blocks, b)
	}
}

// objects are v or its items.
func objects(v any) []object {
	switch v := v.(type) {
	case object:
		return []object{v}
	case []any:
		var out []object
		for _, x := range v {
			if o, ok := x.(object); ok {
				out = append(out, o)
			}
		}
		return out
	}
	return nil
}

type jsonReader struct {
	*json.Decoder
	source *parser.Source
	err    error // what is wrong with the templates
}

// token is the next token, and where it is.
func (r *jsonReader) token() (json.Token, parser.Span, error) {
	start := int(r.InputOffset())
	for start < len(r.source.Bytes) && strings.IndexByte(" \t\r\n,:", r.source.Bytes[start]) >= 0 {
		start++
	}
	t, err := r.Token()
	return t, parser.Span{Start: start, End: int(r.InputOffset())}, err
}

func (r *jsonReader) value(depth int) (any, error) {
	t, at, err := r.token()
	if err != nil {
		return nil, err
	}
	return r.rest(t, at, depth)
}

// rest is the value that begins with t.
func (r *jsonReader) rest(t json.Token, at parser.Span, depth int) (any, error) {
	if depth > maxNested {
		return nil, errTooDeep
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '[' {
			list := []any{}
			for r.More() {
				v, err := r.value(depth + 1)
				if err != nil {
					return nil, err
				}
				list = append(list, v)
			}
			_, err := r.Token()
			return list, err
		}
		fields := object{}
		for r.More() {
			key, at, err := r.token()
			if err != nil {
				return nil, err
			}
			name, ok := key.(string)
			if !ok {
				return nil, errors.New("a key is not a string")
			}
			v, err := r.value(depth + 1)
			if err != nil {
				return nil, err
			}
			fields = append(fields, member{name, at, v})
		}
		_, err := r.Token()
		return fields, err
	case string:
		return r.template(t, at), nil
	case json.Number:
		if !shortNumber(t.String()) {
			return nil, errTooDeep
		}
		n, err := cty.ParseNumberVal(t.String())
		return literal(n, r.place(at)), err
	case bool:
		return literal(cty.BoolVal(t), r.place(at)), nil
	}
	return literal(cty.NullVal(cty.DynamicPseudoType), r.place(at)), nil
}

func literal(v cty.Value, at hcl.Range) hclsyntax.Expression {
	return &hclsyntax.LiteralValueExpr{Val: v, SrcRange: at}
}

func (r *jsonReader) place(at parser.Span) hcl.Range {
	line := r.source.Lines.Line(at.Start)
	return hcl.Range{
		Filename: r.source.Name, Start: hcl.Pos{Line: line, Column: 1, Byte: at.Start}, End: hcl.Pos{Line: line, Column: 1, Byte: at.End},
	}
}

// template is the expression that a string of JSON is.
func (r *jsonReader) template(text string, at parser.Span) hclsyntax.Expression {
	place := r.place(at)
	if !strings.Contains(text, "${") && !strings.Contains(text, "%{") {
		return literal(cty.StringVal(text), place)
	}
	tokens, diags := hclsyntax.LexTemplate([]byte(text), r.source.Name, place.Start)
	if diags.HasErrors() || tooDeep(tokens) {
		r.err = errTooDeep
		return literal(cty.DynamicVal, place)
	}
	e, diags := hclsyntax.ParseTemplate([]byte(text), r.source.Name, place.Start)
	if diags.HasErrors() {
		r.err = diags
		return literal(cty.DynamicVal, place)
	}
	return e
}

// expression is v as the value of an attribute.
func (r *jsonReader) expression(v any, at parser.Span) hclsyntax.Expression {
	switch v := v.(type) {
	case hclsyntax.Expression:
		return v
	case []any:
		out := &hclsyntax.TupleConsExpr{SrcRange: r.place(at), OpenRange: r.place(at)}
		for _, x := range v {
			out.Exprs = append(out.Exprs, r.expression(x, at))
		}
		return out
	case object:
		out := &hclsyntax.ObjectConsExpr{SrcRange: r.place(at), OpenRange: r.place(at)}
		for _, m := range v {
			out.Items = append(out.Items, hclsyntax.ObjectConsItem{KeyExpr: r.template(m.key, m.at), ValueExpr: r.expression(m.value, m.at)})
		}
		return out
	}
	return literal(cty.DynamicVal, r.place(at))
}

// newExpression notes what root depends on, before bound hides parts of it.
func newExpression(root hclsyntax.Expression) *expression {
	e := &expression{root: root, vars: root.Variables()}
	_ = hclsyntax.VisitAll(root, func(n hclsyntax.Node) hcl.Diagnostics {
		if f, ok := n.(*hclsyntax.FunctionCallExpr); ok && !slices.Contains(e.calls, f.Name) {
			e.calls = append(e.calls, f.Name)
		}
		return nil
	})
	return e
}

// word is e if it is a single word: a name, or in JSON a string.
func word(e hclsyntax.Expression) string {
	if w := hcl.ExprAsKeyword(e); w != "" {
		return w
	}
	text, ok := text(e)
	if ok && hclsyntax.ValidIdentifier(text) {
		return text
	}
	return ""
}

// text is e if it is a string without variables.
func text(e hclsyntax.Expression) (string, bool) {
	switch x := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		return text(x.Expression)
	case *hclsyntax.ObjectConsKeyExpr:
		if w := hcl.ExprAsKeyword(x); w != "" {
			return w, true
		}
		return text(x.Wrapped)
	case *hclsyntax.TemplateExpr:
		if len(x.Parts) == 1 {
			return text(x.Parts[0])
		}
		return "", len(x.Parts) == 0
	case *hclsyntax.LiteralValueExpr:
		if x.Val.Type() == cty.String && x.Val.IsKnown() && !x.Val.IsNull() {
			return x.Val.AsString(), true
		}
	}
	return "", false
}
