package runtime

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// BuildAtStart reports a container that installs its dependencies or builds its assets whenever it starts. It ignores
// images for development, and what a condition decides. Compilers that start the program themselves belong to
// development-server, and `uv run` to package-manager-as-server.
var BuildAtStart = &lint.Rule{
	Name: "build-at-start", Category: lint.Runtime,
	Summary:  "the container installs packages or builds assets every time it starts",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnFile(func(p *lint.Pass) {
		if p.Plan.Target == nil || p.Plan.ForDevelopment() || p.Plan.Target.Windows() {
			return
		}
		for _, code := range container.Of(p).Code() {
			all := code.Always()
			for _, c := range all[:max(len(all)-1, 0)] {
				if !builds(c) {
					continue
				}
				span := c.Span
				if code.Entry != nil {
					span = code.Entry.Word.Span
				}
				f := p.Report(span, "`%s` runs every time the container starts", brief(c)).
					Because("every start has to wait for this command, and the image has to contain the tools that it needs").
					Advise("run the command in a `RUN` instead")
				if code.Entry != nil {
					f.RelateFile(code.Entry.File, 1+strings.Count(code.Entry.Text[:c.Span.Start], "\n"), "the command runs here")
				}
				return
			}
		}
	}),
}

// brief is c without the options at its end.
func brief(c *shell.Command) string {
	words := []string{c.Words[0].Text}
	for i, w := range c.Words[1:] {
		if i > 0 && strings.HasPrefix(w.Text, "-") {
			break
		}
		words = append(words, w.Text)
	}
	return strings.Join(words, " ")
}

// builds reports whether c installs dependencies or builds assets.
func builds(c *shell.Command) bool {
	for _, w := range c.Words {
		if w.Text == "assets:precompile" {
			return true
		}
	}
	for _, call := range c.Script.Calls() {
		if call.Command != c {
			continue
		}
		m := ecosystem.Of(call.Manager)
		switch {
		case m == nil:
		case m.Runner != nil && m.Runner.Scripts && slices.ContainsFunc(c.Args(), func(w shell.Word) bool {
			return w.Text == "build" || strings.HasPrefix(w.Text, "build:")
		}):
			return true
		case call.Action != shell.Install || m.Runner != nil && m.Runner.Syncs != "" && call.Verb.Text == m.Runner.Syncs:
		case m.Build != nil && (ecosystem.Has(m.Build.Starts, call.Verb.Text) || ecosystem.Has(m.Build.Watches, call.Verb.Text)):
		default:
			return true
		}
	}
	return false
}
