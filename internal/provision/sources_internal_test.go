package provision

import "testing"

// TestMayNameSource checks that the quick look misses none of the words.
func TestMayNameSource(t *testing.T) {
	for _, word := range sourceWords {
		if !mayNameSource("x " + word + " y") {
			t.Errorf("%s is missed", word)
		}
	}
	if mayNameSource("apt-get install -y curl && rm -rf /var/lib/apt/lists/*") {
		t.Error("a plain install names a source")
	}
}
