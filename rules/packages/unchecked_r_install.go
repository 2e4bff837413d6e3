package packages

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// UncheckedRInstall reports R code on a command line that installs packages: `install.packages` only warns if a package
// cannot be installed, and R exits with 0. It is silent where warnings are errors or the code checks what is there.
var UncheckedRInstall = &lint.Rule{
	Name: "unchecked-r-install", Category: lint.Packages,
	Summary:  "`install.packages` only warns if a package cannot be installed, so the step succeeds without it",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnCommand(func(p *lint.Pass, c *shell.Command) {
		if c.Script.Step.Stage == nil || !c.Script.Step.Stage.Reached || checksR(c.Script.Text.String) {
			return
		}
		for _, w := range c.Args() {
			for _, call := range [...]string{"install.packages(", "BiocManager::install(", "biocLite("} {
				if !strings.Contains(w.Text, call) {
					continue
				}
				f := p.Report(c.Words[0].Span, "this command succeeds even if an R package cannot be installed").
					Because("`%s` only warns about it", strings.TrimSuffix(call, "(")).
					Advise("turn the warning into an error with `options(warn = 2);` before the call")
				p.Repeat(f, c.Script.Step.Stage)
				return
			}
		}
	}, "R", "Rscript", "littler", "r"),
}

// checksR reports whether a script with R code turns warnings into errors, or tests what is installed.
func checksR(text string) bool {
	for _, mark := range [...]string{"warn", "stop(", "quit(", "stopifnot", "library(", "require(", "requireNamespace", "packageVersion"} {
		if strings.Contains(text, mark) {
			return true
		}
	}
	return false
}
