package stages

import (
	"strconv"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// NumberedCopySource reports a `COPY --from` that counts to a stage which has a name. What ONBUILD stores counts the stages of
// another file.
var NumberedCopySource = &lint.Rule{
	Name: "numbered-copy-source", Summary: "`COPY --from` counts to a stage that has a name", Category: lint.Stages,
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Safe,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		if s.Copy == nil || s.Copy.From == nil {
			return
		}
		from := s.Copy.From
		if _, err := strconv.Atoi(from.Word.String); err != nil || from.Stage == nil || from.Stage.Index >= s.Stage.Index {
			return
		}
		name := p.Plan.OwnName(from.Stage)
		if name == "" {
			return
		}
		f := p.Report(from.Span, "`--from=%s` counts to the stage `%s`", from.Word.String, name).
			Because("one more stage above it, and the number means another one").
			Advise("write `--from=%s`", name).
			Relate(from.Stage.NameWord.Full(), "the name")
		if from.Word.Whole() {
			f.Offer(lint.Safe, "write `--from="+name+"`", lint.Edit{Span: from.Span, Text: name})
		}
	}),
}
