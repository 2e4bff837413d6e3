package packages

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// unattended reports each call of a manager of family that prompts for confirmation, without the switch that answers.
// code is hadolint's.
//
//go:noinline
func unattended(family ecosystem.Family, code, help string) lint.Check {
	return lint.OnCalls(func(p *lint.Pass, c *shell.Call) {
		m := ecosystem.Of(c.Manager)
		if !ecosystem.Has(m.Prompt.Verbs, c.Verb.Text) || c.Command.Has(m.Prompt.Switches...) {
			return
		}
		f := p.Report(c.Verb.Span, "`%s %s` prompts for confirmation", c.Command.Name, c.Verb.Text).
			Because("a build has no terminal, so the step fails if nothing answers the prompt").
			Advise("%s", help)
		if m.Prompt.Doubt != "" {
			f.Severity = lint.Warning
		}
		f.Doubt = mayAnswer(p, c, m.Prompt)
		if f.Doubt != "" && c.Command.PipeFrom == nil {
			f.Message = "`" + c.Command.Name + " " + c.Verb.Text + "` may prompt for confirmation"
		}
		if f.Doubt == "" {
			f.Breaking(lint.BreaksBuild)
			if m.Prompt.First {
				insertBefore(f, c, m.Prompt.Flag)
			} else {
				insertAfter(f, c, m.Prompt.Flag)
			}
		}
		if parity.Prompts(c) {
			f.Alias(code)
		}
	}, ecosystem.In(family))
}

// mayAnswer says what may answer instead of the switch, "" if nothing does.
func mayAnswer(p *lint.Pass, c *shell.Call, prompt *ecosystem.Prompt) string {
	switch {
	case c.Command.PipeFrom != nil:
		return "the command before the pipe may answer the prompt"
	case prompt.Doubt != "":
		return prompt.Doubt
	case mentions(p, c.Command.Script.Step, "assumeyes"):
		return "another step may set `assumeyes`"
	case slices.ContainsFunc(c.Command.Words, func(w shell.Word) bool {
		return !w.Literal && strings.HasPrefix(w.Text,
			"$")
	}):
		return "a variable may contain the option"
	}
	return ""
}
