package lsp

import (
	"cmp"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/internal/order"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// selectionRange answers with the parts of the file around each place, the smallest first: a word, a command of a RUN, an
// instruction, a stage.
func (s *server) selectionRange(p selectionRangeParams) (any, error) {
	d, pl := s.planOf(p.TextDocument.URI)
	if pl == nil {
		return nil, nil
	}
	out := []*selectionRange{}
	for _, place := range p.Positions {
		at := d.text.offset(place)
		parts := around(pl, at)
		order.By(parts, func(a, b parser.Span) int { return cmp.Compare(b.Len(), a.Len()) })
		here := &selectionRange{Range: d.text.exact(parser.Span{End: len(d.text.string)})}
		outer := parser.Span{End: len(d.text.string)}
		for _, part := range parts {
			if outer.Contains(part) && part != outer && part.Len() > 0 {
				here, outer = &selectionRange{Range: d.text.span(part), Parent: here}, part
			}
		}
		out = append(out, here)
	}
	return out, nil
}

// around are the parts of a Dockerfile that the byte at offset is in.
func around(pl *plan.Plan, offset int) []parser.Span {
	var parts []parser.Span
	add := func(s parser.Span) bool {
		if covers(s, offset) {
			parts = append(parts, s)
			return true
		}
		return false
	}
	for _, c := range pl.File.Comments {
		add(c.Span)
	}
	step := func(step *plan.Step) {
		for sc := range scriptsOf(step) {
			add(sc.Text.Full())
			if sc.File == nil {
				continue
			}
			syntax.Walk(sc.File, func(n syntax.Node) bool { return n != nil && add(sc.Span(n)) })
		}
	}
	for _, stage := range pl.Stages {
		if len(stage.Steps) > 0 {
			whole := parser.Span{Start: stage.Steps[0].Instruction.Span.Start, End: stage.Steps[len(stage.Steps)-1].Instruction.Span.End}
			if stage.From != nil {
				whole.Start = stage.From.Span.Start
			}
			add(whole)
		}
		for _, one := range stage.Steps {
			if covers(one.Instruction.Span, offset) {
				step(one)
				if one.Trigger != nil {
					step(one.Trigger)
				}
			}
		}
	}
	for _, in := range pl.File.Instructions {
		for ; in != nil && add(in.Span); in = in.Trigger {
			add(in.Head())
			add(in.Keyword.Full())
			add(in.Rest.Full())
			for _, f := range in.Flags {
				add(f.Full())
				add(f.Value.Full())
			}
			for _, arg := range in.Args {
				add(arg.Full())
			}
			for _, pair := range in.Pairs {
				add(pair.Span)
				add(pair.Key.Full())
				add(pair.Value.Full())
			}
			for _, h := range in.Heredocs {
				add(h.Body.Full())
			}
		}
	}
	return parts
}
