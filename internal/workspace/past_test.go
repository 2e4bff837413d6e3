package workspace

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/internal/change"
	"github.com/dockvet/dockvet/internal/disk"
)

// TestPast compares what Past shows of a directory, as a whole and as a build context, with what it held.
func TestPast(t *testing.T) {
	root := t.TempDir()
	now := map[string]string{
		"same": "1", "changed": "new", "added": "x", "fresh/deep/a": "x", "fresh/b": "x", "old/kept": "1", "old/added": "x", "moved-to": "m",
	}
	for name, text := range now {
		full := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	at := func(name string) string {
		if name == "" {
			return ""
		}
		return filepath.Join(root, filepath.FromSlash(name))
	}
	file := func(old, now, text string) change.File {
		return change.File{Old: at(old), New: at(now), Before: func() ([]byte, error) { return []byte(text), nil }}
	}
	link := file("link", "", "same")
	link.Link = true
	program := file("run.sh", "", "#!")
	program.Executable = true
	c := change.New([]change.File{
		file("changed", "changed", "was"), file("", "added", ""), file("", "fresh/deep/a", ""), file("", "fresh/b", ""),
		file("", "old/added", ""), file("gone/x/y", "", "z"), file("moved-from", "moved-to", "m"), link, program,
	})
	files := Past(disk.New(root), c)
	want := []string{
		"changed was", "gone/", "gone/x/", "gone/x/y z", "link 1", "moved-from m", "old/", "old/kept 1", "run.sh #! executable", "same 1",
	}
	if diff := cmp.Diff(want, listing(t, files.Sub(root))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, name := range []string{"added", "fresh", "fresh/deep", "fresh/b", "moved-to", "old/added"} {
		if _, err := files.Stat(at(name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: error %v", name, err)
		}
		if _, err := files.Open(at(name)); err == nil {
			t.Errorf("%s can be opened", name)
		}
	}
	if info, err := files.Lstat(at("link")); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link: %v, %v", info, err)
	}
	if info, err := files.Stat(at("gone/x")); err != nil || !info.IsDir() {
		t.Errorf("a directory that is gone: %v, %v", info, err)
	}
}

// listing are the files and directories of fsys, with what they hold.
func listing(t *testing.T, fsys fs.FS) (out []string) {
	t.Helper()
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == ".":
		case d.IsDir():
			out = append(out, name+"/")
		default:
			data, err := fs.ReadFile(fsys, name)
			if err != nil {
				return err
			}
			info, err := fs.Stat(fsys, name)
			if err != nil {
				return err
			}
			line := name + " " + string(data)
			if info.Mode()&0o111 != 0 {
				line += " executable"
			}
			out = append(out, line)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return out
}
