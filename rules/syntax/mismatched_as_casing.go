package syntax

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// MismatchedAsCasing reports `FROM … as` and `from … AS`. A FROM in mixed case is left to mixed-keyword-casing.
var MismatchedAsCasing = &lint.Rule{
	Name:     "mismatched-as-casing",
	Summary:  "`AS` and `FROM` differ in case",
	Category: lint.Syntax,
	Aliases:  []string{"FromAsCasing"},
	Severity: lint.Info,
	Profile:  lint.Recommended,
	Scope:    lint.AnyStage,
	Since:    "2026.1",
	Fix:      lint.Safe,
	Check: lint.OnStage(func(p *lint.Pass, s *plan.Stage) {
		if s.Name == "" {
			return
		}
		from, as := s.From.Keyword.String, s.From.Args[1]
		var want func(string) string
		switch from {
		case strings.ToLower(from):
			want = strings.ToLower
		case strings.ToUpper(from):
			want = strings.ToUpper
		default:
			return
		}
		if as.String != want(as.String) {
			f := p.Report(as.Full(), "`%s` and `%s` differ in case", as.String, from).
				Because("BuildKit warns about the difference in every build").
				Advise("write `%s`", want(as.String)).
				Alias("FromAsCasing")
			if s.Windows() {
				f.Doubting("Windows images are rarely built with BuildKit, and only BuildKit warns about this")
			}
			recase(f, want, as)
		}
	}),
}
