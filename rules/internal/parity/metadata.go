package parity

import "strings"

// LabelCode is hadolint's code for a label whose value is not of a kind, "" for a kind that every value has.
func LabelCode(kind string) string {
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

// LabelVariable reports whether hadolint rejects the value of a label, as written, for a variable in it, whatever its
// value is.
func LabelVariable(value string) bool { return strings.Contains(value, "$") }

// SingleLicence reports whether hadolint accepts a valid SPDX expression: it only knows single licences.
func SingleLicence(expression string) bool { return !strings.ContainsAny(expression, " ()+") }

// HashLength reports whether hadolint accepts a git hash of n digits.
func HashLength(n int) bool { return n == 7 || n == 40 }
