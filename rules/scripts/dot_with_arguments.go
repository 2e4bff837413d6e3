package scripts

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell/fault"
)

// DotWithArguments reports arguments to a file that sh sources. dash ignores them. bash and BusyBox pass them on; there
// the finding has a doubt.
var DotWithArguments = &lint.Rule{
	Name: "dot-with-arguments", Category: lint.Scripts, Aliases: []string{"SC2240"},
	Summary:  "not every `sh` passes arguments to a file that `.` reads",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(fault.DotWithArguments, func(p *lint.Pass, at *site, f *fault.Fault) *lint.Finding {
		finding := p.Report(f.Span, "`.` may not pass its arguments to the sourced file").
			Because("POSIX does not define arguments for `.`, and dash ignores them").
			Advise("set the arguments with `set --` first")
		switch sh := at.sh(); sh {
		case "dash":
			finding.Message = "`.` does not pass its arguments to the sourced file"
		case "":
			finding.Doubting("%s", unknownSh(at))
			if strings.Contains(finding.Doubt, "BusyBox") || strings.HasSuffix(finding.Doubt, " bash") {
				finding.Doubting("%s, which passes the arguments on", finding.Doubt)
			}
		default:
			finding.Doubting("the base image's `sh` is %s, which passes the arguments on", shName(sh))
		}
		return finding
	}),
}
