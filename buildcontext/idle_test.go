package buildcontext_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dockvet/dockvet/buildcontext"
)

// TestIdleLinesDoNothing takes each line that is said to do nothing out of the ignore file.
func TestIdleLinesDoNothing(t *testing.T) {
	fsys := fstest.MapFS{}
	for _, a := range []string{"a", "b", "ab", "c.go"} {
		for _, b := range []string{"a", "b", "ab", "c.go"} {
			for _, c := range []string{"a", "b", "ab", "c.go"} {
				fsys["x/"+a+"/"+b+"/"+c] = &fstest.MapFile{}
				fsys[a+"/"+b+"/"+c] = &fstest.MapFile{}
			}
		}
	}
	r := rand.New(rand.NewPCG(3, 4))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	undone, alone := 0, 0
	for range 1500 {
		var lines []string
		for range 2 + r.IntN(5) {
			line := pick("", "!") + pick("a", "b", "x", "ab", "*", "**", "c.go", "a*")
			for range r.IntN(3) {
				line += "/" + pick("a", "b", "*", "**", "*.go", "c.go")
			}
			lines = append(lines, line)
		}
		see := func(lines []string) (*buildcontext.Context, string) {
			fsys[".dockerignore"] = &fstest.MapFile{Data: []byte(strings.Join(lines, "\n"))}
			c := open(t, fsys)
			files, _ := c.Files()
			return c, names(files)
		}
		c, all := see(lines)
		for _, idle := range c.Idle() {
			if idle.By != nil {
				undone++
			} else {
				alone++
			}
			i := idle.Pattern.Line - 1
			if _, got := see(slices.Concat(lines[:i], []string{"# nothing"}, lines[i+1:])); got != all {
				t.Fatalf("%q: without %s it sees\n%s\nand with it\n%s", lines, idle.Pattern, got, all)
			}
		}
	}
	t.Logf("%d lines undone, %d exceptions from nothing", undone, alone)
	if undone < 200 || alone < 200 {
		t.Error("the generated cases say little")
	}
}
