package syntax

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// InstructionBeforeFrom reports an instruction other than ARG before the first FROM. A file without any FROM may be a
// fragment, so confidence is low there.
var InstructionBeforeFrom = &lint.Rule{
	Name:     "instruction-before-from",
	Summary:  "an instruction other than `ARG` comes before the first `FROM`",
	Category: lint.Syntax,
	Aliases:  []string{"DL3061"},
	Severity: lint.Error,
	Profile:  lint.Minimal,
	Scope:    lint.AnyStage,
	Since:    "2026.1",
	Fix:      lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		var first *parser.Instruction
		note := func(in *parser.Instruction) {
			if first == nil && in.Cmd != nil && in.Name != "ARG" {
				first = in
			}
		}
		for _, step := range p.Plan.Globals {
			note(step.Instruction)
		}
		fragment := len(p.Plan.Stages) > 0 && p.Plan.Stages[0].From == nil
		if fragment {
			for _, step := range p.Plan.Stages[0].Steps {
				note(step.Instruction)
			}
		}
		if first == nil {
			return
		}
		f := p.Report(first.Keyword.Full(), "`%s` comes before the first `FROM`", first.Keyword.String).
			Because("there is no stage yet, so BuildKit rejects the Dockerfile").
			Advise("move the instruction below `FROM`").
			Alias("DL3061")
		if fragment {
			f.Message = "`" + first.Keyword.String + "` is not in a stage"
			f.Because("BuildKit rejects a file without `FROM`").Advise("start the file with `FROM`").Doubting("a file without `FROM` may be a fragment")
		} else {
			f.Breaking(lint.BreaksFrontend)
		}
	}),
}
