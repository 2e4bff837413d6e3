package scripts

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// ReplacedSh reports a link or copy that puts another shell in the place of /bin/sh.
var ReplacedSh = &lint.Rule{
	Name: "replaced-sh", Summary: "another shell is put in the place of /bin/sh", Category: lint.Scripts,
	Aliases: []string{"DL4005"}, Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnCommand(func(p *lint.Pass, c *shell.Command) {
		words := c.Operands("-S", "--suffix", "-t", "--target-directory")
		var at *shell.Word
		doubt := ""
		for i, w := range words {
			switch {
			case i == len(words)-1 && i > 0 && (w.Text == "/bin/sh" || w.Text == "/usr/bin/sh"):
				at, doubt = &words[i], ""
			case at == nil && w.Text == "/bin/sh" && c.Name == "ln":
				at, doubt = &words[i], "/bin/sh is linked, not replaced"
			}
		}
		if at == nil {
			return
		}
		f := p.Report(at.Span, "another shell takes the place of `%s`", at.Text).
			Because("the scripts of the distribution are written for its own, and an update of its package brings that back").
			Advise("use `SHELL` for the steps of the build")
		f.Doubt = doubt
		if c.Name == "ln" && parity.Bare(c) && at.Text == "/bin/sh" {
			f.Alias("DL4005")
		}
	}, "ln", "cp", "mv"),
}
