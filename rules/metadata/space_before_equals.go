package metadata

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// SpaceBeforeEquals reports `ENV key =value` and `LABEL key =value`, whose value begins with the equals sign.
var SpaceBeforeEquals = &lint.Rule{
	Name: "space-before-equals", Summary: "a space before `=` makes `=` part of the value", Category: lint.Metadata,
	Severity: lint.Error, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Unsafe,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		in := s.Instruction
		for _, pair := range in.Pairs {
			text := pair.Value.String
			if !pair.Legacy || !leadingEquals(pair) {
				continue
			}
			f := p.Report(pair.Value.Span(0, 1), "the value of `%s` begins with `=`", pair.Key.Value).
				Because("without `=` directly after the key, `%s` takes the rest of the instruction as the value", in.Name).
				Advise("write `%s %s=…`, without spaces around `=`", in.Name, pair.Key.Value)
			if in.Name == "ENV" && pair.Key.Value == "PATH" {
				f.Because("the first directory in `PATH` is `%s`, which does not exist", first(text))
			}
			equals(p, f, pair)
		}
	}, "ENV", "LABEL"),
}

// leadingEquals reports whether the value of pair begins with the `=` that belongs directly after its key.
func leadingEquals(pair parser.Pair) bool {
	text := pair.Value.String
	return strings.HasPrefix(text, "=") && !strings.HasPrefix(text, "==")
}

// first is the first directory of a PATH.
func first(value string) string {
	dir, _, _ := strings.Cut(value, ":")
	return dir
}

// equals offers to remove the spaces around the `=` that the value of pair begins with.
func equals(p *lint.Pass, f *lint.Finding, pair parser.Pair) {
	value := pair.Value.String[1:]
	trimmed := strings.TrimLeft(value, " \t")
	if trimmed == "" || strings.ContainsAny(trimmed, " \t'\"\\`") || !pair.Value.Whole() {
		return
	}
	gap := parser.Span{Start: pair.Key.Full().End, End: pair.Value.Span(0, 1+len(value)-len(trimmed)).End}
	if !key.Get().MatchString(pair.Key.String) || strings.ContainsAny(p.File.Text(gap), "#\n") {
		return
	}
	f.Offer(lint.Unsafe, "remove the space before `=`", lint.Replace(gap, "="))
}
