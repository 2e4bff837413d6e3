package files

import (
	"path"
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// ChownAfterCopy reports a recursive chown or chmod of a directory that an earlier COPY of a stage that ships has
// filled. COPY can set owner and mode itself. Single files are not worth a remark, so a COPY counts if a source is a
// directory by its looks, or comes from another stage.
var ChownAfterCopy = &lint.Rule{
	Name: "chown-after-copy", Category: lint.Files,
	Summary:  "`chown -R` or `chmod -R` in a `RUN` duplicates files that `COPY` added in another layer",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.ShippedStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnCommand(func(p *lint.Pass, c *shell.Command) {
		step := c.Script.Step
		if step.OnBuild || !c.Has("-R", "--recursive") {
			return
		}
		operands := c.Operands()
		if len(operands) < 2 {
			return
		}
		for _, w := range operands[1:] {
			dir := c.Path(w)
			if !dir.Known || !path.IsAbs(dir.Text) || strings.ContainsAny(dir.Text, "*?[$") || dir.Text == "/" {
				continue
			}
			if copied := filled(p, c, dir.Text); copied != nil {
				again(p, c, w, copied)
				return
			}
		}
	}, "chown", "chmod"),
}

// filled is the last COPY or ADD before the step of c, in its stage, that copies a directory to dir or to a place below it, and whose files
// the RUN of c has not moved away or removed above c; nil if there is none.
func filled(p *lint.Pass, c *shell.Command, dir string) *plan.Step {
	step := c.Script.Step
	for before := range step.Before() {
		if before.Stage != step.Stage {
			return nil
		}
		if before.Copy != nil && plan.Within(before.Destination(), dir) && path.IsAbs(before.Destination()) &&
			slices.ContainsFunc(before.Copy.Sources, func(s plan.Source) bool { return several(p, before, s) }) &&
			!emptied(c, path.Clean(before.Destination())) {
			return before
		}
	}
	return nil
}

// emptied reports whether a command above c in its script removes the directory dir or moves it.
func emptied(c *shell.Command, dir string) bool {
	return slices.ContainsFunc(c.Script.Commands, func(other *shell.Command) bool {
		gone := other.Operands()
		if other.Name == "mv" && len(gone) > 0 {
			gone = gone[:len(gone)-1] // the last one is where the others go
		}
		return (other.Name == "rm" || other.Name == "mv") && other.Span.Start < c.Span.Start &&
			slices.ContainsFunc(gone, func(w shell.Word) bool {
				at := other.Path(w)
				return at.Known && plan.Within(dir, path.Clean(at.Text))
			})
	})
}

// several reports whether s, a source of step, is a directory.
func several(p *lint.Pass, step *plan.Step, s plan.Source) bool {
	switch {
	case s.Heredoc || s.Remote || !s.Path.Known:
		return false
	case s.Whole():
		return true
	case step.Copy.From != nil: // a directory of another stage mostly has no extension
		return !strings.Contains(path.Base(s.Path.Text), ".") && !strings.Contains(s.Path.Text, "/bin/") ||
			strings.HasSuffix(s.Path.Text, "/")
	case p.Context() != nil:
		return len(p.Context().Dir(path.Clean("/" + s.Path.Text)[1:])) > 0
	}
	return strings.HasSuffix(s.Path.Text, "/")
}

// maker is a command of a RUN before step, in its stage, that installs what the application needs in dir; nil if there is none.
func maker(p *lint.Pass, step *plan.Step, dir string) *shell.Command {
	for before := range step.Before() {
		if before.Stage != step.Stage {
			return nil
		}
		sc := p.Script(before)
		if sc == nil {
			continue
		}
		for _, call := range sc.Calls() {
			if at := call.Dir(); at.Known && plan.Within(at.Text, dir) && call.Action == shell.Install && call.Manifest {
				return call.Command
			}
		}
	}
	return nil
}

// created names the directories that the script of c creates, in parentheses; "" if it creates none.
func created(c *shell.Command) string {
	var dirs []string
	for _, other := range c.Script.Commands {
		if other.Name == "mkdir" {
			for _, w := range other.Operands("-m", "--mode") {
				dirs = append(dirs, "`"+w.Text+"`")
			}
		}
	}
	if len(dirs) == 0 {
		return ""
	}
	return ", such as " + strings.Join(dirs, " and ")
}

// creates reports whether a command above c in its script installs packages in dir or makes a directory there.
func creates(c *shell.Command, dir string) bool {
	above := func(other *shell.Command) bool { return other.Span.Start < c.Span.Start }
	return slices.ContainsFunc(c.Script.Calls(), func(call *shell.Call) bool {
		at := call.Dir()
		return above(call.Command) && call.Action == shell.Install && call.Manifest && at.Known && plan.Within(at.Text, dir)
	}) || slices.ContainsFunc(c.Script.Commands, func(other *shell.Command) bool {
		return above(other) && other.Name == "mkdir" && slices.ContainsFunc(other.Operands("-m", "--mode"), func(w shell.Word) bool {
			at := other.Path(w)
			return at.Known && plan.Within(at.Text, dir)
		})
	})
}

// earlier reports whether the directory dir is there before copied, because WORKDIR or mkdir makes it. COPY does not change its owner.
func earlier(p *lint.Pass, copied *plan.Step, dir string) bool {
	if copied.Workdir.Known && path.Clean(copied.Workdir.Text) == dir {
		return true
	}
	for before := range copied.Before() {
		if sc := p.Script(before); sc != nil && slices.ContainsFunc(sc.Commands, func(c *shell.Command) bool {
			return c.Name == "mkdir" && slices.ContainsFunc(c.Operands("-m", "--mode"), func(w shell.Word) bool { return c.Path(w).Text == dir })
		}) {
			return true
		}
	}
	return false
}

// regrouped reports whether the RUN of c, a chmod, also changes the group of all files in the directory w. They are then stored again
// whatever their mode.
func regrouped(c *shell.Command, w shell.Word) bool {
	return c.Name == "chmod" && slices.ContainsFunc(c.Script.Commands, func(other *shell.Command) bool {
		return other.Name == "chgrp" && other.Has("-R", "--recursive") &&
			slices.ContainsFunc(other.Operands(), func(o shell.Word) bool { return o.Text == w.Text })
	})
}

// alsoChanged is the mode that a chmod in the RUN of c, a chown, gives all files in the directory w, "" if there is none.
func alsoChanged(c *shell.Command, w shell.Word) string {
	for _, other := range c.Script.Commands {
		operands := other.Operands()
		if other.Name == "chmod" && other.Has("-R", "--recursive") && len(operands) == 2 && operands[1].Text == w.Text {
			return operands[0].Text
		}
	}
	return ""
}

func again(p *lint.Pass, c *shell.Command, w shell.Word, copied *plan.Step) {
	flag, what := "chown", "owner"
	if c.Name == "chmod" {
		flag, what = "chmod", "mode"
	}
	keyword, value := copied.Instruction.Name, c.Operands()[0].Text
	dir := path.Clean(c.Path(w).Text)
	made := maker(p, c.Script.Step, dir)
	f := p.Report(w.Span, "`%s -R` duplicates the files that `%s` put in `%s`", c.Name, keyword, w.Text).
		Relate(copied.Instruction.Head(), "copied here").
		Because("a layer stores a file again if its owner or mode changes, so the image contains these files twice")
	p.Repeat(f, c.Script.Step)
	switch own := copied.Instruction.Flag(flag); {
	case made != nil:
		f.Message = "`" + c.Name + " -R` duplicates the files that earlier steps put in `" + w.Text + "`"
		f.Relate(made.Span, "this step also creates files there").
			Because("a layer stores a file again if its owner or mode changes, so the image contains these files twice").
			Advise("only change the %s of what the program writes to%s", what, created(c))
	case own != nil && own.Value.Value == value:
		f.Message = "`" + c.Name + " -R` repeats the `--" + flag + "` of `" + keyword + "`"
		f.Because("the copied files already have this %s, but `%s` goes through all of them again", what, c.Name).
			Advise("only use `%s` for files that `%s` does not copy", c.Name, keyword)
	case flag == "chmod" && strings.Trim(value, "01234567") != "":
		f.Advise("use `%s --chmod=%s` instead; symbolic modes need Dockerfile syntax 1.14 or later", keyword, value)
	case flag == "chmod":
		f.Advise("use `%s --chmod=%s` instead", keyword, value)
	case creates(c, dir):
		f.Advise("use `%s --chown=%s`, and only `chown` what this step creates%s", keyword, value, created(c))
		if strings.Trim(value, "0123456789:") != "" && createsUser(p, copied, c.Script.Step) {
			f.Advise("create the user above the `%s`, %s", keyword, f.Help)
		}
	case strings.Trim(value, "0123456789:") != "" && createsUser(p, copied, c.Script.Step):
		f.Advise("create the user above the `%s`, and use `%[1]s --chown=%s` instead", keyword, value)
	default:
		f.Advise("use `%s --chown=%s` instead", keyword, value)
		if mode := alsoChanged(c, w); mode != "" {
			f.Advise("use `%s --chown=%s --chmod=%s` instead of `chown` and `chmod`", keyword, value, mode)
			if strings.Trim(mode, "01234567") != "" {
				f.Advise("%s; symbolic modes need Dockerfile syntax 1.14 or later", f.Help)
			}
		} else if earlier(p, copied, dir) {
			f.Advise("use `%s --chown=%s`, and `chown` without `-R` if the program creates files in the directory itself", keyword, value)
		}
	}
	if made == nil && p.Context() == nil && copied.Copy.Context() && !copied.Copy.Whole() {
		f.Doubting("the directory may only contain a few small files")
	}
	if regrouped(c, w) {
		f.Doubting("`chgrp -R` in the same `RUN` stores these files again anyway")
	}
}

// createsUser reports whether a step after copied creates a user, up to and including step.
func createsUser(p *lint.Pass, copied, step *plan.Step) bool {
	for _, s := range step.Stage.Steps[copied.Index+1 : step.Index+1] {
		sc := p.Script(s)
		if sc != nil && slices.ContainsFunc(sc.Commands, func(c *shell.Command) bool {
			return c.Name == "useradd" || c.Name == "adduser" || c.Name == "groupadd" || c.Name == "addgroup"
		}) {
			return true
		}
	}
	return false
}
