package spdx_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/github/go-spdx/v2/spdxexp"
	"github.com/github/go-spdx/v2/spdxexp/spdxlicenses"

	"github.com/dockvet/dockvet/internal/spdx"
)

// TestIDs finds that the table is the list of package spdxlicenses.
func TestIDs(t *testing.T) {
	for _, id := range append(spdxlicenses.GetLicenses(), spdxlicenses.GetDeprecated()...) {
		if !spdx.Valid(id) || !spdx.Valid(strings.ToLower(id)) || !spdx.Valid("("+id+")") || spdx.Valid("x"+id) {
			t.Error(id)
		}
	}
	for _, id := range spdxlicenses.GetExceptions() {
		if !spdx.Valid("MIT WITH "+id) || spdx.Valid(id) || spdx.Valid("MIT WITH MIT") {
			t.Error(id)
		}
	}
}

// TestValid compares random expressions with what package spdxexp says, which takes 0.1 MB and time at each start.
func TestValid(t *testing.T) {
	parts := []string{
		"MIT", "mit", "Apache-2.0", "GPL-2.0", "GPL-2.0+", "GPL-2.0-only", "GPL-3.0-or-later", "MIT-only", "eCos-2.0", "Proprietary", " AND ", " OR ", " WITH ", " and ",
		"(", ")", "+", " ", " +", "Classpath-exception-2.0", "LicenseRef-x", "LicenseRef-", "DocumentRef-a:LicenseRef-b", "DocumentRef-a", ":", "/", "ä", "",
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		var b strings.Builder
		for range r.IntN(7) {
			b.WriteString(parts[r.IntN(len(parts))])
		}
		if s := b.String(); strings.Contains(s, "++") || strings.Contains(s, "-or-later") || strings.Contains(s, "MIT-only ") {
			continue // it reads these wrong
		}
		want, _ := spdxexp.ValidateLicenses([]string{b.String()})
		if got := spdx.Valid(b.String()); got != want {
			t.Fatalf("%q: %v, not %v", b.String(), got, want)
		}
	}
}
