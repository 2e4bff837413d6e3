package scripts

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// EchoEscapes reports an escape in an argument of echo without -e. In dash echo always expands it, in bash and BusyBox never.
var EchoEscapes = &lint.Rule{
	Name: "echo-escapes", Summary: "what echo does with an escape depends on the shell", Category: lint.Scripts,
	Aliases:  []string{"SC2028"},
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(shell.EchoEscapes, func(p *lint.Pass, at *site, f *shell.Fault) *lint.Finding {
		finding := p.Report(f.Span, "echo prints `%s` as it is in some shells, expanded in others", f.Text)
		switch at.shell() {
		case "dash":
			finding.Message = "echo expands `" + f.Text + "`, but in dash alone"
			finding.Because("bash and BusyBox print the backslash").Doubting("the base image's `sh` is dash")
		case "bash", "ash":
			finding.Message = "echo prints `" + f.Text + "` as it is"
			finding.Because("only `echo -e` or printf expand it here")
		default:
			finding.Because("dash expands it, bash and BusyBox do not")
		}
		return finding.Advise("use printf")
	}),
}
