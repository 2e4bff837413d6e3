package scripts

import (
	"slices"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// installsWget reports whether a step of s, or of a stage that it is built from, may install GNU wget.
func installsWget(p *lint.Pass, s *plan.Stage) bool {
	for s := range s.Lineage() {
		for sc := range p.Scripts(s) {
			for _, call := range sc.Calls() {
				if slices.ContainsFunc(call.Packages, func(pkg shell.Package) bool { return pkg.Name == "wget" || !pkg.Word.Literal }) {
					return true
				}
			}
		}
	}
	return false
}

// WgetProgress reports a wget that writes its progress to the build log.
var WgetProgress = &lint.Rule{
	Name: "wget-progress", Category: lint.Scripts, Aliases: []string{"DL3047"},
	Summary:  "`wget` writes its progress to the build log",
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnCommand(func(p *lint.Pass, c *shell.Command) {
		if c.Stmt == nil && !c.Script.Exec { // PowerShell's own
			return
		}
		if c.Has("--progress", "-q", "--quiet", "-nv", "--no-verbose", "-o", "-a", "--output-file", "--append-output") {
			return
		}
		f := p.Report(c.Words[0].Span, "`wget` writes its progress to the build log").
			Because("without a terminal GNU wget prints a line for every 50 KiB, or about 20,000 lines for a gigabyte").
			Advise("add `-nv`, or `-q` for BusyBox `wget`")
		switch sh := stageSh(p, c.Script.Step.Stage); {
		case sh == "ash" && !installsWget(p, c.Script.Step.Stage):
			f.Because("without `-q` BusyBox `wget` prints its progress").Advise("add `-q`")
		case sh == "dash" || sh == "bash": // a distribution whose wget is GNU's
			f.Advise("add `-nv`")
		}
		if c.Has("--version", "-V", "--help", "-h", "--spider") {
			f.Message, f.Note = "`wget` runs without `-nv` or `-q`", ""
			f.Doubting(parity.Regardless("this call downloads nothing"))
		}
		if parity.Bare(c) {
			f.Alias("DL3047")
		}
	}, "wget"),
}
