package metadata

import (
	"regexp"
	"strings"
	"sync"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// LegacyKeyValue reports `ENV key value` and `LABEL key value`. Where the value looks like further pairs, the first key has
// swallowed them and the image is wrong; else the form is only discouraged, which is left to the strict profile.
var LegacyKeyValue = &lint.Rule{
	Name: "legacy-key-value", Summary: "`ENV key value` and `LABEL key value` lack the `=`", Category: lint.Metadata,
	Aliases: []string{"LegacyKeyValueFormat"}, Severity: lint.Info, Profile: lint.Recommended,
	Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		in := s.Instruction
		if in.Name != "ENV" && in.Name != "LABEL" {
			return
		}
		for _, pair := range in.Pairs {
			if !pair.Legacy {
				continue
			}
			if span, ok := swallowed(pair); ok {
				f := p.Report(span, "`%s` is part of the value of `%s`", p.File.Text(span), pair.Key.Value).
					Alias("LegacyKeyValueFormat").
					Because("without `=` behind the first key, `%s` takes the whole rest of the instruction as one value", in.Name).
					Advise("write `%s %s=…` with a `=` in each pair", in.Name, pair.Key.Value)
				f.Severity = lint.Warning
				continue
			}
			p.Report(pair.Key.Full(), "`%s %s` has a blank instead of `=` before its value", in.Name, pair.Key.Value).
				Alias("LegacyKeyValueFormat").
				Because("the form is discouraged and may go; it takes one pair only, and blanks belong to the value").
				Advise("write `%s %s=…`, with quotes around a value that has blanks", in.Name, pair.Key.Value).
				Doubting("the value is the one meant")
		}
	}),
}

// more finds what looks like a further pair in a value.
var more = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[ \t]([A-Z][A-Z0-9_]*)=`) })

// swallowed finds the key that the author most likely meant to follow the first one, as in `ENV A 1 B=2`. A value that begins
// with a pair or a switch is a list of them, meant for some program.
func swallowed(pair parser.Pair) (parser.Span, bool) {
	text := pair.Value.String
	first, _, _ := strings.Cut(text, " ")
	if first == "" || !strings.Contains(text, "=") || strings.IndexByte(`"'-$`, first[0]) >= 0 || strings.Contains(first, "=") {
		return parser.Span{}, false
	}
	if m := more().FindStringSubmatchIndex(text); m != nil {
		return pair.Value.Span(m[2], m[3]), true
	}
	return parser.Span{}, false
}
