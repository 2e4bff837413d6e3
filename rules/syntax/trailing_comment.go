package syntax

import (
	"strings"

	"github.com/dockvet/dockvet/internal/swallow"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// TrailingComment reports a comment after the arguments of an instruction, where BuildKit reads it as arguments. What
// BuildKit rejects because of it is an error of other rules.
var TrailingComment = &lint.Rule{
	Name: "trailing-comment", Category: lint.Syntax,
	Summary:  "a comment after an instruction becomes part of its arguments",
	Severity: lint.Error, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.Checks(
		lint.OnFile(func(p *lint.Pass) {
			for _, s := range p.Plan.Globals {
				trailingComment(p, s)
			}
		}),
		lint.OnStep(func(p *lint.Pass, s *plan.Step) {
			trailingComment(p, s)
			if s.Trigger != nil {
				trailingComment(p, s.Trigger)
			}
		}),
	),
}

func trailingComment(p *lint.Pass, s *plan.Step) {
	in := s.Instruction
	if in.Cmd == nil {
		return
	}
	comment := swallow.Comment(in, p.File.Escape)
	if comment.String == "" {
		return
	}
	f := reportComment(p, in, comment)
	built := s.Stage != nil && s.Stage.Reached && !s.OnBuild
	words := "`" + strings.Join(strings.Fields(comment.String), "`, `") + "`"
	switch value := in.Rest.String; in.Name {
	case "EXPOSE", "STOPSIGNAL":
		f.Because("BuildKit reads the comment as an argument, and rejects it") // invalid-expose and invalid-argument say what breaks
	case "USER":
		f.Because("the comment becomes part of the name, and there is no user `%s`, so the container does not start", value)
		if built && runs(s) {
			f.Because("the comment becomes part of the name, and there is no user `%s`, so the next `RUN` fails", value).
				Breaking(lint.BreaksBuild)
		}
	case "WORKDIR":
		f.Because("the comment becomes part of the path, so BuildKit creates and uses the directory `%s`", value)
	case "ARG":
		f.Because("BuildKit also declares the words of the comment as arguments: %s", words)
	case "VOLUME":
		f.Because("BuildKit also declares the words of the comment as volumes: %s", words)
	case "ENV", "LABEL":
		f.Because("BuildKit reads the comment as another key with its value")
		if len(in.Pairs) == 1 && in.Pairs[0].Legacy {
			f.Because("the comment becomes part of the value of `%s`, which is the rest of the line in this form", in.Pairs[0].Key.Value)
		}
	case "COPY", "ADD":
		last := in.Args[len(in.Args)-1].String
		f.Because("BuildKit reads the words of the comment as sources, and the last one, `%s`, as the destination", last)
		if built && (p.Context() == nil || !p.Context().Has("#")) {
			f.Because("BuildKit reads the words of the comment as sources, which do not exist, and the last one, `%s`, as the destination", last).
				Breaking(lint.BreaksBuild)
		}
	case "RUN":
		f.Because("an array with text after it is shell code, and the shell looks for a program whose name begins with `[`")
		if sc := p.Script(s); built && sc != nil && sc.Dialect != shell.Other {
			f.Breaking(lint.BreaksBuild)
		}
	case "HEALTHCHECK":
		f.Because("an array with text after it is shell code, and the shell looks for a program whose name begins with `[`, " +
			"so the container is never healthy")
	default:
		f.Because("an array with text after it is shell code, and the shell looks for a program whose name begins with `[`, " +
			"so the container exits with status 127")
	}
}

// runs reports whether a RUN follows s, a USER, before the next one.
func runs(s *plan.Step) bool {
	for _, later := range s.Stage.Steps[s.Index+1:] {
		switch later.Instruction.Name {
		case "RUN":
			return true
		case "USER":
			return false
		}
	}
	return false
}

// reportComment reports a comment after the arguments of in, and offers to move it above the instruction.
func reportComment(p *lint.Pass, in *parser.Instruction, comment parser.Text) *lint.Finding {
	f := p.Report(comment.Full(), "`%s` cannot have a comment on the same line", in.Name).
		Advise("put the comment on its own line above")
	outer := in
	if in.Outer != nil {
		outer = in.Outer
	}
	end := comment.Full().End
	line := p.File.Lines.Span(p.File.Lines.Line(end))
	if strings.TrimRight(p.File.Text(parser.Span{Start: end, End: line.End}), " \t") != "" ||
		outer.Index == 0 && strings.Contains(comment.String, "=") {
		return f // the instruction continues after it, or it could become a directive
	}
	cut := parser.Span{Start: comment.Full().Start, End: line.End}
	for cut.Start > line.Start && (p.File.Bytes[cut.Start-1] == ' ' || p.File.Bytes[cut.Start-1] == '\t') {
		cut.Start--
	}
	first := p.File.Lines.Span(p.File.Lines.Line(outer.Span.Start))
	if cut.Start == line.Start {
		return f
	}
	return f.Offer(lint.Unsafe, "move the comment to its own line above",
		lint.Insert(first.Start, comment.String+p.File.Newline()), lint.Delete(cut))
}

// trimLeft is text without the white space at its beginning.
func trimLeft(text string) string { return strings.TrimLeft(text, " \t") }
