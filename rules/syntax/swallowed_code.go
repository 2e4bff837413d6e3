package syntax

import (
	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/swallow"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// SwallowedCode reports a shell comment in a continued instruction: it ends where the joined line ends, and not where
// its own line does.
var SwallowedCode = &lint.Rule{
	Name: "swallowed-code", Category: lint.Syntax,
	Summary:  "a `#` in a continued line comments out the lines below it",
	Severity: lint.Error, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.Checks(
		lint.OnRun(swallowedCode),
		lint.OnStep(func(p *lint.Pass, s *plan.Step) {
			if sc := container.Command(p, s); sc != nil {
				swallowedCode(p, sc)
			}
		}, "CMD", "ENTRYPOINT", "HEALTHCHECK"),
	),
}

func swallowedCode(p *lint.Pass, sc *shell.Script) {
	code, ok := swallow.InScript(sc)
	if !ok {
		return
	}
	in := sc.Step.Instruction
	for _, w := range swallow.Instructions(p.File, in) {
		if w.Keyword.Offset(0) >= code.Rest.Offset(0) {
			return // swallowed-instruction reports it
		}
	}
	f := p.Report(code.Comment.Full(), "the rest of the `%s` becomes part of this comment", in.Name).
		Because("BuildKit joins the lines before the shell reads them, so `#` comments out everything that follows").
		Relate(code.Rest.Full(), "this code becomes part of the comment").
		Advise("put the comment on its own line, which BuildKit removes before it joins the lines")
	works := shell.ReadFile(code.Line, sc.Shell).Err == nil
	if sc.Err != nil && works && in.Name == "RUN" && sc.Step.Stage.Reached && !sc.Step.OnBuild {
		f.Because("BuildKit joins the lines before the shell reads them, so `#` comments out everything that follows; " +
			"the code before the comment is not valid on its own, so the step fails").
			Breaking(lint.BreaksBuild)
	}
	lines := p.File.Lines
	first := lines.Line(in.Span.Start)
	span := lines.Span(lines.Line(code.Comment.Full().Start))
	if !works || first == lines.Line(span.Start) && code.Comment.Full().Start == span.Start {
		return
	}
	// The comment goes above its line, and the space before it goes with it.
	start := code.Comment.Full().Start
	text := p.File.Text(span)
	indent := text[:len(text)-len(trimLeft(text))]
	for start > span.Start && (p.File.Bytes[start-1] == ' ' || p.File.Bytes[start-1] == '\t') {
		start--
	}
	cut := code.Comment.Full()
	cut.Start = start
	f.Offer(lint.Unsafe, "move the comment to its own line above",
		lint.Insert(span.Start, indent+code.Comment.String+p.File.Newline()), lint.Delete(cut))
}
