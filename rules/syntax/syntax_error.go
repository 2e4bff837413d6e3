package syntax

import "github.com/dockvet/dockvet/lint"

// SyntaxError reports each instruction that BuildKit rejects, except for what forbidden-trigger reports. The
// instructions around it are still checked.
var SyntaxError = &lint.Rule{
	Name: "syntax-error", Summary: "BuildKit rejects the instruction", Category: lint.Syntax, Aliases: []string{"DL1000"},
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		for _, e := range p.File.Errors {
			if forbiddenTrigger(e.Instruction).String != "" {
				continue
			}
			f := p.Report(e.Span, "%s", e.Message)
			switch {
			case e.Limit:
				f.Because("dockvet does not check files of this size")
			case e.Instruction != nil && e.Instruction.Cmd != nil:
				// BuildKit stores what follows ONBUILD and only parses it in the build of another image.
				f.Because("builds that are based on this image fail")
			default:
				f.Because("BuildKit rejects the Dockerfile").Breaking(lint.BreaksFrontend)
			}
			if e.Help != "" {
				f.Advise("%s", e.Help)
			}
		}
	}),
}
