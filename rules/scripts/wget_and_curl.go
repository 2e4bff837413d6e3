package scripts

import (
	"slices"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// WgetAndCurl reports a stage that downloads with both wget and curl, at the RUN that first uses the second one and at
// each later RUN that uses either. If no step installs one of them, it is in the base image, and the finding has a
// doubt.
var WgetAndCurl = &lint.Rule{
	Name: "wget-and-curl", Category: lint.Scripts, Aliases: []string{"DL4001", "DS-0014"},
	Summary:  "one stage uses both wget and curl",
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		var wget, curl bool // used so far
		first := map[string]*shell.Command{}
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
				if first[c.Name] == nil {
					first[c.Name] = c
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
				Because("either one can download files, and each is another package to ship and patch").
				Advise("use only one of them").
				Alias("DL4001")
			for _, other := range first {
				if other.Name != used.Name {
					f.Relate(other.Words[0].Span, "the stage also uses `%s`", other.Name)
				}
			}
			if !slices.Contains(installed, "wget") || !slices.Contains(installed, "curl") {
				f.Doubting("the base image may already include wget or curl")
			}
		}
	}),
}
