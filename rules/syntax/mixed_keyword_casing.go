package syntax

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// MixedKeywordCasing reports each keyword that is not in the case of most: upper case, also where as many are in lower case.
// What ONBUILD stores and ARGs before the first FROM have no vote and are not looked at, as in BuildKit.
var MixedKeywordCasing = &lint.Rule{
	Name: "mixed-keyword-casing", Summary: "a keyword is not in the case of the others", Category: lint.Syntax,
	Aliases:  []string{"ConsistentInstructionCasing"},
	Severity: lint.Info, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		var keywords []parser.Word
		add := func(in *parser.Instruction) {
			if in != nil && in.Cmd != nil {
				keywords = append(keywords, in.Keyword)
			}
		}
		lower, upper := 0, 0
		for _, s := range p.Plan.Stages {
			add(s.From)
			for _, step := range s.Steps {
				add(step.Instruction)
			}
		}
		for _, k := range keywords {
			switch k.String {
			case strings.ToLower(k.String):
				lower++
			case strings.ToUpper(k.String):
				upper++
			}
		}
		want, name := strings.ToUpper, "upper"
		if lower > upper {
			want, name = strings.ToLower, "lower"
		}
		for _, k := range keywords {
			if k.String != want(k.String) {
				p.Report(k.Full(), "keyword `%s` is not in %s case like the others", k.String, name).
					Because("keywords in one case stand out from their arguments").
					Advise("write `%s`", want(k.String)).
					Alias("ConsistentInstructionCasing")
			}
		}
	}),
}
