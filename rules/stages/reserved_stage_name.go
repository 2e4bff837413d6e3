package stages

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// ReservedStageName reports a stage named `scratch` or `context`, which mean something else to BuildKit. It warns but
// builds them.
var ReservedStageName = &lint.Rule{
	Name: "reserved-stage-name", Summary: "a stage is named `scratch` or `context`", Category: lint.Stages,
	Aliases:  []string{"ReservedStageName", "DL3063"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		var meaning string
		switch s.Name {
		case "scratch":
			meaning = "`FROM scratch` means the empty image"
		case "context":
			meaning = "`context` means the main build context"
		default:
			return
		}
		p.Report(s.NameWord.Full(), "stage name `%s` is reserved", s.NameWord.Value).
			Because("%s, so a stage with this name misleads readers", meaning).
			Advise("name the stage after what it does").
			Alias(parity.ReservedStageName(s)...)
	}),
}
