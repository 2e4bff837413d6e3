package scripts

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/shell"
	"github.com/dockvet/dockvet/shell/fault"
)

// UnquotedVariable reports an unquoted variable that the shell splits. It is silent about variables that ENV or ARG
// sets, and about those that the script sets to text without whitespace and globs.
var UnquotedVariable = &lint.Rule{
	Name: "unquoted-variable", Category: lint.Scripts, Aliases: []string{"SC2086", "SC2068"},
	Summary:  "an unquoted variable is split at whitespace and expanded as a glob",
	Severity: lint.Info, Profile: lint.Strict, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: onFaults(fault.UnquotedVariable, func(p *lint.Pass, at *site, f *fault.Fault) *lint.Finding {
		finding := p.Report(f.Span, "`%s` is not quoted", f.Text).
			Because("the shell splits the value at whitespace and expands `*`, `?` and `[` in it").
			Advise("write `\"%s\"`, unless the value is meant to be several words", f.Text)
		switch {
		case f.Code == "SC2068":
			return finding.Because("the shell splits each value at whitespace and expands `*`, `?` and `[` in it").
				Advise("write `\"%s\"`", f.Text)
		case holdsSeveral(f.Text) && setToList(at.Root(), f.Text):
			finding.Help = ""
			return finding.Doubting("the value is a list of words")
		case holdsSeveral(f.Text) && !strings.Contains(at.Root().Text.String, "for "+strings.Trim(f.Text, "${}")+" in "):
			return finding.Advise("if the value never contains whitespace, write `\"%s\"`", f.Text).
				Doubting("the name suggests that the value is a list of words")
		}
		if f.Other != "" {
			finding.Because("older releases of dash split the value of an assignment after `%s` at whitespace", f.Other).
				Advise("write `\"%s\"`", f.Text)
		}
		type variable struct {
			in       *shell.Script
			text, by string
		}
		p.Repeat(finding, variable{at.Root(), f.Text, f.Other})
		if c := commandAt(at, f); partOfWord(p.File.Bytes, f.Span) || c != nil && c.Name == "cd" {
			finding.Advise("write `\"%s\"`", f.Text)
		}
		offerQuotes(at, finding, f)
		return finding
	}),
}

// setToList reports whether s sets the variable that expansion names to quoted text of several words, or to the output of a command
// that lists packages.
func setToList(s *shell.Script, expansion string) bool {
	name := strings.Trim(expansion, "${}")
	if !syntax.ValidName(name) {
		return false
	}
	text := s.Text.String
	for at := 0; ; {
		i := strings.Index(text[at:], name+"=")
		if i < 0 {
			return false
		}
		start := at + i
		at = start + len(name) + 1
		if at == len(text) || start > 0 && strings.IndexByte(" \t\n;&(", text[start-1]) < 0 || text[at] != '"' && text[at] != '\'' {
			continue
		}
		value, _, closed := strings.Cut(text[at+1:], text[at:at+1])
		if strings.HasPrefix(value, "$(") && (strings.Contains(value, "apt-mark") || strings.Contains(value, "scanelf")) {
			return true // the names of packages
		}
		if closed && strings.ContainsAny(value, " \t\n") && strings.TrimSpace(value) != "" && !strings.Contains(value, "$(") && !strings.Contains(value, "`") {
			return true
		}
	}
}

// partOfWord reports whether the expansion at s in file is a part of a longer word, such as a path.
func partOfWord(file []byte, s parser.Span) bool {
	const ends = " \t\r\n;&|()<>`\"'\\"
	return s.Start > 0 && strings.IndexByte(ends, file[s.Start-1]) < 0 || s.End < len(file) && strings.IndexByte(ends, file[s.End]) < 0
}

// holdsSeveral reports whether the name of a variable is that of a list or of options, which are meant to be split.
func holdsSeveral(expansion string) bool {
	name := strings.ToUpper(strings.Trim(expansion, "${}"))
	if strings.HasSuffix(name, "S") {
		return true
	}
	for _, part := range [...]string{
		"FLAG", "OPT", "PKG", "PACKAGE", "DEP", "LIST", "EXTRA", "PARAM", "CMD", "COMMAND", "APTMARK", "@", "*",
	} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}
