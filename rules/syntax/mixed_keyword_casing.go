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
	Severity: lint.Info, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Safe,
	Check: lint.OnFile(func(p *lint.Pass) {
		var list []*parser.Instruction
		add := func(in *parser.Instruction) {
			if in != nil && in.Cmd != nil {
				list = append(list, in)
			}
		}
		lower, upper := 0, 0
		for _, s := range p.Plan.Stages {
			add(s.From)
			for _, step := range s.Steps {
				add(step.Instruction)
			}
		}
		for _, in := range list {
			switch k := in.Keyword.String; k {
			case strings.ToLower(k):
				lower++
			case strings.ToUpper(k):
				upper++
			}
		}
		want, name := strings.ToUpper, "upper"
		if lower > upper {
			want, name = strings.ToLower, "lower"
		}
		for _, in := range list {
			k := in.Keyword
			if k.String != want(k.String) {
				f := p.Report(k.Full(), "keyword `%s` is not in %s case like the others", k.String, name).
					Because("keywords in one case stand out from their arguments").
					Advise("write `%s`", want(k.String)).
					Alias("ConsistentInstructionCasing")
				words := []parser.Word{k}
				if in.Name == "FROM" && len(in.Args) == 3 {
					words = append(words, in.Args[1]) // AS goes with its FROM, or mismatched-as-casing would complain next
				}
				recase(f, want, words...)
			}
		}
	}),
}

// recase offers to write words in another case.
func recase(f *lint.Finding, to func(string) string, words ...parser.Word) {
	var edits []lint.Edit
	for _, w := range words {
		if !w.Whole() {
			return
		}
		if text := to(w.String); text != w.String {
			edits = append(edits, lint.Edit{Span: w.Full(), Text: text})
		}
	}
	f.Offer(lint.Safe, "write `"+to(words[0].String)+"`", edits...)
}
