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
