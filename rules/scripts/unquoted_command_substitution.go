package scripts

import (
	"slices"
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/shell/fault"
)

// UnquotedCommandSubstitution reports a command substitution whose output the shell splits.
var UnquotedCommandSubstitution = &lint.Rule{
	Name: "unquoted-command-substitution", Category: lint.Scripts, Aliases: []string{"SC2046"},
	Summary:  "unquoted command output is split at whitespace and expanded as a glob",
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: onFaults(fault.UnquotedCommandSubstitution, func(p *lint.Pass, at *site, f *fault.Fault) *lint.Finding {
		finding := p.Report(f.Span, "%s is not quoted", code(f.Text)).
			Because("the shell splits the output of the command at whitespace and expands `*`, `?` and `[` in it").
			Advise("put double quotes around the substitution, unless its output is meant to be several words or none")
		if f.Other != "" {
			finding.Because("older releases of dash split the value of an assignment after `%s` at whitespace", f.Other)
		}
		if f.Other != "" || partOfWord(p.File.Bytes, f.Span) {
			finding.Advise("put double quotes around the substitution")
		}
		if !printsOneWord(f.Text) {
			return finding
		}
		offerQuotes(at, finding, f)
		switch call := strings.Fields(strings.Trim(f.Text, "$()`")); call[0] {
		case "arch", "dpkg", "nproc", "uname", "whoami": // others print paths and names
			if !slices.Contains(call, "-a") {
				finding.Advise("put double quotes around the substitution").Doubting("`%s` prints a single word here", call[0])
			}
		}
		return finding
	}),
}

// printsOneWord reports whether a substitution runs a single command that prints a single word.
func printsOneWord(substitution string) bool {
	text := strings.Trim(substitution, "$()`")
	fields := strings.Fields(text)
	if len(fields) == 0 || strings.ContainsAny(text, "|;&<>()`") {
		return false
	}
	switch fields[0] {
	case "arch", "basename", "dirname", "getconf", "hostname", "lsb_release", "mktemp", "nproc", "pwd", "readlink",
		"realpath", "uname", "whoami":
		return true
	case "dpkg":
		return len(fields) == 2 && fields[1] == "--print-architecture"
	}
	return false
}
