package scripts

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// CdForWorkdir reports a cd whose effect ends with its RUN before anything has used it. Any other cd gets a doubt,
// because it serves the commands after it.
var CdForWorkdir = &lint.Rule{
	Name: "cd-for-workdir", Category: lint.Scripts, Aliases: []string{"DL3003", "DS-0013"},
	Summary:  "`cd` only affects its own RUN",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnCommand(func(p *lint.Pass, c *shell.Command) {
		step := c.Script.Step
		f := p.Report(c.Span, "this `cd` has no effect on later instructions").
			Because("each `RUN` starts in the `WORKDIR`")
		keyword := "WORKDIR"
		if step.OnBuild {
			keyword = "ONBUILD WORKDIR"
		}
		where := "`" + keyword + "`"
		if args := c.Args(); len(args) == 1 && args[0].Literal && !strings.HasPrefix(args[0].Text, "-") {
			to := args[0].Text
			moved := false
			if !path.IsAbs(to) && !strings.ContainsAny(to, `\:`) {
				moved = movedBefore(c)
				if here := step.Workdir; here.Known && !step.OnBuild {
					to = path.Join("/", here.Text, to) // so that it stays the same if several steps get this advice
				}
			}
			if !moved && !strings.ContainsAny(to, "`\n*?[~$") { // WORKDIR expands no patterns
				where = "`" + keyword + " " + to + "`"
			}
		}
		if parity.Cd(c) {
			f.Alias("DL3003")
		}
		if why := purpose(c); why != "" {
			f.Message = "`cd` only affects this `RUN`"
			if inSubshell(c) {
				f.Message, f.Note = "`cd` only affects its subshell", ""
			}
			f.Advise("if the commands that need this directory can run in their own `RUN`, set %s before it%s", where, back(step, keyword)).Doubting("%s", why)
			switch {
			case why == returns, why == home, why == already:
				f.Advise("remove the `cd`")
			case inSubshell(c):
			case c.Sub, leaves(c):
				f.Advise("")
			case keeps(p, c) != "":
				f.Advise("").Doubting("%s and the shell variable `%s`", why, keeps(p, c))
			case c == c.Script.Root().Commands[0] && !strings.Contains(step.Instruction.Text.String, "cd -"):
				f.Advise("set %s before this `RUN`%s", where, back(step, keyword))
			}
			return
		}
		f.Advise("use %s instead", where)
		if onlyCommand(c) && where != "`WORKDIR`" {
			f.Offer(lint.Unsafe, "use "+where, lint.Replace(step.Instruction.Head(), strings.Trim(where, "`")))
		}
	}, "cd"),
}

// back is the end of an advice to set WORKDIR for step only. It is "" if the next step sets it anyway.
func back(step *plan.Step, keyword string) string {
	if next := step.Stage.Steps[step.Index+1:]; len(next) > 0 && next[0].Instruction.Name == "WORKDIR" {
		return ""
	}
	if step.Workdir.Known && !step.OnBuild {
		return ", and `" + keyword + " " + step.Workdir.Text + "` after it"
	}
	return ", and the previous `WORKDIR` after it"
}

// keeps is a shell variable that the RUN sets before c and uses after it, so that the commands cannot be split; "" without one.
func keeps(p *lint.Pass, c *shell.Command) string {
	after := string(p.File.Bytes[c.Span.End:c.Script.Step.Instruction.Span.End])
	if !strings.Contains(after, "$") {
		return ""
	}
	used := func(name string) bool { return strings.Contains(after, "${"+name+"}") || usesBare(after, name) }
	for _, before := range c.Script.Root().Commands {
		if before.Span.Start >= c.Span.Start {
			break
		}
		if len(before.Words) > 0 && before.Name != "export" {
			continue // what is set is only for this command
		}
		for _, a := range before.Assigns {
			if used(a.Name) {
				return a.Name
			}
		}
		for i := 1; i < len(before.Words); i++ { // how POSIX shells see `export A=b`
			if name, _, ok := strings.Cut(before.Words[i].Text, "="); ok && used(name) {
				return name
			}
		}
	}
	return ""
}

// usesBare reports whether text has `$name`, and not a longer name.
func usesBare(text, name string) bool {
	for _, rest := range strings.Split(text, "$"+name)[1:] {
		if rest == "" || rest[0] != '_' && (rest[0] < '0' || rest[0] > '9') && (rest[0]|0x20 < 'a' || rest[0]|0x20 > 'z') {
			return true
		}
	}
	return false
}

// inSubshell reports whether c runs in a subshell. A function does not, although c cannot be followed there either.
func inSubshell(c *shell.Command) bool {
	if !c.Sub || c.Script.File == nil {
		return c.Sub
	}
	function := false
	syntax.Walk(c.Script.File, func(n syntax.Node) bool {
		if f, ok := n.(*syntax.FuncDecl); ok {
			function = function || inside(c, f.Body)
		}
		return !function
	})
	return !function
}

// movedBefore reports whether a cd before c may have changed the directory in its RUN.
func movedBefore(c *shell.Command) bool {
	return slices.ContainsFunc(c.Script.Root().Commands, func(other *shell.Command) bool {
		return other.Span.Start < c.Span.Start && (other.Name == "cd" || other.Name == "pushd")
	})
}

// onlyCommand reports whether c, a cd to a literal directory, is all that its instruction consists of.
func onlyCommand(c *shell.Command) bool {
	in, args := c.Script.Step.Instruction, c.Args()
	return len(c.Script.Root().Commands) == 1 && len(args) == 1 && c.Plain(args[0]) && c.Plain(c.Words[0]) &&
		!c.Script.Step.OnBuild && len(in.Flags)+len(in.Heredocs)+len(c.Stmt.Redirs) == 0 &&
		c.Span == in.Rest.Full() && !strings.ContainsAny(args[0].Text, "`$~\"'")
}

// The doubts of a cd after which nothing runs.
const (
	returns = "the `cd` may be meant to return to where this `RUN` started"
	home    = "the `cd` changes to the home directory"
	already = "this is already the working directory"
)

// leaves reports whether c, a cd, goes back or up, or to a place that no `WORKDIR` is for.
func leaves(c *shell.Command) bool {
	args := c.Args()
	if len(args) == 0 {
		return true
	}
	to := args[len(args)-1].Text
	return to == "-" || to == "/" || to == "~" || strings.HasPrefix(to, "..")
}

// purpose says what a cd is good for, "" if its effect is lost.
func purpose(c *shell.Command) string {
	if inSubshell(c) {
		return "other commands in the subshell may use the directory"
	}
	after, moved := false, false
	for _, other := range c.Script.Root().Commands {
		switch {
		case other == c:
			after = true
		case after:
			switch other.Name {
			case "exit", "true", ":":
				continue
			}
			if !c.Span.Contains(other.Span) {
				return "later commands of this `RUN` use the directory"
			}
		case other.Name == "cd" && !other.Sub && other.Script == c.Script:
			moved = true
		}
	}
	args := c.Args()
	if len(args) == 0 {
		return home
	}
	to := args[len(args)-1].Text
	here := c.Script.Step.Workdir
	switch {
	case moved || leaves(c) || strings.HasPrefix(to, "$"):
		return returns
	case here.Known && path.Clean(to) == path.Clean(here.Text):
		return already
	}
	return ""
}
