package stages

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// ReservedStageName reports a stage called `scratch` or `context`, names that mean something else to BuildKit.
var ReservedStageName = &lint.Rule{
	Name: "reserved-stage-name", Summary: "a stage is called `scratch` or `context`", Category: lint.Stages,
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
		f := p.Report(s.NameWord.Full(), "stage name `%s` is reserved", s.NameWord.Value).
			Because("%s: who reads the name, and named contexts, expect that", meaning).
			Advise("name the stage after what it does").
			Alias("ReservedStageName")
		if s.NameWord.Value == s.Name {
			f.Alias("DL3063")
		}
	}),
}
