package stages

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// DuplicateStageName reports a stage whose name an earlier stage has. Names are compared as BuildKit does, without their case.
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
			f := p.Report(s.NameWord.Full(), "stage name `%s` is taken", s.NameWord.Value).
				Relate(other.NameWord.Full(), "the first stage of this name").
				Because("after this line the name means this stage: only its number reaches the one above, and `--target %s` builds the last one", s.Name).
				Advise("give each stage a name of its own").
				Alias("DuplicateStageName", "DS-0012", "CKV_DOCKER_11")
			if other.NameWord.Value == s.NameWord.Value {
				f.Alias("DL3024")
			}
		}
	}),
}
