package runtime

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/internal/container"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// UncheckedEntryScript reports an entrypoint script of the build context that prepares the application, by migrations or by
// building its assets, and goes on to start it if that fails. It looks at commands that nothing tests, in scripts that
// never switch errexit on.
var UncheckedEntryScript = &lint.Rule{
	Name: "unchecked-entry-script", Category: lint.Runtime,
	Summary:  "the script that starts the container continues after a failed migration or build",
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.FinalStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnContext(func(p *lint.Pass) {
		if p.Plan.ForDevelopment() {
			return
		}
		for _, s := range container.Of(p).EntryScripts() {
			sc := s.Code()
			if sc.Dialect == shell.Other || sc.File == nil || sc.Errexit() || s.Command.Has("-e") || s.Rewritten() ||
				slices.ContainsFunc(sc.Commands, func(c *shell.Command) bool { return c.SwitchesOn('e', "errexit") }) {
				continue
			}
			c := preparation(sc)
			if c == nil {
				continue
			}
			line := 1 + strings.Count(s.Text[:c.Span.Start], "\n")
			phrase := strings.TrimSpace(s.Text[c.Span.Start:c.Span.End])
			p.Report(s.Word.Span, "`%s` continues if `%s` fails", s.Word.Text, phrase).
				Because("without `set -e` the shell runs the next command, so the application starts although this step of its preparation failed").
				Advise("write `set -e` below the first line of `%s`", s.File).
				RelateFile(s.File, line, "a failure of this command goes unnoticed")
		}
	}),
}

// preparation is the first command of sc that prepares the application and whose failure nothing notices, since others
// follow; nil if there is none.
func preparation(sc *shell.Script) *shell.Command {
	last := len(sc.File.Stmts) - 1
	for _, c := range sc.Commands {
		i := slices.IndexFunc(sc.File.Stmts, func(s *syntax.Stmt) bool { return s == c.Stmt })
		if i < 0 || i == last || c.Sub || strings.Contains(sc.Text.String[c.Span.Start:c.Span.End], "\n") {
			continue
		}
		for _, w := range c.Words {
			for _, task := range [...]string{"migrate", "collectstatic", "precompile", "db:prepare", "db:setup", "alembic"} {
				if strings.Contains(strings.ToLower(w.Text), task) {
					return c
				}
			}
		}
	}
	return nil
}
