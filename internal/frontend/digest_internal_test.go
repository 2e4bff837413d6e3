package frontend

import (
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
)

// TestIsDigest compares isDigest with the package that BuildKit uses.
func TestIsDigest(t *testing.T) {
	for _, algorithm := range []string{"", "sha1", "sha256", "sha384", "sha512", "SHA256", "sha256+x", " sha256"} {
		for _, n := range []int{0, 1, 40, 63, 64, 65, 96, 128, 129} {
			for _, digits := range []string{strings.Repeat("a", n), strings.Repeat("0", n), strings.Repeat("F", n), strings.Repeat("g", n), strings.Repeat("é", n/2)} {
				for _, text := range []string{algorithm + ":" + digits, algorithm + digits, algorithm + ":" + digits + "\n", algorithm + ":" + digits + ":"} {
					_, err := digest.Parse(text)
					if got := isDigest(text); got != (err == nil) {
						t.Errorf("%q: %v, but go-digest says %v", text, got, err)
					}
				}
			}
		}
	}
}
