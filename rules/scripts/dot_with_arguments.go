package scripts

import (
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// DotWithArguments reports arguments to a sourced file under sh. dash does not pass them; bash and BusyBox do, and there it is in doubt.
var DotWithArguments = &lint.Rule{
	Name: "dot-with-arguments", Summary: "`. file arguments` passes no arguments in every sh", Category: lint.Scripts,
	Aliases:  []string{"SC2240"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(shell.DotArguments, func(p *lint.Pass, at *site, f *shell.Fault) *lint.Finding {
		finding := p.Report(f.Span, "`%s` may not reach the sourced file", f.Text).
			Because("POSIX gives `.` no arguments, and dash passes none on: the file sees those of the script").
			Advise("set the arguments first with `set --`, or run the file")
		switch sh := at.shell(); sh {
		case "dash":
			finding.Message = "`" + f.Text + "` does not reach the sourced file"
		case "":
			finding.Doubting("which shell `sh` is in the base image is not known")
		default:
			finding.Doubting("the base image's `sh` is %s, which passes them on", shellName(sh))
		}
		return finding
	}),
}
