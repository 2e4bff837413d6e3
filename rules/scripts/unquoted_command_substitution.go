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
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: onFaults(shell.UnquotedSubstitution, func(p *lint.Pass, _ *site, f *shell.Fault) *lint.Finding {
		out := p.Report(f.Span, "%s is not in quotes", code(f.Text)).
			Because("the shell splits what the command prints at blanks and expands `*`, `?` and `[` in it").
			Advise("put double quotes around it, unless it gives several words by intent")
		if oneWord(f.Text) {
			quote(p, out, f)
		}
		return out
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

// oneWord reports whether a substitution runs one command, and one that prints a single word.
func oneWord(text string) bool {
	text = strings.Trim(text, "$()`")
	fields := strings.Fields(text)
	if len(fields) == 0 || strings.ContainsAny(text, "|;&<>()`") {
		return false
	}
	switch fields[0] {
	case "arch", "basename", "dirname", "getconf", "hostname", "lsb_release", "mktemp", "nproc", "pwd", "readlink", "realpath", "uname", "whoami":
		return true
	case "dpkg":
		return len(fields) == 2 && fields[1] == "--print-architecture"
	}
	return false
}
