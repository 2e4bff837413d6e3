package scripts

import (
	"strings"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// ShellSyntaxError reports shell code that no shell with its grammar accepts. A heredoc that is not closed is not
// reported, because shells accept it, and neither is what they only notice when they run the command.
var ShellSyntaxError = &lint.Rule{
	Name: "shell-syntax-error", Category: lint.Scripts,
	Summary:  "shell code has a syntax error",
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.Checks(
		lint.OnRun(checkSyntax),
		lint.OnStep(func(p *lint.Pass, step *plan.Step) {
			switch step.Instruction.Name {
			case "CMD", "ENTRYPOINT", "HEALTHCHECK":
				if step.Instruction.JSON && len(step.Instruction.Args) < 3 {
					return // it is not `sh -c` either
				}
				if s := container.Command(p, step); s != nil {
					checkSyntax(p, s)
				}
			}
		}, "CMD", "ENTRYPOINT", "HEALTHCHECK"),
	),
}

func checkSyntax(p *lint.Pass, root *shell.Script) {
	for s := range root.All() {
		if e := s.SyntaxError(); e != nil {
			reportSyntaxError(p, s, e)
		}
	}
}

func reportSyntaxError(p *lint.Pass, s *shell.Script, e *shell.SyntaxError) {
	f := p.Report(s.Text.Span(e.Start, e.End), "%s", e.Message)
	switch step := s.Step; {
	case s.Outer != nil:
		f.Because("`%s` fails with a syntax error", s.Outer.Name)
	case step.Instruction.Name != "RUN":
		f.Because("`%s` fails with a syntax error when the container runs it", s.Shell)
	case step.OnBuild:
		f.Because("`%s` fails with a syntax error in each build that is based on this image", s.Shell)
	default:
		f.Because("`%s` fails with a syntax error, so the build fails", s.Shell)
		// A shell reads line by line, and may have exited on an earlier one.
		if step.Stage.Reached && !strings.Contains(s.Text.String[:e.Start], "exit") {
			f.Breaking(lint.BreaksBuild)
		}
	}
	if !s.Step.Shell.Known && powerShell.Get().MatchString(s.Text.String) {
		f.Breaking("").Doubting("the base image may have set PowerShell as the shell")
	}
}

// powerShell matches what only PowerShell code contains: a cmdlet, a variable of the environment, a static member.
var powerShell = lazy.Regexp{Expr: `\b(?:Get|Set|New|Add|Remove|Invoke|Expand|Start|Write|Copy|Move|Test|Install)-[A-Z]` +
	`|\$env:|\]::|\s-(?:eq|ne|Command|Force|Recurse)\b`}
