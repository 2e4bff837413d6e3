package broken

import (
	"strings"

	"github.com/dockvet/dockvet/internal/provision"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// FailingStep reports a RUN of the target's stages that always fails: it is nothing but `exit` with another status than 0,
// or `false`, or it runs in an image that has no files yet.
var FailingStep = &lint.Rule{
	Name: "failing-step", Summary: "a `RUN` always fails", Category: lint.Broken,
	Severity: lint.Error, Profile: lint.Minimal, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if !s.Reached {
			return
		}
		inNothing(p, s)
		for _, sc := range p.Scripts(s) {
			for _, c := range sc.Commands {
				if always(c) && plain(sc, c) {
					p.Report(c.Span, "this step always fails").
						Breaking(lint.BreaksBuild).
						Because("the command runs unconditionally, so the build always fails here").
						Advise("remove the step, or make the failure depend on a condition")
				}
			}
		}
	}),
}

// inNothing reports the first RUN of s if it is built from scratch and nothing was copied before it.
func inNothing(p *lint.Pass, s *plan.Stage) {
	if s.Base == nil || !s.Base.Scratch {
		return
	}
	for _, step := range s.Steps {
		switch {
		case step.OnBuild:
		case step.Copy != nil:
			return
		case step.Instruction.Name != "RUN":
		case len(step.Mounts) == 0:
			p.Report(step.Instruction.Keyword.Full(), "nothing in the image can run this command").
				Breaking(lint.BreaksBuild).
				Because("`scratch` has no files and nothing was copied yet, so there is no shell and the build fails with `no such file or directory`").
				Relate(s.Base.Span, "the image is empty").
				Advise("start from an image with a shell, or run the command in another stage and copy the result with `COPY --from`")
			return
		}
	}
}

// always reports whether c fails whatever happens.
func always(c *shell.Command) bool {
	switch c.Name {
	case "false":
		return true
	case "exit":
		return len(c.Words) == 2 && c.Words[1].Literal && strings.Trim(c.Words[1].Text, "0") != "" &&
			strings.Trim(c.Words[1].Text, "0123456789") == ""
	}
	return false
}

// plain reports whether c is the last command of the script, and none before it can end the script.
func plain(sc *shell.Script, c *shell.Command) bool {
	last := sc.Commands[len(sc.Commands)-1]
	for _, before := range sc.Commands {
		if before != c && (before.Name == "exit" || before.Name == "exec" || before.Name == "return") {
			return false
		}
	}
	return c == last && provision.Fatal(c) && !strings.Contains(sc.Text.String, "||")
}
