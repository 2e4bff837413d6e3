package lsp

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// token is what a byte of a document is part of; the number of its type plus one, and flags.
type token uint8

// The types, in the order of tokenTypes.
const (
	noToken token = iota
	tokenComment
	tokenKeyword
	tokenProperty  // a flag
	tokenNamespace // a stage
	tokenClass     // an image
	tokenVariable
	tokenString
	tokenFunction // a command
	tokenOperator

	declares token = 0x80 // it is what gives the name
)

func tokenTypes() []string {
	return []string{"comment", "keyword", "property", "namespace", "class", "variable", "string", "function", "operator"}
}

func tokenModifiers() []string { return []string{"declaration"} }

// painter notes for each byte of a Dockerfile which token it is part of. What is painted later is inside what was painted before.
type painter struct {
	plan  *plan.Plan
	bytes []token
}

func (s *server) semanticTokens(u uri, within *span) (any, error) {
	d, pl := s.planOf(u)
	if pl == nil {
		return nil, nil
	}
	whole := parser.Span{End: len(d.text.string)}
	if within != nil {
		whole = d.text.bytes(*within)
	}
	p := &painter{pl, make([]token, len(pl.File.Bytes))}
	p.file()
	return semanticTokens{p.encode(d.text, whole)}, nil
}

func (p *painter) span(s parser.Span, t token) {
	for i := max(s.Start, 0); i < min(s.End, len(p.bytes)); i++ {
		p.bytes[i] = t
	}
}

// text paints text without the ends of its lines.
func (p *painter) text(text parser.Text, start, end int, t token) {
	for i := max(start, 0); i < min(end, len(text.String)); i++ {
		if at := text.Offset(i); at < len(p.bytes) && text.String[i] != '\n' && text.String[i] != '\r' {
			p.bytes[at] = t
		}
	}
}

func (p *painter) all(text parser.Text, t token) { p.text(text, 0, len(text.String), t) }

func (p *painter) file() {
	file := p.plan.File
	for _, in := range file.Instructions {
		for ; in != nil; in = in.Trigger {
			p.instruction(in)
		}
	}
	visit := func(step *plan.Step) {
		for sc := range scriptsOf(step) {
			p.script(sc)
		}
	}
	for _, s := range p.plan.Stages {
		for _, step := range s.Steps {
			visit(step)
			if step.Trigger != nil {
				visit(step.Trigger)
			}
		}
	}
	for i := range p.plan.Images() {
		switch {
		case i.Stage != nil && i.Stage.Name != "":
			p.span(i.Span, tokenNamespace)
		case i.Use != plan.UseSyntax:
			p.span(i.Span, tokenClass)
		}
	}
	for _, s := range p.plan.Stages {
		if s.Name != "" {
			p.all(s.NameWord.Text, tokenNamespace|declares)
		}
	}
	for _, in := range file.Instructions {
		for ; in != nil; in = in.Trigger {
			p.variables(in)
		}
	}
	for _, c := range file.Comments {
		p.span(c.Span, tokenComment)
	}
}

// scriptsOf are the scripts of step, outer ones first.
func scriptsOf(step *plan.Step) func(yield func(*shell.Script) bool) {
	sc := shell.Read(step)
	if sc == nil {
		sc = shell.ReadCommand(step)
	}
	if sc == nil {
		return func(func(*shell.Script) bool) {}
	}
	return sc.All()
}

func (p *painter) instruction(in *parser.Instruction) {
	p.all(in.Keyword.Text, tokenKeyword)
	for _, f := range in.Flags {
		p.text(f.Text, 0, len("--")+len(f.Name), tokenProperty)
	}
	if in.JSON {
		for _, arg := range in.Args {
			p.all(arg.Text, tokenString)
		}
	}
	switch in.Name {
	case "FROM":
		if len(in.Args) == 3 {
			p.all(in.Args[1].Text, tokenKeyword)
		}
	case "HEALTHCHECK":
		n := strings.IndexAny(in.Rest.String, whitespace)
		if n < 0 {
			n = len(in.Rest.String)
		}
		p.text(in.Rest, 0, n, tokenKeyword)
	}
	for _, pair := range in.Pairs {
		if in.Name == "LABEL" {
			p.all(pair.Key.Text, tokenProperty)
		} else {
			p.all(pair.Key.Text, tokenVariable|declares)
		}
		if value := pair.Value.String; len(value) > 1 && (value[0] == '"' || value[0] == '\'') {
			p.all(pair.Value.Text, tokenString)
		}
	}
	for _, h := range in.Heredocs {
		p.span(h.Operator, tokenOperator)
		p.span(h.Terminator, tokenOperator)
		if in.Name != "RUN" {
			p.all(h.Body, tokenString)
		}
	}
}

// variables paints the variables that BuildKit expands in in.
func (p *painter) variables(in *parser.Instruction) {
	switch in.Name {
	case "ADD", "COPY", "EXPOSE", "FROM", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR", "ENV", "ARG":
		expanded(in, p.plan.File.Escape, p.variable)
	case "RUN":
		for _, f := range in.Flags {
			references(f.Text, p.plan.File.Escape, true, p.variable)
		}
	}
}

// variable paints a variable with the sign before its name and the braces around it.
func (p *painter) variable(_ string, m mark) {
	src, s := p.plan.File.Bytes, m.span
	if s.Start > 0 && src[s.Start-1] == '{' {
		s.Start--
		if s.End < len(src) && src[s.End] == '}' {
			s.End++
		}
	}
	if s.Start > 0 && src[s.Start-1] == '$' {
		s.Start--
	}
	p.span(s, tokenVariable)
}

// script paints shell code. What is inside a node comes after it.
func (p *painter) script(sc *shell.Script) {
	if sc.File == nil {
		return
	}
	if sc.Outer != nil {
		p.all(sc.Text, noToken) // it is code, and not a string
	}
	at := func(pos syntax.Pos, word string) {
		if pos.IsValid() {
			p.text(sc.Text, int(pos.Offset()), int(pos.Offset())+len(word), tokenOperator)
		}
	}
	reserved := func(pos syntax.Pos, word string) {
		if i := int(pos.Offset()); pos.IsValid() && i < len(sc.Text.String) && strings.HasPrefix(sc.Text.String[i:], word) {
			p.text(sc.Text, i, i+len(word), tokenKeyword)
		}
	}
	node := func(n syntax.Node, t token) { p.text(sc.Text, int(n.Pos().Offset()), int(n.End().Offset()), t) }
	syntax.Walk(sc.File, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Comment:
			node(n, tokenComment)
		case *syntax.Stmt:
			at(n.Semicolon, ";")
			if n.Negated {
				at(n.Position, "!")
			}
		case *syntax.CallExpr:
			if len(n.Args) > 0 && n.Args[0].Lit() != "" {
				node(n.Args[0], tokenFunction)
			}
		case *syntax.Assign:
			if n.Name != nil {
				node(n.Name, tokenVariable|declares)
			}
		case *syntax.DeclClause:
			node(n.Variant, tokenKeyword)
		case *syntax.ParamExp:
			node(n, tokenVariable)
		case *syntax.SglQuoted, *syntax.DblQuoted:
			node(n, tokenString)
		case *syntax.BinaryCmd:
			at(n.OpPos, n.Op.String())
		case *syntax.Redirect:
			at(n.OpPos, n.Op.String())
		case *syntax.FuncDecl:
			node(n.Name, tokenFunction|declares)
		case *syntax.IfClause:
			for _, word := range []string{"if", "elif", "else"} {
				reserved(n.Position, word)
			}
			reserved(n.ThenPos, "then")
			reserved(n.FiPos, "fi")
		case *syntax.WhileClause:
			reserved(n.WhilePos, "while")
			reserved(n.WhilePos, "until")
			reserved(n.DoPos, "do")
			reserved(n.DonePos, "done")
		case *syntax.ForClause:
			reserved(n.ForPos, "for")
			reserved(n.ForPos, "select")
			reserved(n.DoPos, "do")
			reserved(n.DonePos, "done")
		case *syntax.WordIter:
			node(n.Name, tokenVariable|declares)
			reserved(n.InPos, "in")
		case *syntax.CaseClause:
			reserved(n.Case, "case")
			reserved(n.In, "in")
			reserved(n.Esac, "esac")
		}
		return true
	})
	if !sc.Heredoc {
		return // the parser of the Dockerfile has found the comments
	}
	start := 0
	for line := range strings.Lines(sc.Text.String) {
		if text := strings.TrimLeft(line, whitespace); strings.HasPrefix(text, "#") && p.bytes[sc.Text.Offset(start+len(line)-len(text))] == noToken {
			p.text(sc.Text, start, start+len(line), tokenComment)
		}
		start += len(line)
	}
}

// encode is what LSP makes of the tokens in whole: five numbers for each, which count from the token before.
func (p *painter) encode(text *text, whole parser.Span) []int {
	out := []int{}
	last := position{}
	for n := range text.starts {
		line := text.line(n)
		if line.End < whole.Start || line.Start > whole.End {
			continue
		}
		character, counted := 0, line.Start
		for i := line.Start; i < line.End && i < len(p.bytes); {
			t, start := p.bytes[i], i
			for i < line.End && i < len(p.bytes) && p.bytes[i] == t {
				i++
			}
			if t == noToken {
				continue
			}
			character += text.units(counted, start)
			counted = start
			if n != last.Line {
				last.Character = 0
			}
			modifiers := 0
			if t&declares != 0 {
				modifiers = 1
			}
			out = append(out, n-last.Line, character-last.Character, text.units(start, i), int(t&^declares)-1, modifiers)
			last = position{n, character}
		}
	}
	return out
}

// units is how many characters, as the client counts them, are between two bytes.
func (t *text) units(start, end int) int {
	if t.utf8 {
		return end - start
	}
	n := 0
	for _, r := range t.string[start:end] {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}
