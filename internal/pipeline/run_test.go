package pipeline

import (
	"os"
	"sync"
	"testing"
)

// TestTwoAtOnce checks that two runs over the same directory do not harm each other: each file ends up fixed, once.
func TestTwoAtOnce(t *testing.T) {
	for range 20 {
		files := map[string]string{}
		want := map[string]string{".dockerignore": ".git\n"}
		for _, name := range []string{"a.Dockerfile", "b.Dockerfile", "c.Dockerfile", "d.Dockerfile"} {
			files[name], want[name] = "FROM x\nENV a b\nUSER c\n", "FROM x\nENV a=b\nUSER d\n"
		}
		c := fixing(t, FixOptions{Unsafe: true, Write: true}, files)
		var runs sync.WaitGroup
		for range 2 {
			runs.Go(func() { c.run(func() {}) })
		}
		runs.Wait()
		// A run leaves alone what the other one has just written; the next run finishes it.
		c.run(func() {})
		c.holds(t, want)
	}
}

// TestFixThroughLink checks that a link stays a link, and that what it points to is fixed.
func TestFixThroughLink(t *testing.T) {
	c := fixing(t, FixOptions{Write: true}, map[string]string{"real": "FROM x\nENV a b\n", ".dockerignore": "x\n", "Dockerfile": ""})
	if err := os.Remove(c.first()); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real", c.first()); err != nil {
		t.Skip("no links here:", err)
	}
	if r := c.run(func() {})[0]; len(r.Errs) > 0 {
		t.Error(r.Errs)
	}
	c.holds(t, map[string]string{"real": "FROM x\nENV a=b\n", "Dockerfile": "FROM x\nENV a=b\n", ".dockerignore": "x\n"})
	if info, err := os.Lstat(c.first()); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("mode %v, error %v: it is not a link any more", info.Mode(), err)
	}
}
