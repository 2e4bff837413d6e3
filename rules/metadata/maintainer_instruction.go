// Package metadata has the rules about labels and the style of instructions.
package metadata

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// MaintainerInstruction reports MAINTAINER, which LABEL has replaced.
var MaintainerInstruction = &lint.Rule{
	Name:     "maintainer-instruction",
	Summary:  "`MAINTAINER` is deprecated in favour of a label",
	Category: lint.Metadata,
	Aliases:  []string{"DL4000", "MaintainerDeprecated", "DS-0022", "CKV_DOCKER_6"},
	Severity: lint.Info,
	Profile:  lint.Recommended,
	Scope:    lint.AnyStage,
	Since:    "2026.1",
	Fix:      lint.Unsafe,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		f := p.Report(s.Instruction.Keyword.Full(), "`MAINTAINER` is deprecated").
			Alias("DL4000", "MaintainerDeprecated", "DS-0022", "CKV_DOCKER_6").
			Because("BuildKit warns about the instruction, and Docker's reference recommends a label instead").
			Advise("use `LABEL org.opencontainers.image.authors=\"…\"`")
		label(s, f)
	}, "MAINTAINER"),
}

// label offers the label that replaces MAINTAINER if its text does not need escapes and the stage does not have that
// label already.
func label(s *plan.Step, f *lint.Finding) {
	const authors = "org.opencontainers.image.authors"
	in := s.Instruction
	if len(in.Args) != 1 || !in.Text.Whole() || slices.ContainsFunc(s.Stage.Steps, func(o *plan.Step) bool {
		return o.Instruction.Name == "LABEL" &&
			slices.ContainsFunc(o.Instruction.Pairs, func(l parser.Pair) bool { return l.Key.Value == authors })
	}) {
		return
	}
	text := in.Args[0].String
	if n := len(text); n > 1 && (text[0] == '"' || text[0] == '\'') && text[n-1] == text[0] {
		text = text[1 : n-1]
	}
	if text == "" || strings.ContainsAny(text, "\"$\\`") {
		return
	}
	name := "LABEL"
	if in.Keyword.String == "maintainer" {
		name = "label"
	}
	span := parser.Span{Start: in.Keyword.Full().Start, End: in.Args[0].Full().End}
	f.Offer(lint.Unsafe, "replace `MAINTAINER` with the label", lint.Replace(span, name+" "+authors+`="`+text+`"`))
}
