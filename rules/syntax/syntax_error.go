package syntax

import "github.com/dockvet/dockvet/lint"

// SyntaxError reports each instruction that BuildKit refuses, but for those of which forbidden-trigger speaks. The instructions around it are checked all the same.
var SyntaxError = &lint.Rule{
	Name: "syntax-error", Summary: "BuildKit refuses the instruction", Category: lint.Syntax, Aliases: []string{"DL1000"},
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		for _, e := range p.File.Errors {
			if forbiddenTrigger(e.Instruction).String != "" {
				continue
			}
			f := p.Report(e.Span, "%s", e.Message).Because("the build stops here")
			if e.Help != "" {
				f.Advise("%s", e.Help)
			}
		}
	}),
}
