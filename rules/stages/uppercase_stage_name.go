package stages

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// UppercaseStageName reports a stage name with upper-case letters. BuildKit converts it to lower case, so `docker
// build` prints another name than the file has.
var UppercaseStageName = &lint.Rule{
	Name: "uppercase-stage-name", Summary: "a stage name has upper-case letters", Category: lint.Stages,
	Aliases:  []string{"StageNameCasing"},
	Severity: lint.Info, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Safe,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if word := s.NameWord; word.Value != s.Name {
			f := p.Report(word.Full(), "stage name `%s` contains upper-case letters", word.Value).
				Because("BuildKit converts the name to `%s`, and warns about the upper-case letters in every build", s.Name).
				Advise("use lower case").
				Alias("StageNameCasing")
			rename(p, s, f)
		}
	}),
}

// rename offers to convert the name of s to lower case wherever the file has it. FROM only knows a stage by its
// lower-case name, so only COPY and mounts may have to change.
func rename(p *lint.Pass, s *plan.Stage, f *lint.Finding) {
	places := []parser.Text{s.NameWord.Text}
	add := func(i *plan.Image) {
		if i != nil && i.Stage == s && i.Word.String != s.Name && strings.EqualFold(i.Word.String, s.Name) {
			places = append(places, i.Word)
		}
	}
	for _, other := range p.Plan.Stages {
		for _, step := range other.Steps {
			if step.Copy != nil {
				add(step.Copy.From)
			}
			for _, m := range step.Mounts {
				add(m.From)
			}
		}
	}
	var edits []lint.Edit
	for _, place := range places {
		if !place.Whole() {
			return
		}
		edits = append(edits, lint.Replace(place.Full(), s.Name))
	}
	f.Offer(lint.Safe, "use `"+s.Name+"` everywhere", edits...)
}
