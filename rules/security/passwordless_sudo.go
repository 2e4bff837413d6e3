package security

import (
	"bytes"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// PasswordlessSudo reports that a RUN lets a user run every command as root without a password. It is silent about
// images for development, where that is common, and about rules for single commands.
var PasswordlessSudo = &lint.Rule{
	Name: "passwordless-sudo", Category: lint.Security,
	Summary:  "a user may run every command as root without a password",
	Severity: lint.Warning, Profile: lint.Strict, Scope: lint.ShippedStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnCommand(func(p *lint.Pass, c *shell.Command) {
		if p.Plan.ForDevelopment() || bytes.Contains(p.File.Bytes, []byte("devcontainer.json")) {
			return
		}
		for _, text := range written(c) {
			_, after, ok := strings.Cut(text.text, "NOPASSWD:")
			if !ok || !strings.HasPrefix(strings.TrimLeft(after, " \t"), "ALL") {
				continue
			}
			p.Report(text.span, "sudo lets users run every command as root without a password").
				Because("anyone who takes over a program that runs as such a user can become root in the container").
				Advise("run the commands that need root during the build and remove sudo, or only allow the one command that the container needs")
			return
		}
	}, "echo", "printf", "cat", "tee", "sed"),
}
