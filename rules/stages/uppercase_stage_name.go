package stages

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// UppercaseStageName reports a stage name with upper-case letters: BuildKit lowers it, so that what `docker build` prints is
// not what the file says.
var UppercaseStageName = &lint.Rule{
	Name: "uppercase-stage-name", Summary: "a stage name has upper-case letters", Category: lint.Stages, Aliases: []string{"StageNameCasing"},
	Severity: lint.Info, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if word := s.NameWord; word.Value != s.Name {
			p.Report(word.Full(), "stage name `%s` has upper-case letters", word.Value).
				Because("BuildKit writes it in lower case: `docker build` prints `%s`, and warns of it each time", s.Name).
				Advise("write `%s`", s.Name).
				Alias("StageNameCasing")
		}
	}),
}
