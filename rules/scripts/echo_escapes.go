package scripts

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell/fault"
)

// EchoEscapes reports an escape sequence in an argument of echo without -e. dash always expands it, bash and BusyBox
// never do.
var EchoEscapes = &lint.Rule{
	Name: "echo-escapes", Category: lint.Scripts, Aliases: []string{"SC2028"},
	Summary:  "what `echo` prints for an escape sequence depends on the shell",
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(fault.EchoEscapes, func(p *lint.Pass, at *site, f *fault.Fault) *lint.Finding {
		finding := p.Report(f.Span, "`echo` expands `%s` in some shells and prints it literally in others", f.Text)
		switch at.sh() {
		case "dash":
			finding.Message = "`echo` expands `" + f.Text + "` in dash, but not in bash or BusyBox"
			finding.Because("if `sh` is bash or BusyBox, the same line prints the backslash").
				Doubting("`echo` always expands it here, because `sh` is dash")
		case "bash", "ash":
			finding.Message = "`echo` prints `" + f.Text + "` literally"
			finding.Because("only `echo -e` or `printf` expands the sequence here")
		default:
			finding.Because("dash expands the sequence, but bash and BusyBox do not")
		}
		end := `\n`
		if c := commandAt(at, f); c != nil && c.Has("-n") {
			end = ""
		}
		text := "the text"
		if c := commandAt(at, f); c != nil && len(c.Operands()) > 1 {
			text = "the text as one argument"
		}
		return finding.Advise("pass %s to `printf '%%b%s'` to expand it, or to `printf '%%s%s'` to print it literally", text, end, end)
	}),
}
