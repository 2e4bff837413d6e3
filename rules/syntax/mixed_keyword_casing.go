package syntax

import (
	"strings"

	"github.com/dockvet/dockvet/internal/swallow"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// MixedKeywordCasing reports each keyword whose case differs from the majority; upper case wins a tie. As in
// BuildKit, the instruction after ONBUILD and ARGs before the first FROM are neither counted nor reported.
var MixedKeywordCasing = &lint.Rule{
	Name: "mixed-keyword-casing", Summary: "a keyword differs in case from the others", Category: lint.Syntax,
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
			case in.Name:
				upper++
			case strings.ToLower(k):
				lower++
			}
		}
		if upper == len(list) {
			return
		}
		want := strings.ToUpper
		if lower > upper {
			want = strings.ToLower
		}
		for _, in := range list {
			k := in.Keyword
			if k.String != want(k.String) {
				f := p.Report(k.Full(), "keyword `%s` differs in case from the others", k.String).
					Because("keywords in a consistent case are easy to tell from their arguments").
					Advise("write `%s`", want(k.String)).
					Alias("ConsistentInstructionCasing")
				if len(swallow.Instructions(p.File, in)) > 0 {
					continue // a keyword in another case would hide that they are instructions, too
				}
				words := []parser.Word{k}
				if in.Name == "FROM" && len(in.Args) == 3 {
					words = append(words, in.Args[1]) // AS changes with its FROM, or mismatched-as-casing would report it next
				}
				recase(f, want, words...)
			}
		}
	}),
}

// recase offers to change the case of words.
func recase(f *lint.Finding, to func(string) string, words ...parser.Word) {
	var edits []lint.Edit
	for _, w := range words {
		if !w.Whole() {
			return
		}
		if text := to(w.String); text != w.String {
			edits = append(edits, lint.Replace(w.Full(), text))
		}
	}
	f.Offer(lint.Safe, "write `"+to(words[0].String)+"`", edits...)
}
