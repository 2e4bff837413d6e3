package syntax

import (
	"bytes"
	"slices"

	"github.com/dockvet/dockvet/internal/swallow"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// BlankContinuationLine reports the first blank line inside a continued instruction. Comment lines are fine there.
var BlankContinuationLine = &lint.Rule{
	Name: "blank-continuation-line", Summary: "a blank line inside a continued instruction", Category: lint.Syntax,
	Aliases:  []string{"NoEmptyContinuation"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Safe,
	Check: lint.OnFile(func(p *lint.Pass) {
		blank := p.File.EmptyContinuations
		for _, in := range p.File.Instructions {
			n := 0
			for n < len(blank) && blank[n].Start <= in.Span.End {
				n++
			}
			if n > 0 {
				report(p, in, blank[:n])
				blank = blank[n:]
			}
		}
	}),
}

// report reports the first of the blank lines of in, and offers to remove them all.
func report(p *lint.Pass, in *parser.Instruction, lines []parser.Span) {
	safety := lint.Safe
	if in.Name == "ONBUILD" {
		safety = lint.Unsafe
	}
	var edits []lint.Edit
	for _, s := range lines {
		s.End += len(p.File.Bytes[s.End:]) - len(bytes.TrimLeft(p.File.Bytes[s.End:], "\r"))
		if s.End < len(p.File.Bytes) {
			s.End++ // its line feed
		}
		if last := len(edits) - 1; last >= 0 && edits[last].Span.End == s.Start {
			edits[last].Span.End = s.End // there may be thousands of them in a row
			continue
		}
		edits = append(edits, lint.Delete(s))
	}
	f := p.Report(lines[0], "blank line inside `%s`", in.Keyword.String).
		Because("BuildKit warns that such lines will become errors in a future release").
		Advise("remove the blank line").
		Alias("NoEmptyContinuation")
	if swallow.MayHold(p.File, in, lines) {
		// Without the blank line nothing would show that the next one was meant as an instruction.
		escape := "`\\`"
		if p.File.Escape == '`' {
			escape = "backtick"
		}
		f.Advise("if an instruction is meant to begin below, remove the %s above; otherwise remove the blank line", escape)
		if swallowing(p, in, lines) {
			f.Advise("remove the %s above", escape).
				Doubting("the mistake is probably the %s above, which `swallowed-instruction` reports", escape)
		}
		return
	}
	what := "remove the blank line"
	if len(lines) > 1 {
		what = "remove the blank lines"
		f.Advise("%s", what)
	}
	f.Offer(safety, what, edits...)
}

// swallowing reports whether all the blank lines of in are between an escape character and an instruction that it swallows.
func swallowing(p *lint.Pass, in *parser.Instruction, lines []parser.Span) bool {
	list := swallow.Instructions(p.File, in)
	return !slices.ContainsFunc(lines, func(blank parser.Span) bool {
		return !slices.ContainsFunc(list, func(w swallow.Instruction) bool {
			return w.Escape.Start < blank.Start && blank.End <= w.Keyword.Full().Start
		})
	})
}
