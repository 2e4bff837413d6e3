package scripts

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// CRLFInHeredoc reports a heredoc with Windows line endings whose text a Unix shell or the kernel reads. BuildKit only removes
// carriage returns outside of heredocs. A file that COPY writes and that is not a script is reported with low confidence.
var CRLFInHeredoc = &lint.Rule{
	Name: "crlf-in-heredoc", Category: lint.Scripts,
	Summary:  "a heredoc has Windows line endings",
	Severity: lint.Error, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		if s.Trigger != nil {
			s = s.Trigger
		}
		if len(s.Instruction.Heredocs) == 0 || s.Stage.Windows() {
			return
		}
		run := false
		if sc := p.Script(s); sc != nil {
			if run = sc.Dialect != shell.Other; !run && sc.ForWindows() {
				return
			}
		}
		for _, doc := range s.Instruction.Heredocs {
			if at := strings.Index(doc.Body.String, "\r\n"); at >= 0 {
				crlf(p, s, doc, at, run)
			}
		}
	}),
}

// crlf reports doc, whose first Windows line ending is at the byte at. run says that a Unix shell reads it.
func crlf(p *lint.Pass, s *plan.Step, doc parser.Heredoc, at int, run bool) {
	body := doc.Body
	text := body.String
	first, _, _ := strings.Cut(text, "\r\n")
	f := p.Report(body.Span(at, at+1), "heredoc `%s` has Windows line endings", doc.Name).
		Because("BuildKit keeps the carriage return, which becomes part of the last word of each line").
		Advise("save the Dockerfile with LF line endings, for example with `*Dockerfile text eol=lf` in `.gitattributes`")
	switch {
	case strings.HasPrefix(text, "#!") && at == len(first):
		f.Because("the kernel looks for an interpreter called `%s\\r`, which does not exist", strings.TrimSpace(first[2:]))
	case !run:
		f.Severity = lint.Warning
		f.Because("BuildKit keeps the carriage returns, so each line of the file ends in one").
			Doubting("the program that reads the file may accept Windows line endings")
	}
	var edits []lint.Edit
	for i := range len(text) - 1 {
		if text[i] == '\r' && text[i+1] == '\n' {
			edits = append(edits, lint.Delete(body.Span(i, i+1)))
		}
	}
	if s.OnBuild {
		return
	}
	f.Offer(lint.Unsafe, "use LF line endings in the heredoc", edits...)
}
