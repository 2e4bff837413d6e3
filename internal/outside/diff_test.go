package outside_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/internal/change"
	"github.com/dockvet/dockvet/internal/outside"
)

// TestDiffIsLikeRevision checks that a diff of git says the same about files as git itself: over random changes of random repositories,
// with files that are new, gone, renamed or not text, odd names, both kinds of line ends, and diffs with any context.
func TestDiffIsLikeRevision(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	for round := range 15 {
		dir := t.TempDir()
		git := func(args ...string) string {
			t.Helper()
			cmd := exec.Command("git", append([]string{"-c", "user.name=someone", "-c", "user.email=someone@example.com"}, args...)...)
			cmd.Dir = dir
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("git %v: %v", args, err)
			}
			return string(out)
		}
		text := func(old string) string {
			lines := strings.SplitAfter(old, "\n")
			for range 1 + rnd.IntN(4) {
				line := fmt.Sprintf("RUN %d", rnd.IntN(50)) + []string{"\n", "\n", "\r\n"}[round%3]
				i := rnd.IntN(len(lines))
				switch rnd.IntN(3) {
				case 0:
					lines = slices.Insert(lines, i, line)
				case 1:
					lines[i] = line
				default:
					lines = slices.Delete(lines, i, i+1)
				}
				lines = append(lines, "")
			}
			return strings.Join(lines, "")
		}
		names := []string{"Dockerfile", "a b/Dockerfile", "é\"\t/x", "sub/Dockerfile", "b/a", "a/b"}
		put := func(name, data string) {
			t.Helper()
			name = filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(data), 0o644); err != nil {
				t.Skip("names that this system does not have:", err)
			}
		}
		git("init", "--quiet", ".")
		git("config", "core.autocrlf", "false")
		have := map[string]string{}
		for _, name := range names {
			if rnd.IntN(4) > 0 {
				have[name] = text(strings.Repeat("FROM a\nRUN b\n", 6))
				put(name, have[name])
			}
		}
		put("always", "x")
		git("add", ".")
		git("commit", "--quiet", "-m", "first")
		for i, name := range names {
			old, there := have[name]
			switch rnd.IntN(6) {
			case 0, 1:
				put(name, text(old))
			case 2:
				put(name, "\x00"+text(old)) // not a text for git
			case 3:
				if there {
					git("mv", name, fmt.Sprintf("moved%d", i))
				}
			case 4:
				if there {
					_ = os.Remove(filepath.Join(dir, name)) // then it is gone
				}
			}
		}
		git("add", ".")
		if round%2 == 0 {
			git("commit", "--quiet", "--allow-empty", "-m", "second")
		}
		rev := "HEAD"
		if round%2 == 0 {
			rev = "HEAD~1"
		}
		files, closer, err := outside.ChangedSince(dir, rev)
		if err != nil {
			t.Fatal(err)
		}
		args := []string{"diff", fmt.Sprintf("-U%d", rnd.IntN(5)), "--text", rev}
		if rnd.IntN(2) == 0 {
			args = slices.Insert(args, 1, "--no-prefix")
		}
		out := git(args...)
		exists := func(name string) bool { _, err := os.Lstat(name); return err == nil }
		d, err := change.ReadDiff([]byte(out), []string{dir}, exists, os.ReadFile)
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if diff := cmp.Diff(tell(files), tell(d.Files)); diff != "" {
			t.Errorf("round %d (-git +diff)\n%s%s", round, diff, out)
		}
		for _, err := range d.Faults() {
			t.Error(err)
		}
		_ = closer.Close() // nothing was written
	}
}

// tell is what is known of files, in the order of their names.
func tell(files []change.File) []string {
	var out []string
	for _, f := range files {
		s := fmt.Sprintf("%s -> %s link %v executable %v", f.Old, f.New, f.Link, f.Executable)
		if f.Old != "" {
			before, err := f.Before()
			s += fmt.Sprintf(" %q %v", before, err)
		}
		if f.Old != "" && f.New != "" {
			lines, err := f.Lines()
			s += fmt.Sprintf(" %v %v", lines, err)
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}
