package distro

import "testing"

func TestRecommended(t *testing.T) {
	for pkg, want := range map[string]int{"python3-pip": 430, "ant": 57, "python3": 0, "": 0, "57": 0} {
		if got := Recommended(pkg); got != want {
			t.Errorf("%q: got %d, want %d", pkg, got, want)
		}
	}
}
