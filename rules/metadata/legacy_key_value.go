package metadata

import (
	"strings"
	"unicode"

	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/internal/swallow"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// LegacyKeyValue reports `ENV key value` and `LABEL key value`. If the value looks like further pairs, the first key
// has swallowed them and the image is wrong. Otherwise the form is only discouraged, which is told once for each
// stage.
var LegacyKeyValue = &lint.Rule{
	Name: "legacy-key-value", Summary: "`ENV key value` or `LABEL key value` without `=`", Category: lint.Metadata,
	Aliases: []string{"LegacyKeyValueFormat"}, Severity: lint.Info, Profile: lint.Recommended,
	Scope: lint.AnyStage, Since: "2026.1", Fix: lint.Safe,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		in := s.Instruction
		for _, pair := range in.Pairs {
			if !pair.Legacy {
				continue
			}
			if leadingEquals(pair) {
				f := p.Report(pair.Value.Span(0, 1), "`%s` has a space before the `=` that belongs directly after `%s`", in.Name, pair.Key.Value).
					Alias("LegacyKeyValueFormat").
					Because("without `=` directly after the key, `%s` takes the rest of the instruction as the value", in.Name).
					Advise("write `%s %s=…`, without spaces around `=`", in.Name, pair.Key.Value)
				p.Join(f, "space-before-equals", func(*lint.Finding) {})
				continue
			}
			if span, ok := swallowed(pair); ok {
				f := p.Report(span, "`%s` is part of the value of `%s`", p.File.Text(span), pair.Key.Value).
					Alias("LegacyKeyValueFormat").
					Because("without `=` after the first key, `%s` takes the rest of the instruction as one value", in.Name).
					Advise("write `%s %s=…`, with `=` in every pair", in.Name, pair.Key.Value)
				f.Severity = lint.Warning
				if pairs.Get().MatchString(pair.Value.String) {
					join(p, f, pair, lint.Unsafe, "write each pair with `=`", "", "")
				}
				continue
			}
			f := p.Report(pair.Key.Full(), "`%s` has a space instead of `=` between key and value", in.Name).
				Alias("LegacyKeyValueFormat").
				Because("Docker discourages this form and may remove it").
				Advise("write `%s %s=…`", in.Name, pair.Key.Value)
			if in.Name == "LABEL" {
				f.Because("BuildKit warns about this form, which Docker's reference does not list for `LABEL`")
			}
			if text := strings.TrimSpace(pair.Value.String); strings.ContainsFunc(text, unicode.IsSpace) && strings.IndexByte(`"'`, text[0]) < 0 {
				f.Advise("write `%s %s=…`, with quotes around the value, because it contains spaces", in.Name, pair.Key.Value)
			}
			quote, ok := quoting(pair.Value.String)
			if ok {
				f.Advise("write `%s %s=%s…%[3]s`", in.Name, pair.Key.Value, quote)
			}
			p.Repeat(f, s.Stage)
			if ok && swallow.Comment(in, p.File.Escape).String == "" {
				join(p, f, pair, lint.Safe, "replace the space with `=`", quote, quote)
			}
		}
	}, "ENV", "LABEL"),
}

// more matches what looks like a further pair in a value.
var more = lazy.Regexp{Expr: `[ \t]([A-Z][A-Z0-9_]*)=`}

// swallowed is the key that the author most likely meant as a second pair, as in `ENV A 1 B=2`. A value that begins
// with a pair or an option is a list of them for some program.
func swallowed(pair parser.Pair) (parser.Span, bool) {
	text := pair.Value.String
	first, _, _ := strings.Cut(text, " ")
	if first == "" || !strings.Contains(text, "=") || strings.IndexByte(`"'-$`, first[0]) >= 0 ||
		strings.Contains(first, "=") {
		return parser.Span{}, false
	}
	if m := more.Get().FindStringSubmatchIndex(text); m != nil {
		return pair.Value.Span(m[2], m[3]), true
	}
	return parser.Span{}, false
}

// pairs matches a value that only needs a `=` after its key to become pairs.
var pairs = lazy.Regexp{Expr: `^[^\s'"\\` + "`" + `]+([ \t]+[A-Za-z_][A-Za-z0-9_]*=[^\s'"\\` + "`" + `]+)+$`}

// key matches a key that means the same in both forms.
var key = lazy.Regexp{Expr: `^[A-Za-z_][A-Za-z0-9_./-]*$`}

// join offers to replace what is between the key of pair and its value by `=`, with before and after around the value.
func join(p *lint.Pass, f *lint.Finding, pair parser.Pair, safety lint.Safety, title, before, after string) {
	gap := parser.Span{Start: pair.Key.Full().End, End: pair.Value.Full().Start}
	if !key.Get().MatchString(pair.Key.String) || strings.Contains(p.File.Text(gap), "#") {
		return // a comment between them would be lost
	}
	edits := []lint.Edit{lint.Replace(gap, "="+before)}
	if after != "" {
		edits = append(edits, lint.Insert(pair.Value.Full().End, after))
	}
	f.Offer(safety, title, edits...)
}

// quoting is the quotes that value needs after a `=` to mean what it means after a space; ok is false if that is not
// certain.
func quoting(value string) (quote string, ok bool) {
	inner := value
	if n := len(value); n > 1 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
		inner = value[1 : n-1] // it has quotes already
	}
	const escapes = "\\`"
	switch {
	case value == "" || value[0] == '=' || strings.ContainsAny(inner, `"'`):
		return "", false
	case !strings.ContainsFunc(value, unicode.IsSpace) && inner == value: // to BuildKit a no-break space is one
		return "", !strings.ContainsAny(value[len(value)-1:], escapes)
	case strings.ContainsAny(inner, escapes):
		return "", false
	case inner != value:
		return "", true
	case strings.Contains(value, "${"):
		return "", false
	}
	return `"`, true
}
