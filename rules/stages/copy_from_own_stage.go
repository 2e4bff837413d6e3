package stages

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// CopyFromOwnStage reports a `COPY --from` that names its own stage.
var CopyFromOwnStage = &lint.Rule{
	Name: "copy-from-own-stage", Summary: "`COPY --from` names its own stage", Category: lint.Stages,
	Aliases:  []string{"DL3023", "DS-0006"},
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		if s.Copy == nil || s.Copy.From == nil || s.Copy.From.Stage != s.Stage {
			return
		}
		from := s.Copy.From
		p.Report(from.Span, "stage `%s` copies from itself", from.Value.Text).
			Because("a stage cannot depend on its own result, so BuildKit rejects the Dockerfile").
			Advise("use `RUN cp` within the stage, or name another stage").
			Alias(parity.CopyFromOwnStage(s.Stage, from)...).
			Breaking(lint.BreaksFrontend)
	}, "COPY", "ADD"),
}
