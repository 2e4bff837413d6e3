package scripts

import (
	"bytes"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell/fault"
)

// SingleQuotedExpansion reports what looks like an expansion in single quotes, unless the command expands it itself, as
// awk or `sh -c` do.
var SingleQuotedExpansion = &lint.Rule{
	Name: "single-quoted-expansion", Category: lint.Scripts, Aliases: []string{"SC2016"},
	Summary:  "the shell does not expand what is in single quotes",
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(fault.SingleQuotedExpansion, func(p *lint.Pass, _ *site, f *fault.Fault) *lint.Finding {
		finding := p.Report(f.Span, "%s is in single quotes", code(f.Text)).
			Because("the shell does not expand anything in single quotes").
			Advise("if the shell should expand it, use double quotes")
		if strings.Contains(around(p.File.Bytes, f.Span.Start, f.Span.End), `"`) {
			finding.Advise("if the shell should expand it, use double quotes, and escape those inside")
		}
		return finding
	}),
}

// around is the text between the single quotes around the bytes of file from start to end.
func around(file []byte, start, end int) string {
	from := bytes.LastIndexByte(file[:start], '\'') + 1
	to := bytes.IndexByte(file[end:], '\'')
	if to < 0 {
		return ""
	}
	return string(file[from : end+to])
}
