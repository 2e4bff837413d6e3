package scripts

import (
	"path"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// CdForWorkdir reports a cd whose effect ends with its RUN before anything used it. All others are doubtful: in one RUN, going to
// a place to work there is what cd is for.
var CdForWorkdir = &lint.Rule{
	Name: "cd-for-workdir", Summary: "cd changes the directory of its own RUN alone", Category: lint.Scripts, Aliases: []string{"DL3003", "DS-0013"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnCommand(func(p *lint.Pass, c *shell.Command) {
		step := c.Script.Step
		f := p.Report(c.Span, "`cd` ends with this `RUN`").
			Because("each `RUN` starts in the directory that `WORKDIR` says")
		where := "`WORKDIR`"
		if args := c.Args(); len(args) == 1 && args[0].Literal && !strings.HasPrefix(args[0].Text, "-") {
			where = "`WORKDIR " + args[0].Text + "`"
			if strings.ContainsAny(args[0].Text, "`\n") {
				where = "`WORKDIR`"
			}
		}
		if !step.OnBuild {
			f.Alias("DL3003")
		}
		if why := useful(c); why != "" {
			f.Message = "`cd` in `RUN`"
			f.Advise("give what is done there a `RUN` of its own behind %s", where).Doubting(why)
			if why == back {
				f.Advise("leave it out: the next `RUN` starts in the working directory anyhow")
			}
			return
		}
		f.Advise("write %s instead", where)
		in := step.Instruction
		if args := c.Args(); len(c.Script.Commands) == 1 && len(args) == 1 && c.Plain(args[0]) && c.Plain(c.Words[0]) && !step.OnBuild &&
			len(in.Flags)+len(in.Heredocs)+len(c.Stmt.Redirs) == 0 && c.Span == in.Rest.Full() && !strings.ContainsAny(args[0].Text, "`$~\"'") {
			f.Offer(lint.Unsafe, "write "+where, lint.Edit{Span: in.Head(), Text: "WORKDIR " + args[0].Text})
		}
	}, "cd"),
}

// back is the doubt of a cd that ends an excursion.
const back = "it goes back to where this `RUN` began"

// useful says what the effect of a cd is good for, "" if it is lost.
func useful(c *shell.Command) string {
	if c.Sub {
		return "it moves a subshell alone"
	}
	after, moved := false, false
	for _, other := range c.Script.Commands {
		switch {
		case other == c:
			after = true
		case after:
			switch other.Name {
			case "exit", "true", ":":
				continue
			}
			if !c.Span.Contains(other.Span) {
				return "the rest of this `RUN` is run there"
			}
		case other.Name == "cd" && !other.Sub:
			moved = true
		}
	}
	args := c.Args()
	if len(args) == 0 {
		return "it goes home"
	}
	to := args[len(args)-1].Text
	here := c.Script.Step.Workdir
	switch {
	case moved || to == "-" || to == "/" || to == "~" || strings.HasPrefix(to, "..") || strings.HasPrefix(to, "$"):
		return back
	case here.Known && path.Clean(to) == path.Clean(here.Text):
		return "it is the working directory already"
	}
	return ""
}
