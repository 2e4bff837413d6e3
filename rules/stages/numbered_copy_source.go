package stages

import (
	"strconv"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// NumberedCopySource reports a `COPY --from` with the index of a stage that has a name. It ignores ONBUILD, where the
// index counts the stages of another file.
var NumberedCopySource = &lint.Rule{
	Name: "numbered-copy-source", Summary: "`COPY --from` uses a stage index although the stage has a name",
	Category: lint.Stages,
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
		f := p.Report(from.Span, "`--from=%s` is the index of stage `%s`", from.Word.String, name).
			Because("if a stage is added above `%s`, the index refers to a different stage", name).
			Advise("use the name, which stays the same when stages are added").
			Relate(from.Stage.NameWord.Full(), "the stage is named here")
		if from.Word.Whole() {
			f.Offer(lint.Safe, "use `--from="+name+"`", lint.Replace(from.Span, name))
		}
	}, "COPY", "ADD"),
}
