package stages

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// CopyFromOwnStage reports a `COPY --from` that names the stage it stands in.
var CopyFromOwnStage = &lint.Rule{
	Name: "copy-from-own-stage", Summary: "`COPY --from` names its own stage", Category: lint.Stages, Aliases: []string{"DL3023", "DS-0006"},
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		if s.Copy == nil || s.Copy.From == nil || s.Copy.From.Stage != s.Stage {
			return
		}
		from := s.Copy.From
		f := p.Report(from.Span, "stage `%s` copies from itself", from.Value.Text).
			Because("a stage cannot wait for its own result: the build stops").
			Advise("use `RUN cp` inside of a stage, or name another stage")
		if s.Stage.NameWord.Value == from.Value.Text {
			f.Alias("DL3023", "DS-0006")
		}
	}),
}
