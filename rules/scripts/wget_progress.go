package scripts

import (
	"slices"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/rules/internal/parity"
	"github.com/dockvet/dockvet/shell"
)

// installsWget reports whether s, or a step before it, may install GNU wget.
func installsWget(p *lint.Pass, s *shell.Script) bool {
	installs := func(s *shell.Script) bool {
		return s != nil && slices.ContainsFunc(s.Calls(), func(call *shell.Call) bool {
			return slices.ContainsFunc(call.Packages, func(pkg shell.Package) bool { return pkg.Name == "wget" || !pkg.Word.Literal })
		})
	}
	for step := range s.Step.Before() {
		if installs(p.Script(step)) {
			return true
		}
	}
	return installs(s)
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
			Advise("add `-nv`")
		if stageSh(p, c.Script.Step.Stage) == "ash" {
			f.Advise("add `-q`")
			if !installsWget(p, c.Script.Root()) {
				f.Because("without `-q` BusyBox `wget` prints its progress")
			}
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
