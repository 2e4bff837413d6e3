package scripts

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// HostCommand reports commands for a live system. It is sure about those that stop a machine, and about one that starts
// a service at the end of its RUN: the service ends with the step. Other commands of the step may need the rest, which
// gets a doubt.
var HostCommand = &lint.Rule{
	Name: "host-command", Category: lint.Scripts, Aliases: []string{"DL3001"},
	Summary:  "a build step runs a command that only makes sense on a live system",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnCommand(
		checkHostCommand, "free", "kill", "mount", "ps", "service", "shutdown", "ssh", "top", "vim",
		"systemctl", "rc-service", "reboot", "poweroff", "halt",
	),
}

func checkHostCommand(p *lint.Pass, c *shell.Command) {
	if c.Name == "kill" && slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return !w.Literal }) {
		return // a process that the same step started
	}
	theirs := parity.HostCommand(c)
	services := c.Name == "service" || c.Name == "systemctl" || c.Name == "rc-service"
	starts := services && slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return w.Text == "start" || w.Text == "restart" })
	doubt := "other commands in this step may depend on this command"
	switch c.Name {
	case "service", "systemctl", "rc-service":
		last := c.Script.Root().Commands[len(c.Script.Root().Commands)-1] == c && c.PipeTo == nil
		switch {
		case starts && last:
			doubt = ""
		case !starts && !theirs:
			return // `systemctl enable`, for instance, only writes to the disk
		}
	case "shutdown", "reboot", "poweroff", "halt":
		doubt = ""
	}
	if doubt != "" && !theirs {
		return
	}
	var f *lint.Finding
	if starts {
		f = p.Report(c.Words[0].Span, "the service that `%s` starts ends with this step", c.Name).
			Because("an image contains files, but no running processes").
			Advise("start the service in `CMD` or `ENTRYPOINT`")
		if doubt != "" {
			doubt = "later commands of this step may need the service"
			f.Advise("if the container needs the service too, start it in `CMD` or `ENTRYPOINT`")
		}
	} else {
		f = p.Report(c.Words[0].Span, "`%s` makes little sense in a build", c.Name).
			Because("only services that the same step starts can run in it").
			Advise("remove `%s`, unless this step starts the service", c.Name)
		if c.Name == "service" {
			doubt = "this step may start the service itself"
		}
	}
	switch c.Name {
	case "kill":
		f.Because("every process ends with the `RUN` that started it, so there is usually nothing to stop").
			Advise("remove `kill`, unless it stops a process that this `RUN` started")
	case "shutdown", "reboot", "poweroff", "halt":
		f.Because("a build step ends after its last command, and there is no system to shut down").
			Advise("remove `%s`", c.Name)
	case "free", "ps", "top":
		f.Because("`%s` shows the state of the build step, not that of a container", c.Name).
			Advise("run `%s` in a running container", c.Name)
	case "mount":
		f.Because("by default, a build step may not mount file systems").
			Advise("use `RUN --mount`, or mount the file system when the container starts")
	case "ssh":
		f.Because("a build step has no terminal and, by default, no SSH keys").
			Advise("if the step needs SSH, use `RUN --mount=type=ssh`")
		if slices.ContainsFunc(c.Script.Step.Mounts, func(m plan.Mount) bool { return m.Type == "ssh" }) {
			f.Message, f.Note, f.Help = "`RUN` calls `ssh`", "", ""
			doubt = parity.Regardless("the step mounts the SSH agent")
		}
	case "vim":
		f.Because("a build step has no terminal").
			Advise("edit files with a command such as `sed`, or before the build")
		if slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return strings.HasPrefix(w.Text, "+") }) || c.Has("-c", "-e", "-s") {
			f.Advise("")
			doubt = "this call may work without a terminal"
		}
	}
	f.Doubt = doubt
	if theirs {
		f.Alias("DL3001")
	}
}
