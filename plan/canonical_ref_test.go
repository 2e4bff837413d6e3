package plan

import (
	"testing"

	"github.com/distribution/reference"
)

// TestCanonicalRef holds the canonical form of a reference against that of package reference.
func TestCanonicalRef(t *testing.T) {
	const digest = "@sha256:0000000000000000000000000000000000000000000000000000000000000001"
	for _, name := range []string{"node", "docker.io/node", "a/b", "localhost/a", "host.example:5000/a/b", "a__b.c/d"} {
		for _, rest := range []string{"", ":22", digest, ":22" + digest} {
			want, err := reference.ParseNormalizedNamed(name + rest)
			if err != nil {
				t.Fatal(err)
			}
			got, err := ParseRef(name + rest)
			if err != nil || got.canonical() != reference.TagNameOnly(want).String() {
				t.Errorf("%s%s: %s %v, want %s", name, rest, got.canonical(), err, reference.TagNameOnly(want))
			}
		}
	}
}
