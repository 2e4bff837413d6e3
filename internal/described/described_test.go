package described

import (
	"testing"

	"github.com/dockvet/dockvet/plan"
)

var unknown plan.Value

func TestResolve(t *testing.T) {
	for _, c := range []struct{ text, base, want string }{
		{".", ".", "."},
		{"docker", "hack", "hack/docker"},
		{"..", "hack", "."},
		{"../..", "hack", ""},
		{"/etc", ".", ""},
		{Root, "hack", "."},
		{Root + "/docker/", "hack", "docker"},
		{Root + "/..", ".", ""},
		{Root + "x", ".", ""},
	} {
		got, ok := Resolve(Known(c.text), c.base)
		if ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%q in %q: %q, %v; want %q", c.text, c.base, got, ok, c.want)
		}
	}
	if _, ok := Resolve(In(Known("."), unknown), "."); ok {
		t.Error("what is not known resolves")
	}
}
