package metadata

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// DuplicateLabel reports a label that the same stage sets again, since only the last value is kept. Keys that contain
// an unknown variable are not compared.
var DuplicateLabel = &lint.Rule{
	Name: "duplicate-label", Summary: "a label is set twice in one stage", Category: lint.Metadata,
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Safe,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		type place struct {
			step *plan.Step
			pair int
		}
		last := map[string]place{}
		for _, step := range s.Steps {
			in := step.Instruction
			if in.Name != "LABEL" || in.Cmd == nil {
				continue
			}
			for i, pair := range in.Pairs {
				key := step.Env.Expand(pair.Key.Value)
				if !key.Known {
					continue
				}
				if was, ok := last[key.Text]; ok {
					overwritten(p, was.step.Instruction, was.pair, pair, key.Text)
				}
				last[key.Text] = place{step, i}
			}
		}
	}),
}

// overwritten reports that the i-th pair of in has no effect because by sets the same key.
func overwritten(p *lint.Pass, in *parser.Instruction, i int, by parser.Pair, key string) {
	pair := in.Pairs[i]
	f := p.Report(pair.Key.Full(), "label `%s` is overwritten later in the stage", key).
		Because("a label only keeps its last value").
		Advise("remove this label").
		Relate(by.Key.Full(), "overwritten here")
	if cut, ok := without(p.File, in, i); ok {
		f.Offer(lint.Safe, "remove label `"+key+"`", lint.Delete(cut))
	}
}

// without is what to delete to remove the i-th pair of in, including its spaces and line breaks, or all of in if it
// is the only pair. ok is false if a comment would be deleted with it, or would no longer refer to anything.
func without(f *parser.File, in *parser.Instruction, i int) (cut parser.Span, ok bool) {
	switch n := len(in.Pairs); {
	case n == 1:
		if f.Above(in) != f.Lines.Span(f.Lines.Line(in.Span.Start)).Start || len(in.Inner) > 0 {
			return cut, false
		}
		cut = parser.Span{Start: in.Span.Start, End: in.Span.End}
		if line := f.Lines.Line(in.Span.End) + 1; f.Lines.Span(line).Start > in.Span.End {
			cut.End = f.Lines.Span(line).Start
		}
	case i+1 < n:
		cut = parser.Span{Start: in.Pairs[i].Span.Start, End: in.Pairs[i+1].Span.Start}
	default:
		cut = parser.Span{Start: in.Pairs[i-1].Span.End, End: in.Pairs[i].Span.End}
	}
	for _, c := range in.Inner {
		if f.Lines.Line(cut.Start)-1 <= f.Lines.Line(c.Span.Start) && f.Lines.Line(c.Span.Start) <= f.Lines.Line(cut.End) {
			return cut, false
		}
	}
	return cut, cut.End > cut.Start
}
