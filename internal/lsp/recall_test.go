package lsp

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/dockvet/dockvet/internal/disk"
	"github.com/dockvet/dockvet/internal/workspace"
)

var _ workspace.Files = (*recall)(nil)

// TestRecall checks that the disk is looked at again when something is told and after a while, and not before.
func TestRecall(t *testing.T) {
	dir := writeAll(t, map[string]string{"a": "1", "d/b": "1"})
	now := time.Now()
	r := newRecall(disk.New(dir), func() time.Time { return now }, time.Second)
	look := func() string {
		t.Helper()
		entries, err := r.ReadDir(filepath.Join(dir, "d"))
		if err != nil {
			t.Fatal(err)
		}
		again, err := fs.ReadDir(r.Sub(dir), "d")
		if err != nil || len(again) != len(entries) {
			t.Fatalf("%d entries, and %d; %v", len(entries), len(again), err)
		}
		out := string(rune('0' + len(entries)))
		slices.Reverse(entries) // what a caller does with a listing is its own
		a, err := fs.ReadFile(r.Sub(dir), "a")
		if err != nil {
			t.Fatal(err)
		}
		info, err := r.Stat(filepath.Join(dir, "a"))
		if err != nil || info.Size() != int64(len(a)) {
			t.Errorf("%d bytes; %v", info.Size(), err)
		}
		_, err = r.Stat(filepath.Join(dir, "new"))
		if err == nil {
			out += " new"
		}
		return string(a) + " " + out
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(when, want string) {
		t.Helper()
		if got := look(); got != want {
			t.Errorf("%s: %q instead of %q", when, got, want)
		}
	}
	expect("at first", "1 1")
	write("a", "22")
	write("d/c", "")
	write("new", "")
	r.Forget()
	expect("after an edit", "1 1")
	r.forget()
	expect("after it was told", "22 2 new")
	write("a", "333")
	now = now.Add(time.Second)
	r.Forget()
	expect("after a while", "333 2 new")
	large := make([]byte, maxKeptFile+1)
	write("a", string(large))
	r.forget()
	if got := look(); len(got) < len(large) {
		t.Errorf("%d bytes of a large file", len(got))
	}
}

// TestRecallShares checks that listings made elsewhere let a directory show nothing that it would refuse by itself.
func TestRecallShares(t *testing.T) {
	outside := writeAll(t, map[string]string{"secret": "1"})
	dir := writeAll(t, map[string]string{"a": "1", "d/b": "1", "d/e/c": "1", ".git/HEAD": "ref: refs/heads/main\n"})
	if err := os.Symlink(outside, filepath.Join(dir, "d", "out")); err != nil {
		t.Skip("SKIPPED: no links here:", err)
	}
	names := []string{".", "d", "d/e", "d/out", "d/a", "missing"}
	r := newRecall(disk.New(dir), time.Now, time.Minute)
	listed := 0
	for _, name := range names {
		if _, err := r.ReadDir(filepath.Join(dir, name)); err == nil {
			listed++
		}
	}
	if listed < 3 {
		t.Fatalf("only %d directories can be listed", listed)
	}
	// As if the user had named it.
	entries, err := os.ReadDir(outside)
	r.lists[filepath.Join(dir, "d", "out")] = recalled[[]fs.DirEntry]{entries, err}
	told, plain := r.Sub(dir), disk.New(dir).Sub(dir)
	for _, name := range names {
		got, err := fs.ReadDir(told, name)
		want, wantErr := fs.ReadDir(plain, name)
		same := func(a, b fs.DirEntry) bool { return a.Name() == b.Name() && a.IsDir() == b.IsDir() }
		if (err == nil) != (wantErr == nil) || !slices.EqualFunc(got, want, same) {
			t.Errorf("%s: %v, %v instead of %v, %v", name, got, err, want, wantErr)
		}
	}
	if _, err := fs.ReadDir(told, "d/out"); err == nil {
		t.Error("a link leads out of the repository")
	}
}
