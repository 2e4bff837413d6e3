package scripts

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell"
)

// UnquotedCommandSubstitution reports a command substitution where the shell splits what it gives.
var UnquotedCommandSubstitution = &lint.Rule{
	Name: "unquoted-command-substitution", Summary: "the output of a command outside of quotes is split at blanks and expanded as a glob", Category: lint.Scripts,
	Aliases:  []string{"SC2046"},
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: onFaults(shell.UnquotedSubstitution, func(p *lint.Pass, _ *site, f *shell.Fault) *lint.Finding {
		return p.Report(f.Span, "%s is not in quotes", code(f.Text)).
			Because("the shell splits what the command prints at blanks and expands `*`, `?` and `[` in it").
			Advise("put double quotes around it, unless it gives several words by intent")
	}),
}

// code is text as code, unless it brings backquotes of its own.
func code(text string) string {
	text = short(text)
	if strings.Contains(text, "`") {
		return text
	}
	return "`" + text + "`"
}

// short is text on one line, cut where it is long.
func short(text string) string {
	const limit = 40
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= limit {
		return text
	}
	cut := strings.LastIndexByte(text[:limit], ' ')
	if cut < limit/2 {
		cut = limit
		for text[cut]&0xC0 == 0x80 {
			cut-- // not inside of a rune
		}
	}
	return text[:cut] + "…"
}
