package packages

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// question is a package manager that asks before it goes on.
type question struct {
	code     string // hadolint's
	managers []string
	verbs    string // that ask
	theirs   string // those of them that hadolint looks at
	switches []string
	help     string
	unknown  string // commands of the managers that hadolint does not know
}

// check reports each call that asks, without the switch that answers.
func (q *question) check() lint.Check {
	return lint.OnCall(func(p *lint.Pass, c *shell.Call) {
		theirs := has(q.theirs, c.Verb.Text)
		if !theirs && !has(q.verbs, c.Verb.Text) || c.Command.Has(q.switches...) {
			return
		}
		f := p.Report(c.Verb.Span, "`%s %s` asks before it goes on", c.Command.Name, c.Verb.Text).
			Because("nobody can answer in a build, and the step fails").
			Advise("%s", q.help)
		f.Doubt = mayAnswer(c)
		if f.Doubt == "" {
			if c.Manager == "zypper" {
				insertBefore(f, c, "--non-interactive") // not every command of zypper has an option for it
			} else {
				insertBehind(f, c, "-y")
			}
		}
		if theirs && bare(c.Command) && !has(q.unknown, c.Command.Words[0].Text) {
			f.Alias(q.code)
		}
	}, q.managers...)
}

// mayAnswer says what may answer for the switch, "" if nothing does.
func mayAnswer(c *shell.Call) string {
	switch {
	case c.Command.PipeFrom != nil:
		return "the command before the pipe may answer"
	case c.Command.Name == "microdnf":
		return "most releases of microdnf ask nothing"
	case mentions(c.Command.Script.Step, "assumeyes"):
		return "another line of the build may answer for it"
	}
	for _, w := range c.Command.Words {
		if !w.Literal && strings.HasPrefix(w.Text, "$") {
			return "the variable may hold the switch"
		}
	}
	return ""
}
