package metadata

import (
	"strings"

	"github.com/dockvet/dockvet/lint"
	"github.com/dockvet/dockvet/plan"
)

// InvalidLabelKey reports a label whose key does not have the form that Docker recommends, or is in a namespace that
// Docker reserves.
var InvalidLabelKey = &lint.Rule{
	Name:     "invalid-label-key",
	Summary:  "a label's key does not follow the recommended format",
	Category: lint.Metadata,
	Aliases:  []string{"DL3048"},
	Severity: lint.Info,
	Profile:  lint.Strict,
	Scope:    lint.AnyStage,
	Since:    "2026.1",
	Fix:      lint.NoFix,
	Check: lint.OnStep(func(p *lint.Pass, s *plan.Step) {
		for _, pair := range s.Instruction.Pairs {
			key := s.Env.Expand(pair.Key.Value)
			reason, help := keyFault(key.Text)
			if reason == "" {
				continue
			}
			f := p.Report(pair.Key.Full(), "label key `%s` %s", pair.Key.String, reason).
				Because("the key does not follow Docker's guidelines for label keys").
				Advise("%s", help).
				Alias("DL3048")
			switch {
			case strings.HasSuffix(reason, "upper-case letters"):
				f.Because("keys are case-sensitive, so `%s` and `%s` are two different labels", pair.Key.Value, strings.ToLower(pair.Key.Value))
				if fault, _ := keyFault(strings.ToLower(pair.Key.Value)); fault == "" {
					f.Advise("write `%s`", strings.ToLower(pair.Key.Value))
				}
			case strings.HasPrefix(reason, "is in"):
				f.Because("Docker reserves this namespace")
			}
			switch {
			case strings.HasPrefix(key.Text, "com.docker.extension.") || strings.HasPrefix(key.Text, "com.docker.desktop."):
				f.Doubting("Docker Desktop reads this label from extensions")
			case !key.Known:
				f.Doubting("the value of the variable is unknown")
			}
		}
	}, "LABEL"),
}

// keyFault says what is wrong with a key and what to do, "" if nothing is.
func keyFault(key string) (fault, help string) {
	const lower, digits = "abcdefghijklmnopqrstuvwxyz", "0123456789"
	switch {
	case key == "":
		return "is empty", "give the label a key"
	case strings.Trim(strings.ToLower(key), lower+digits+"._/-") != "":
		return "contains characters other than letters, digits, `.`, `_`, `/` and `-`", "use only lower-case letters, digits, `.`, `_`, `/` and `-`"
	case strings.ToLower(key) != key:
		return "contains upper-case letters", "use only lower-case letters, digits, `.`, `_`, `/` and `-`"
	case strings.IndexByte(lower, key[0]) < 0:
		return "does not begin with a letter", "begin the key with a lower-case letter"
	case strings.IndexByte(lower+digits, key[len(key)-1]) < 0:
		return "does not end with a letter or digit", "end the key with a lower-case letter or a digit"
	case strings.Contains(key, "..") || strings.Contains(key, "--"):
		return "repeats a separator", "write a single separator"
	}
	for _, prefix := range []string{"com.docker.", "io.docker.", "org.dockerproject."} {
		if strings.HasPrefix(key, prefix) {
			return "is in the namespace `" + prefix + "*`", "begin the key with your own domain, reversed, as in `com.example.`"
		}
	}
	return "", ""
}
