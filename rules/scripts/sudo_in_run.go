package scripts

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/shell"
)

// SudoInRun reports a RUN that calls sudo although it runs as root. It has a doubt if the step runs as another user, or
// may do so, and if sudo drops root.
var SudoInRun = &lint.Rule{
	Name: "sudo-in-run", Category: lint.Scripts, Aliases: []string{"DL3004", "DS-0010", "CKV2_DOCKER_1"},
	Summary:  "a step that runs as root calls sudo",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnRun(func(p *lint.Pass, s *shell.Script) {
		i := slices.IndexFunc(s.Commands, func(c *shell.Command) bool { return c.Name == "sudo" })
		if i < 0 {
			return
		}
		c := s.Commands[i]
		what := "`sudo`"
		if len(c.Words) > 1 && strings.HasPrefix(c.Words[1].Text, "-") {
			what = "`sudo` and its options"
		}
		f := p.Report(c.Words[0].Span, "`sudo` is used in a step that runs as root").
			Because("root does not need `sudo`, which by default drops most environment variables").
			Advise("remove %s", what)
		if c.Script.Outer == nil {
			f.Alias("DL3004")
		}
		user := s.Step.User
		switch {
		case user.Known && !isRoot(user.Text):
			f.Message = "`RUN` uses `sudo`"
			f.Because("anyone who gets into the container as user `%s` may be able to become root with `sudo`", user.Text).
				Advise("remove %s, and add `USER root` before the step and `USER %s` after it", what, user.Text).
				Doubting("the step runs as user `%s`", user.Text)
			if s.Step.OnBuild {
				f.Advise("remove %s, and add `ONBUILD USER root` before the step and `ONBUILD USER %s` after it", what, user.Text)
			}
		case s.Step.OnBuild:
			f.Message = "`sudo` is used in `ONBUILD RUN`"
			f.Because("if the step already runs as root, `sudo` is not needed").
				Advise("remove %s, and if necessary, add `ONBUILD USER root` before the step", what).
				Doubting("the build that runs this step may have set another user")
		case !user.Known && !runsAsRoot(p, s):
			f.Message = "`RUN` uses `sudo`"
			f.Because("if the step already runs as root, `sudo` is not needed").
				Advise("remove %s; if the step does not run as root, add `USER root` before it and the previous `USER` after it", what).
				Doubting("the base image may have set another user")
			if c.Has("-u", "--user") {
				f.Because("%s", switches).Advise("%s", ownStep(c, "the previous `USER`"))
			}
			if s.Step.UserStep != nil {
				f.Doubting("`USER` may name a user other than root")
			}
		case c.Has("-u", "--user"):
			f.Message = "`sudo -u` is used in a step that runs as root"
			f.Because("%s", switches).Advise("%s", ownStep(c, "`USER root`")).
				Doubting("`sudo -u` drops root for a single command")
		}
		if f.Doubt == "" {
			offerRemoval(p, s, f)
		}
	}),
}

// switches is why `sudo -u` is not needed.
const switches = "`USER` also switches to another user, and does not need `sudo` in the image"

// ownStep is the advice on c, a `sudo -u`. back is what switches to the user of the step again.
func ownStep(c *shell.Command, back string) string {
	to := "`USER`"
	if user, ok := c.FlagValue("-u"); ok && user.Literal {
		to = "`USER " + user.Text + "`"
	}
	if len(c.Script.Root().Commands) <= 2 { // sudo and the command that it runs
		return "remove `sudo` and its options, and add " + to + " before the step and " + back + " after it"
	}
	return "move what `sudo -u` runs to its own `RUN`, without `sudo`, and add " + to + " before it and " + back + " after it"
}

// offerRemoval offers to remove sudo wherever s calls it without flags and variables.
func offerRemoval(p *lint.Pass, s *shell.Script, f *lint.Finding) {
	var edits []lint.Edit
	for _, c := range s.Commands {
		if c.Name != "sudo" || len(c.Words) < 2 || !c.Plain(c.Words[0]) {
			continue
		}
		next := c.Words[1]
		span := parser.Span{Start: c.Words[0].Span.Start, End: next.Span.Start}
		if !next.Literal || strings.HasPrefix(next.Text, "-") || strings.Contains(next.Text, "=") ||
			strings.TrimSpace(p.File.Text(span)) != c.Words[0].Text {
			continue
		}
		edits = append(edits, lint.Delete(span))
	}
	if len(edits) > 0 {
		f.Offer(lint.Unsafe, "remove `sudo`", edits...)
	}
}

func isRoot(user string) bool {
	name, _, _ := strings.Cut(user, ":")
	return name == "root" || name == "0"
}

// runsAsRoot reports whether a script whose user only the base image decides runs as root: because it is an official
// image, or because a command only works as root.
func runsAsRoot(p *lint.Pass, s *shell.Script) bool {
	if s.Step.UserStep != nil {
		return false
	}
	if image := s.Step.Stage.Image(); image != nil && image.Ref.Registry == "docker.io" &&
		strings.HasPrefix(image.Ref.Repository, "library/") {
		return true
	}
	if slices.ContainsFunc(s.Commands, needsRoot) {
		return true
	}
	for earlier := range s.Step.Before() {
		if earlier.UserStep != nil {
			return false
		}
		if script := p.Script(earlier); script != nil && slices.ContainsFunc(script.Commands, needsRoot) {
			return true
		}
	}
	return false
}

// needsRoot reports whether c only works as root, and does not run under sudo.
func needsRoot(c *shell.Command) bool {
	for outer := c.Outer; outer != nil; outer = outer.Outer {
		if outer.Name == "sudo" {
			return false
		}
	}
	switch c.Name {
	case "useradd", "adduser", "groupadd", "addgroup", "usermod", "visudo", "update-ca-certificates":
		return true
	}
	m := ecosystem.Of(c.Name)
	return m != nil && m.System
}
