package history

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// repository is a git repository with one commit after the other.
type repository struct {
	t   *testing.T
	dir string
}

func newRepository(t *testing.T) *repository {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	r := &repository{t, t.TempDir()}
	r.git("init", "-q", "-b", "main")
	return r
}

func (r *repository) git(args ...string) string {
	r.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (r *repository) write(name, text string) {
	r.t.Helper()
	full := filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func (r *repository) commit(subject string) {
	r.t.Helper()
	r.git("add", "-A")
	r.git("commit", "-q", "--allow-empty", "-m", subject)
}

func (r *repository) read(o Options) *Log {
	r.t.Helper()
	l, err := Read(r.t.Context(), r.dir, o)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(l.Close)
	return l
}

// TestRead holds what is read to `git ls-tree` of each commit.
func TestRead(t *testing.T) {
	r := newRepository(t)
	odd := []string{"a", "dir/with blank", "new\nline", "\xff\xfe", ":100644 x", "-n", "--output=x", "dir/deep/er/f", "\"quoted\"", "tab\there"}
	for i, name := range odd {
		r.write(name, "1")
		r.commit(fmt.Sprintf("add %d: \x01 <&>", i))
	}
	r.git("checkout", "-q", "-b", "side")
	r.write("side", "x")
	r.commit("on the side")
	r.git("checkout", "-q", "main")
	r.write("a", "2")
	r.commit("two")
	r.git("merge", "-q", "--no-ff", "-m", "merge", "side")
	if err := os.Remove(filepath.Join(r.dir, "a")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("dir", filepath.Join(r.dir, "a")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(r.dir, "-n"), 0o700); err != nil {
		t.Fatal(err)
	}
	r.commit("link and mode")
	r.commit("nothing")
	r.git("mv", "dir", "moved")
	r.commit("renamed")
	for _, n := range []int{0, 3, 1, 14} {
		l := r.read(Options{Commits: n, Keep: func(string) bool { return true }})
		if n > 0 && len(l.Commits) != n {
			t.Fatalf("%d commits instead of %d", len(l.Commits), n)
		}
		now := slices.Clone(l.Before)
		for _, c := range l.Commits {
			for _, x := range c.Changes {
				if now[x.Path] != x.Old {
					t.Errorf("%s: %q was something else before", c.Subject, l.Paths[x.Path])
				}
				now[x.Path] = x.New
			}
			want := map[string]string{}
			for line := range strings.SplitSeq(r.git("ls-tree", "-r", "-z", c.ID), "\x00") {
				if head, name, ok := strings.Cut(line, "\t"); ok {
					fields := strings.Fields(head)
					want[name] = strings.TrimLeft(fields[0], "0") + " " + fields[2]
				}
			}
			got := map[string]string{}
			for i, e := range now {
				if e != (Entry{}) {
					got[l.Paths[i]] = fmt.Sprintf("%o %s", e.Mode, l.ids[e])
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: (-git +history)\n%s", c.Subject, diff)
			}
		}
		last := l.Commits[len(l.Commits)-1]
		if last.Subject != "renamed" || last.Root || l.Commits[0].Root != (n == 0) {
			t.Errorf("last %+v, first %+v", last, l.Commits[0])
		}
	}
	l := r.read(Options{Keep: func(name string) bool { return name == "a" }})
	seen := map[string]bool{}
	for _, c := range l.Commits {
		for _, x := range c.Changes {
			if data, ok := l.Content(x.New); ok {
				seen[string(data)] = true
			}
			if target, ok := l.Target(x.New); ok {
				seen["-> "+target] = true
			}
		}
	}
	if got := slices.Sorted(maps.Keys(seen)); !slices.Equal(got, []string{"-> dir", "1", "2"}) {
		t.Errorf("the kept file held %q", got)
	}
}

// TestHostile reads repositories whose settings would start programs, and ones that are broken.
func TestHostile(t *testing.T) {
	t.Run("programs", func(t *testing.T) {
		r := newRepository(t)
		r.write("a", "1")
		r.write(".gitattributes", "* diff=bad filter=bad\n")
		r.commit("one")
		r.write("a", "2")
		r.commit("two")
		mark := filepath.Join(t.TempDir(), "ran")
		evil := filepath.Join(t.TempDir(), "evil")
		if err := os.WriteFile(evil, []byte("#!/bin/sh\n: >"+mark+"\n"), 0o700); err != nil { //nolint:gosec // it must be executable
			t.Fatal(err)
		}
		for _, setting := range []string{
			"core.pager", "core.fsmonitor", "core.sshCommand", "diff.external", "diff.bad.command", "diff.bad.textconv", "filter.bad.smudge",
			"filter.bad.clean", "gpg.program", "core.editor", "core.alternateRefsCommand", "uploadpack.packObjectsHook", "credential.helper",
		} {
			r.git("config", setting, evil)
		}
		r.git("config", "log.showSignature", "true")
		r.git("config", "diff.relative", "true")
		r.git("config", "log.follow", "true")
		r.git("config", "core.hooksPath", filepath.Dir(evil))
		t.Setenv("GIT_EXTERNAL_DIFF", evil)
		t.Setenv("GIT_PAGER", evil)
		t.Setenv("GIT_DIR", "/nowhere")
		if l := r.read(Options{}); len(l.Commits) != 2 {
			t.Errorf("%d commits", len(l.Commits))
		}
		if _, err := os.Stat(mark); err == nil {
			t.Error("the repository started a program")
		}
	})
	t.Run("refs like options", func(t *testing.T) {
		r := newRepository(t)
		r.write("a", "1")
		r.commit("one")
		head := r.git("rev-parse", "HEAD")
		for _, name := range []string{"--output=pwned", "-n", "HEAD"} {
			full := filepath.Join(r.dir, ".git", "refs", "heads", name)
			if err := os.WriteFile(full, []byte(head+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(r.dir, ".git", "HEAD"), []byte("ref: refs/heads/--output=pwned\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if l, err := Read(t.Context(), r.dir, Options{}); err == nil {
			defer l.Close()
			if len(l.Commits) != 1 {
				t.Errorf("%d commits", len(l.Commits))
			}
		}
		if _, err := os.Stat(filepath.Join(r.dir, "pwned")); err == nil {
			t.Error("the name of a branch was read as an option")
		}
	})
	t.Run("no commit", func(t *testing.T) {
		r := newRepository(t)
		if _, err := Read(t.Context(), r.dir, Options{}); !errors.Is(err, ErrNone) {
			t.Error(err)
		}
	})
	t.Run("missing objects", func(t *testing.T) {
		r := newRepository(t)
		r.write("d/a", "1")
		r.commit("one")
		r.write("d/a", "2")
		r.commit("two")
		id := r.git("rev-parse", "HEAD:d")
		if err := os.Remove(filepath.Join(r.dir, ".git", "objects", id[:2], id[2:])); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(t.Context(), r.dir, Options{}); err == nil {
			t.Error("no error")
		}
	})
	t.Run("shallow", func(t *testing.T) {
		r := newRepository(t)
		for i := range 3 {
			r.write("a", fmt.Sprint(i))
			r.commit("c")
		}
		clone := &repository{t, filepath.Join(t.TempDir(), "clone")}
		r.git("clone", "-q", "--depth=2", "file://"+r.dir, clone.dir)
		l := clone.read(Options{})
		if !l.Shallow || len(l.Commits) != 2 || !l.Commits[0].Root {
			t.Errorf("%+v", l)
		}
	})
	t.Run("branch", func(t *testing.T) {
		r := newRepository(t)
		r.commit("c")
		tree := &repository{t, filepath.Join(t.TempDir(), "tree")}
		r.git("worktree", "add", "-q", "-b", "side/a", tree.dir)
		for want, r := range map[string]*repository{"main": r, "side/a": tree} {
			if got := r.read(Options{}).Branch(t.Context()); got != want {
				t.Errorf("the branch is %q, want %q", got, want)
			}
		}
		r.git("checkout", "-q", "--detach")
		if got := r.read(Options{}).Branch(t.Context()); got != "" {
			t.Errorf("the branch is %q without one", got)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		r := newRepository(t)
		r.commit("c")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := Read(ctx, r.dir, Options{}); err == nil {
			t.Error("no error")
		}
	})
}

// FuzzOutput feeds the reader of git's output with what is not git's.
func FuzzOutput(f *testing.F) {
	id := strings.Repeat("0a", 20)
	f.Add([]byte(id + "\x00\x001\x00subject\x00\n:100644 100755 " + id + " " + id + " M\x00a\x00" + id + "\x00" + id + "\x002\x00\x00"))
	f.Add([]byte(id + "\x00\x001\x00:100644\x00:000000 160000 " + id + " " + id + " A\x00x/y\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l := &Log{ids: map[Entry]string{}}
		p := newParser(l, Options{Keep: func(string) bool { return true }})
		if err := p.read(bufio.NewReaderSize(bytes.NewReader(data), 1<<12)); err == nil {
			err = p.finish(tree{})
			if err != nil || len(l.Before) != len(l.Paths) {
				t.Errorf("%d paths, %d entries, %v", len(l.Paths), len(l.Before), err)
			}
		}
		for _, c := range l.Commits {
			for _, x := range c.Changes {
				if int(x.Path) >= len(l.Paths) {
					t.Errorf("%+v has no path", x)
				}
			}
		}
		var list tree
		if next, err := list.add(nil, "", data, 20); err == nil && len(data) > 0 && len(next)+len(list.files) == 0 {
			t.Errorf("nothing was read of %q", data)
		}
	})
}
