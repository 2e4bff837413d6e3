package syntax

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
)

// ForbiddenTrigger reports ONBUILD with ONBUILD, FROM or MAINTAINER. BuildKit rejects it; syntax-error leaves it to
// this rule.
var ForbiddenTrigger = &lint.Rule{
	Name:     "forbidden-trigger",
	Summary:  "`ONBUILD` cannot contain `ONBUILD`, `FROM` or `MAINTAINER`",
	Category: lint.Syntax,
	Aliases:  []string{"DL3043"},
	Severity: lint.Error,
	Profile:  lint.Minimal,
	Scope:    lint.AnyStage,
	Since:    "2026.1",
	Fix:      lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		for _, in := range p.File.Instructions {
			if word := forbiddenTrigger(in); word.String != "" {
				p.Report(word.Full(), "`ONBUILD` cannot contain `%s`", word.String).
					Because("BuildKit rejects the Dockerfile").
					Advise("%s", insteadOf(word.String)).
					Alias("DL3043").
					Breaking(lint.BreaksFrontend)
			}
		}
	}),
}

// insteadOf says what to write instead of ONBUILD with that instruction.
func insteadOf(name string) string {
	switch strings.ToUpper(name) {
	case "MAINTAINER":
		return "use `ONBUILD LABEL`"
	case "FROM":
		return "remove the instruction, because each Dockerfile that builds on this image has its own `FROM`"
	}
	return "move the inner instruction to the Dockerfile that builds on this image"
}

// forbiddenTrigger is the keyword that in, an ONBUILD, must not contain; its text is empty if there is none.
func forbiddenTrigger(in *parser.Instruction) parser.Text {
	if in == nil || in.Name != "ONBUILD" || in.Cmd != nil {
		return parser.Text{}
	}
	rest := in.Rest.String
	end := strings.IndexAny(rest, " \t")
	if end < 0 {
		end = len(rest)
	}
	switch strings.ToUpper(rest[:end]) {
	case "ONBUILD", "FROM", "MAINTAINER":
		return in.Rest.Slice(0, end)
	}
	return parser.Text{}
}
