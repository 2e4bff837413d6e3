// Package parity decides which findings another linter would print as well: hadolint, BuildKit's checks and the like.
// Each rule category has one file of small pure functions, such as packages.go for the rules in rules/packages.
//
// The rules ask these functions before they call Finding.Alias. So a rule body only says what is wrong, and a change in
// another tool is followed in one place.
package parity

// Regardless is the doubt about a finding that is only made because hadolint makes it. fact says why nothing is wrong.
func Regardless(fact string) string { return fact + ", but hadolint reports this anyway" }
