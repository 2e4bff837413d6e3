package scripts

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// DebugStep reports a RUN that only prints something, such as a listing or the environment, left from when somebody looked
// for an error. It says nothing of commands that also check something, such as `node --version`, and of what is
// redirected to a file.
var DebugStep = &lint.Rule{
	Name: "debug-step", Category: lint.Scripts,
	Summary:  "a `RUN` only prints something",
	Severity: lint.Info, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnRun(func(p *lint.Pass, s *shell.Script) {
		in := s.Step.Instruction
		if s.Step.OnBuild || s.File == nil || s.Err != nil || len(in.Heredocs) > 0 || len(s.Step.Mounts) > 0 ||
			!s.Step.Stage.Reached || p.Plan.ForDevelopment() {
			return
		}
		if len(s.Commands) == 0 {
			if text := strings.TrimSpace(in.Rest.String); strings.HasPrefix(text, "#") {
				p.Report(in.Keyword.Full(), "this `RUN` only contains a comment").
					Because("the shell ignores the comment, so the step does nothing").
					Advise("remove the `RUN`")
			}
			return
		}
		var names []string
		for _, c := range s.Commands {
			if !prints(c) {
				return
			}
		}
		if redirectsGroup(s) {
			return
		}
		for _, c := range s.Commands {
			if name := "`" + c.Name + "`"; !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		f := p.Report(s.Commands[0].Words[0].Span, "this `RUN` only runs %s", strings.Join(names, " and ")).
			Because("the output only goes to the build log, and does not appear at all once the step is cached").
			Advise("remove the `RUN`")
		if slices.Contains(names, "`env`") || slices.Contains(names, "`printenv`") || slices.Contains(names, "`cat`") {
			f.Because("the build log, which more people can read than the image, may then contain secrets")
		}
		if strings.Contains(in.Rest.String, "$") {
			f.Doubting("the output may be meant for the build log")
		}
		p.Repeat(f, names[0])
	}),
}

// redirectsGroup reports whether s redirects the output of several commands at once, as in `{ …; } > file`.
func redirectsGroup(s *shell.Script) (found bool) {
	syntax.Walk(s.File, func(n syntax.Node) bool {
		stmt, ok := n.(*syntax.Stmt)
		if ok && len(stmt.Redirs) > 0 {
			_, simple := stmt.Cmd.(*syntax.CallExpr)
			found = found || !simple
		}
		return true
	})
	return found
}

// prints reports whether c only prints, to the log of the build.
func prints(c *shell.Command) bool {
	if c.Stmt == nil || len(c.Words) == 0 || len(c.Assigns) > 0 || slices.ContainsFunc(c.Stmt.Redirs, func(r *syntax.Redirect) bool {
		return r.Word == nil || r.Word.Lit() != "/dev/null" && r.Op != syntax.DplOut
	}) {
		return false
	}
	args := c.Operands()
	switch c.Name {
	case "ls":
		return len(args) == 0 || c.Has("-l", "-a", "-R") && !slices.ContainsFunc(args, func(w shell.Word) bool {
			return strings.ContainsAny(w.Text, "*?[")
		})
	case "env":
		return len(c.Words) == 1
	case "pwd", "printenv", "whoami", "tree", "df", "set":
		return c.Name != "set" || len(c.Words) == 1
	case "cat":
		return len(args) == 1 && c.PipeFrom == nil && strings.HasPrefix(args[0].Text[strings.LastIndexByte(args[0].Text, '/')+1:], ".env")
	case "echo":
		return !strings.Contains(c.Script.Text.String, "`") && !strings.Contains(c.Script.Text.String, "PLATFORM")
	}
	return false
}
