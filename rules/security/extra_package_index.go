package security

import (
	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/dockvet/dockvet/internal/ecosystem"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/shell"
)

// ExtraPackageIndex reports that a package manager which takes the newest version from any index is given a second one.
// It is silent if it checks hashes, or installs exactly what is named.
var ExtraPackageIndex = &lint.Rule{
	Name: "extra-package-index", Category: lint.Security,
	Summary:  "packages come from whichever of several indexes has the newest version",
	Severity: lint.Warning, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.Checks(
		lint.OnTrigger("ENV", func(p *lint.Pass, s *plan.Step, _ *instructions.EnvCommand) {
			for _, pair := range s.Instruction.Pairs {
				for _, m := range ecosystem.Each() {
					if x := m.ExtraIndex; x != nil && x.Env == pair.Key.Value && pair.Value.Value != "" {
						reportIndex(p, pair.Key.Full(), x.Env, m.Name)
					}
				}
			}
		}),
		lint.OnRun(func(p *lint.Pass, s *shell.Script) {
			said := false
			for _, call := range s.Calls() {
				x := ecosystem.Of(call.Manager).ExtraIndex
				if x == nil || said || call.Action != shell.Install || call.Command.Has(x.Hashes...) {
					continue
				}
				if w := call.Command.Flag(x.Flag); w != nil {
					reportIndex(p, w.Span, x.Flag, call.Manager)
					said = true
				}
			}
		}),
	),
}

func reportIndex(p *lint.Pass, span parser.Span, what, manager string) {
	p.Report(span, "`%s` adds a second package index", what).
		Because("`%s` takes the newest version from any index, so anyone who can publish to one can replace a package that you expect from another", manager).
		Advise("use a single index that serves all packages, or install with `--require-hashes`")
}
