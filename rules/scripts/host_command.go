package scripts

import (
	"slices"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// HostCommand reports commands that belong on a running machine. It is sure of those that stop a machine, and of one that
// starts a service as the last act of its RUN: the service ends with the step. All others may serve the commands beside them.
var HostCommand = &lint.Rule{
	Name: "host-command", Summary: "a build runs what only makes sense on a running machine", Category: lint.Scripts,
	Aliases: []string{"DL3001"}, Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnCommand(func(p *lint.Pass, c *shell.Command) {
		theirs := parity.Bare(c)
		starts := slices.ContainsFunc(c.Args(), func(w shell.Word) bool { return w.Text == "start" || w.Text == "restart" })
		doubt := "it may serve the commands beside it"
		switch c.Name {
		case "service", "systemctl", "rc-service":
			theirs = theirs && c.Name == "service"
			if starts {
				if c.Script.Commands[len(c.Script.Commands)-1] == c && c.PipeTo == nil {
					doubt = ""
				}
			} else if !theirs {
				return // enable, mask and so on write to the disk
			}
		case "shutdown", "reboot", "poweroff", "halt":
			theirs = theirs && c.Name == "shutdown"
			doubt = ""
		case "ifconfig":
			theirs = false
		}
		if doubt != "" && !theirs {
			return
		}
		var f *lint.Finding
		if starts && doubt == "" {
			f = p.Report(c.Words[0].Span, "what `%s` starts ends with this step", c.Name).
				Because("the file system goes into the image, the processes do not").
				Advise("start it by `CMD` or `ENTRYPOINT`")
		} else {
			f = p.Report(c.Words[0].Span, "`%s` makes little sense in a build", c.Name).
				Because("a build has neither a running system around it nor anybody at a terminal").
				Advise("leave it to the host, or to the container when it runs")
		}
		f.Doubt = doubt
		if theirs {
			f.Alias("DL3001")
		}
	}, "free", "kill", "mount", "ps", "service", "shutdown", "ssh", "top", "vim", "ifconfig", "systemctl", "rc-service", "reboot", "poweroff", "halt"),
}
