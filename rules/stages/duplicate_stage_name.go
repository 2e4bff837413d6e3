package stages

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// DuplicateStageName reports a stage whose name an earlier stage already has. Like BuildKit it ignores the case of
// names.
var DuplicateStageName = &lint.Rule{
	Name: "duplicate-stage-name", Summary: "two stages have the same name", Category: lint.Stages,
	Aliases:  []string{"DuplicateStageName", "DL3024", "DS-0012", "CKV_DOCKER_11"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		first := map[string]*plan.Stage{}
		for _, s := range p.Plan.Stages {
			if s.Name == "" {
				continue
			}
			other := first[s.Name]
			if other == nil {
				first[s.Name] = s
				continue
			}
			p.Report(s.NameWord.Full(), "stage name `%s` is already used", s.NameWord.Value).
				Relate(other.NameWord.Full(), "the first stage with this name").
				Because("from here on `%s` refers to this stage; the earlier one is only reachable by index, "+
					"and `--target %s` builds the last one", s.Name, s.Name).
				Advise("give each stage its own name").
				Alias(parity.DuplicateStageName(other.NameWord, s.NameWord)...)
		}
	}),
}
