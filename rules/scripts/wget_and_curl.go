package scripts

import (
	"slices"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// WgetAndCurl reports a stage that downloads with wget and with curl, at the RUN that brings in the second one and at each
// later one that uses either. Where no step installs one of them, the base image brings it along, and the finding is doubtful.
var WgetAndCurl = &lint.Rule{
	Name: "wget-and-curl", Summary: "one stage uses both wget and curl", Category: lint.Scripts,
	Aliases: []string{"DL4001", "DS-0014"}, Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		var wget, curl bool // used so far
		var installed []string
		for _, step := range s.Steps {
			if step.Trigger != nil {
				step = step.Trigger
			}
			sc := p.Script(step)
			if sc == nil {
				continue
			}
			var used *shell.Command
			for _, c := range sc.Commands {
				if c.Name != "wget" && c.Name != "curl" || !parity.Bare(c) {
					continue
				}
				before := wget && curl
				wget, curl = wget || c.Name == "wget", curl || c.Name == "curl"
				if used == nil || wget && curl && !before {
					used = c
				}
			}
			for _, call := range sc.Calls() {
				for _, pkg := range call.Packages {
					if pkg.Name == "wget" || pkg.Name == "curl" {
						installed = append(installed, pkg.Name)
					}
				}
			}
			if used == nil || !wget || !curl {
				continue
			}
			f := p.Report(used.Words[0].Span, "the stage uses both wget and curl").
				Because("either does the work of both, and each is one more package to ship and patch").
				Advise("settle for one of them").
				Alias("DL4001")
			if !slices.Contains(installed, "wget") || !slices.Contains(installed, "curl") {
				f.Doubting("the base image brings one of them along")
			}
		}
	}),
}
