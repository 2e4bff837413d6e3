package metadata

import (
	"net/url"
	"strings"
	"time"

	"github.com/github/go-spdx/v2/spdxexp"
	"golang.org/x/mod/semver"

	"github.com/dockvet/dockvet/internal/lazy"
	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
	"github.com/dockvet/dockvet/rules/internal/parity"
)

// address is an e-mail address without a name, of any letters. Package net/mail would bring mime and DNS with it.
var address = lazy.Regexp{Expr: `^[^\s"(),:;<>@\[\\\]]+@[^\s"(),:;<>@\[\\\]]+$`}

// InvalidLabel reports a label whose value is empty or not of the kind that the configuration declares, and a label
// that the configuration does not list if it allows no others. Confidence is low for a value that is only known
// during the build.
var InvalidLabel = &lint.Rule{
	Name:     "invalid-label",
	Summary:  "a label's value does not match the configuration",
	Category: lint.Metadata,
	Aliases:  []string{"DL3050", "DL3051", "DL3052", "DL3053", "DL3054", "DL3055", "DL3056", "DL3058"},
	Severity: lint.Warning,
	Profile:  lint.Recommended,
	Scope:    lint.AnyStage,
	Since:    "2026.1",
	Fix:      lint.NoFix,
	Options:  &LabelOptions{},
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		options, ok := p.Options.(*LabelOptions)
		if !ok || len(options.LabelSchema) == 0 {
			return
		}
		for _, pair := range s.Instruction.Pairs {
			key := s.Env.Expand(pair.Key.Value)
			kind, listed := options.LabelSchema[key.Text]
			switch {
			case !listed && options.StrictLabels && key.Known:
				p.Report(pair.Key.Full(), "label `%s` is not in `label-schema`", key.Text).
					Because("the configuration only allows the labels that it lists").
					Advise("remove the label, or add it to `label-schema`").
					Alias("DL3050").
					Severity = lint.Info
			case listed:
				labelValue(p, s, pair, key.Text, kind)
			}
		}
	}, "LABEL"),
}

func labelValue(p *lint.Pass, s *plan.Step, pair parser.Pair, key, kind string) {
	value := s.Env.Expand(pair.Value.Value)
	code, want, doubt := labelFault(kind, value.Text)
	if parity.LabelVariable(pair.Value.Value) && (code == "" || !value.Known) {
		code, want, doubt = parity.LabelCode(kind), "set from a variable", "the variable's value is valid"
	}
	if code == "" {
		return
	}
	f := p.Report(pair.Value.Full(), "label `%s` is %s", key, want).Alias(code).
		Because("the configuration declares this label as `%s`", kind).
		Advise("%s", labelAdvice(kind, value.Text)).
		Doubting("%s", doubt)
	if doubt != "" {
		f.Doubting("%s", parity.Regardless(doubt))
	}
	if doubt != "" || !value.Known {
		f.Help = "" // the value may be right
	}
	if pair.Value.Value == "" {
		f.Span = pair.Span
	}
	if !value.Known {
		f.Doubting("the value is only known during the build")
	}
}

// labelAdvice says what a value of that kind looks like.
func labelAdvice(kind, value string) string {
	if value == "" {
		return "give the label a value"
	}
	switch kind {
	case "url":
		return "write an absolute URL, such as `https://example.com/`"
	case "rfc3339":
		return "write a date and time such as `2026-01-31T12:00:00Z`"
	case "spdx":
		return "use identifiers from the SPDX licence list, such as `Apache-2.0`"
	case "hash":
		return "write 7 to 64 hexadecimal digits, in lower case"
	case "semver":
		return "write a version with three numbers, such as `1.2.3`"
	}
	return "write only the address, such as `team@example.com`"
}

// labelFault is the code of a fault in a value, "" if it is of its kind, and says what it is instead. doubt is set
// for a value that only hadolint rejects.
func labelFault(kind, value string) (code, want, doubt string) {
	if value == "" {
		return "DL3051", "empty", ""
	}
	ok := true
	switch code = parity.LabelCode(kind); kind {
	case "url":
		u, err := url.Parse(value)
		ok, want = err == nil && u.Scheme != "" && u.Host != "", "not a URL"
	case "rfc3339":
		_, err := time.Parse(time.RFC3339, value)
		ok, want = err == nil, "not an RFC 3339 date and time"
	case "spdx":
		ok, _ = spdxexp.ValidateLicenses([]string{value})
		want = "not an SPDX licence expression"
		if ok && !parity.SingleLicence(value) {
			return code, "not a single SPDX licence", "an expression of several licences is valid"
		}
	case "hash":
		n := len(value)
		ok, want = n >= 7 && n <= 64 && strings.Trim(value, "0123456789abcdef") == "", "not a git hash"
		if ok && !parity.HashLength(n) {
			return code, "not a git hash with 7 or 40 digits", "git also abbreviates hashes to other lengths, and SHA-256 hashes have 64 digits"
		}
	case "semver":
		// The package requires a leading v, and accepts v1 as a version.
		core, _, _ := strings.Cut(value, "+")
		core, _, _ = strings.Cut(core, "-")
		ok, want = semver.IsValid("v"+value) && strings.Count(core, ".") == 2, "not a semantic version"
	case "email":
		ok, want = address.Get().MatchString(value), "not an e-mail address"
	}
	if ok {
		return "", "", ""
	}
	return code, want, ""
}
