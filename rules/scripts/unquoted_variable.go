package scripts

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
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
		case holdsSeveral(f.Text):
			return finding.Advise("if the value is a single word, write `\"%s\"`", f.Text).
				Doubting("the name suggests that the value is a list of words")
		}
		offerQuotes(at, finding, f)
		return finding
	}),
}

// holdsSeveral reports whether the name of a variable is that of a list or of options, which are meant to be split.
func holdsSeveral(expansion string) bool {
	name := strings.ToUpper(strings.Trim(expansion, "${}"))
	if strings.HasSuffix(name, "S") {
		return true
	}
	for _, part := range [...]string{
		"FLAG", "OPT", "ARG", "PKG", "PACKAGE", "DEP", "LIST", "EXTRA", "PARAM", "CMD", "COMMAND", "@", "*",
	} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}
