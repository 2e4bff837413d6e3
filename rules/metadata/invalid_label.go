package metadata

import (
	"net/mail"
	"net/url"
	"strings"
	"time"

	"github.com/github/go-spdx/v2/spdxexp"
	"golang.org/x/mod/semver"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

// InvalidLabel reports a label whose value is not what the configuration says it is, that is empty, or, where the configuration
// allows no others, that it does not list. A value that depends on a variable which only the build knows is doubtful.
var InvalidLabel = &lint.Rule{
	Name: "invalid-label", Summary: "a label is not as the configuration wants it", Category: lint.Metadata,
	Aliases:  []string{"DL3050", "DL3051", "DL3052", "DL3053", "DL3054", "DL3055", "DL3056", "DL3058"},
	Severity: lint.Warning, Profile: lint.Recommended, Scope: lint.AnyStage, Since: "2026.1", Fix: lint.NoFix, Options: &LabelOptions{},
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		options, ok := p.Options.(*LabelOptions)
		if !ok || s.Instruction.Name != "LABEL" || len(options.LabelSchema) == 0 {
			return
		}
		for _, pair := range s.Instruction.Pairs {
			key := s.Env.Expand(pair.Key.Value)
			kind, listed := options.LabelSchema[key.Text]
			switch {
			case !listed && options.StrictLabels && key.Known:
				p.Report(pair.Key.Full(), "label `%s` is not on the list", key.Text).
					Because("the configuration allows no other labels than it lists").
					Advise("remove it, or add it to `label-schema`").
					Alias("DL3050").
					Severity = lint.Info
			case listed:
				labelValue(p, s, pair, key.Text, kind)
			}
		}
	}),
}

func labelValue(p *lint.Pass, s *plan.Step, pair parser.Pair, key, kind string) {
	value := s.Env.Expand(pair.Value.Value)
	code, want, doubt := labelFault(kind, value.Text)
	if strings.Contains(pair.Value.Value, "$") && (code == "" || !value.Known) {
		// A tool that looks at the text alone refuses every variable.
		code, want, doubt = labelCode(kind), "given by a variable", "its value is as it should be"
	}
	if code == "" {
		return
	}
	f := p.Report(pair.Value.Full(), "label `%s` is %s", key, want).Alias(code).
		Because("the configuration says that it is of kind `%s`", kind).
		Advise("correct the value").
		Doubting("%s", doubt)
	if pair.Value.Value == "" {
		f.Span = pair.Span
	}
	if !value.Known {
		f.Doubting("only the build knows the value")
	}
}

// labelCode is hadolint's code for a value that is not of a kind, "" if every value is.
func labelCode(kind string) string {
	switch kind {
	case "url":
		return "DL3052"
	case "rfc3339":
		return "DL3053"
	case "spdx":
		return "DL3054"
	case "hash":
		return "DL3055"
	case "semver":
		return "DL3056"
	case "email":
		return "DL3058"
	}
	return ""
}

// labelFault is the code and the words for a value that is not of its kind, "" for one that is. Doubt is set for a value that
// only hadolint refuses.
func labelFault(kind, value string) (code, want, doubt string) {
	if value == "" {
		return "DL3051", "empty", ""
	}
	ok := true
	switch code = labelCode(kind); kind {
	case "url":
		u, err := url.Parse(value)
		ok, want = err == nil && u.Scheme != "" && u.Host != "", "no URL"
	case "rfc3339":
		_, err := time.Parse(time.RFC3339, value)
		ok, want = err == nil, "no date and time as in RFC 3339"
	case "spdx":
		ok, _ = spdxexp.ValidateLicenses([]string{value})
		want = "no SPDX licence expression"
		if ok && strings.ContainsAny(value, " ()+") {
			return code, "no single SPDX licence", "an expression of several licences is valid"
		}
	case "hash":
		n := len(value)
		ok, want = n >= 7 && n <= 64 && strings.Trim(value, "0123456789abcdef") == "", "no git hash"
		if ok && n != 7 && n != 40 {
			return code, "no git hash of 7 or 40 digits", "git abbreviates to other lengths too, and SHA-256 has 64"
		}
	case "semver":
		// The package wants a leading v, and takes v1 for a version.
		core, _, _ := strings.Cut(value, "+")
		core, _, _ = strings.Cut(core, "-")
		ok, want = semver.IsValid("v"+value) && strings.Count(core, ".") == 2, "no semantic version"
	case "email":
		a, err := mail.ParseAddress(value)
		ok, want = err == nil && a.Address == value, "no e-mail address"
	}
	if ok {
		return "", "", ""
	}
	return code, want, ""
}
