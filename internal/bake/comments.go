package bake

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/dockvet/dockvet/internal/pragma"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// Comments are the comments for dockvet in a file. One on a line of its own is about the next line that is not a comment,
// another one about its own line; and both about the lines below it up to the end of a bracket that it opens.
func Comments(src *parser.Source) []lint.Remark {
	if !strings.HasSuffix(src.Name, ".hcl") || !strings.Contains(string(src.Bytes), pragma.Dockvet) {
		return nil
	}
	tokens, _ := hclsyntax.LexConfig(src.Bytes, src.Name, hcl.InitialPos) // a file with faults has no builds
	var out []lint.Remark
	for i, t := range tokens {
		if t.Type != hclsyntax.TokenComment {
			continue
		}
		written := strings.TrimRight(string(t.Bytes), " \t\r\n")
		text, ok := strings.CutPrefix(written, "#")
		if !ok {
			text, ok = strings.CutPrefix(written, "//")
		}
		text = strings.TrimLeft(text, " \t")
		if word, _, _ := strings.Cut(text, " "); !ok || strings.TrimSuffix(word, ":") != pragma.Dockvet {
			continue
		}
		start := t.Range.Start.Byte
		out = append(out, lint.Remark{
			Span: parser.Span{Start: start, End: start + len(written)}, Text: text, About: about(src, tokens, i),
		})
	}
	return out
}

// about is what the comment tokens[i] is about.
func about(src *parser.Source, tokens hclsyntax.Tokens, i int) parser.Span {
	line := src.Lines.Span(tokens[i].Range.Start.Line)
	first := i
	for first > 0 && tokens[first-1].Range.Start.Byte >= line.Start && tokens[first-1].Type != hclsyntax.TokenNewline {
		first--
	}
	if first == i { // on a line of its own
		for first < len(tokens) && (tokens[first].Type == hclsyntax.TokenComment || tokens[first].Type == hclsyntax.TokenNewline) {
			first++
		}
		if first == len(tokens) {
			return parser.Span{}
		}
		line = src.Lines.Span(tokens[first].Range.Start.Line)
	}
	out := line
	depth := 0
	for _, t := range tokens[first:] {
		if depth <= 0 && t.Range.Start.Byte >= line.End {
			break
		}
		switch t.Type { //nolint:exhaustive // the others open and close nothing
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenOHeredoc:
			depth++
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCHeredoc:
			depth--
		}
		out.End = max(out.End, t.Range.End.Byte)
	}
	return out
}
