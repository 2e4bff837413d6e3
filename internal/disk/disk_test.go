package disk

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// tree makes a directory with files, directories (names that end in a slash) and links (texts that begin with "->").
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		switch {
		case name[len(name)-1] == '/':
			err = os.MkdirAll(full, 0o755)
		case len(text) > 2 && text[:2] == "->":
			target := text[2:]
			if target[0] == '=' { // an absolute one
				target = filepath.Join(dir, target[1:])
			}
			if err := os.Symlink(filepath.FromSlash(target), full); err != nil {
				t.Skip("no links here:", err)
			}
		default:
			err = os.WriteFile(full, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func read(f *Files, name string) (string, error) {
	file, err := f.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(file)
	return string(data), err
}

func world(t *testing.T) string {
	t.Helper()
	return tree(t, map[string]string{
		"secret":               "outside\n",
		"other/.git/":          "",
		"other/x":              "outside\n",
		"repo/.git/":           "",
		"repo/file":            "inside\n",
		"repo/sub/link":        "->../file",
		"repo/sub/absolute":    "->=repo/file",
		"repo/sub/dangling":    "->nothing",
		"repo/out":             "->../secret",
		"repo/absolute-out":    "->=secret",
		"repo/dir-out":         "->../other",
		"repo/dir-in":          "->sub",
		"repo/nested/.git/":    "",
		"repo/nested/up":       "->../file",
		"repo/nested/file":     "inside\n",
		"repo/nested/sub/back": "->../file",
	})
}

// TestOpen checks what can be read of a repository: its own files, through whatever links, and nothing else.
func TestOpen(t *testing.T) {
	dir := world(t)
	f := New(filepath.Join(dir, "repo"))
	for name, want := range map[string]error{
		"repo/file": nil, "repo/sub/link": nil, "repo/sub/absolute": nil, "repo/dir-in/link": nil, "repo/nested/file": nil,
		"repo/nested/sub/back": nil,
		"repo/sub":             ErrDirectory, "repo/sub/nothing": fs.ErrNotExist, "repo/sub/dangling": fs.ErrNotExist,
		"repo/out": ErrLink, "repo/absolute-out": ErrLink, "repo/dir-out/x": ErrLink, "repo/nested/up": ErrLink,
		"secret":  nil, // it is above, where configurations are looked for
		"other/x": ErrOutside,
	} {
		text, err := read(f, filepath.Join(dir, filepath.FromSlash(name)))
		if !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("%s: error %v, want %v", name, err, want)
		}
		if err != nil && text != "" {
			t.Errorf("%s: read %q", name, text)
		}
	}
	want := []string{"absolute-out", "dir-out/x", "nested/up", "out"}
	for i := range want {
		want[i] = filepath.Join(dir, "repo", filepath.FromSlash(want[i]))
	}
	if got := f.Refused(); !slices.Equal(got, want) {
		t.Errorf("refused %q, want %q", got, want)
	}
}

// TestTrust checks that what the user names may be anywhere, but that a link in a repository is not what he names.
func TestTrust(t *testing.T) {
	dir := world(t)
	at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	f := New(at("repo/sub"))
	for _, name := range []string{"other/x", "secret", "repo/out"} {
		f.Trust(at(name))
	}
	for name, want := range map[string]error{"other/x": nil, "secret": nil, "repo/out": ErrLink, "repo/dir-out/x": ErrLink} {
		if _, err := read(f, at(name)); !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("%s: error %v, want %v", name, err, want)
		}
	}
}

// TestOpenFrom checks that a file that another one refers to is in the same repository.
func TestOpenFrom(t *testing.T) {
	dir := world(t)
	at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	f := New(at("repo"))
	f.Trust(at("secret"))
	for _, x := range []struct {
		from, name string
		want       error
	}{
		{"repo/sub/x", "repo/file", nil},
		{"repo/sub/x", "secret", ErrOutside},
		{"repo/sub/x", "other/x", ErrOutside},
		{"repo/sub/x", "repo/dir-out/x", ErrLink},
		{"secret", "other/x", nil},
	} {
		file, err := f.OpenFrom(at(x.from), at(x.name))
		if err == nil {
			_ = file.Close()
		}
		if !errors.Is(err, x.want) || x.want == nil && err != nil {
			t.Errorf("%s from %s: error %v, want %v", x.name, x.from, err, x.want)
		}
	}
}

// TestSub checks the same for a directory that is a file system of its own.
func TestSub(t *testing.T) {
	dir := world(t)
	f := New(filepath.Join(dir, "repo"))
	sub := f.Sub(filepath.Join(dir, "repo", "sub"))
	for _, name := range []string{"link", "absolute"} {
		if text, err := fs.ReadFile(sub, name); string(text) != "inside\n" {
			t.Errorf("%s: %q, error %v", name, text, err)
		}
	}
	top := f.Sub(filepath.Join(dir, "repo"))
	if _, err := fs.ReadFile(top, "out"); !errors.Is(err, ErrLink) {
		t.Errorf("error %v", err)
	}
	if info, err := fs.Stat(top, "dir-out/x"); err != nil || info.Mode() != fs.ModeIrregular {
		t.Errorf("what is outside is described: %v, error %v", info, err)
	}
	if _, err := fs.ReadDir(top, "dir-out"); !errors.Is(err, ErrLink) {
		t.Errorf("error %v", err)
	}
	if _, err := fs.ReadDir(f.Sub(filepath.Join(dir, "repo", "dir-out")), "."); !errors.Is(err, ErrLink) {
		t.Errorf("error %v", err)
	}
	entries, err := fs.ReadDir(top, "sub")
	var names []string
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Error(err)
		}
		names = append(names, e.Name()+" "+info.Mode().Type().String())
	}
	want := []string{"absolute L---------", "dangling L---------", "link L---------"}
	if err != nil || !slices.Equal(names, want) {
		t.Errorf("entries %q, error %v", names, err)
	}
}

// TestTooLarge checks that no file fills the memory, however careless its reader is.
func TestTooLarge(t *testing.T) {
	dir := tree(t, map[string]string{"repo/.git/": "", "repo/x": ""})
	name := filepath.Join(dir, "repo", "x")
	if err := os.Truncate(name, MaxFile+1); err != nil {
		t.Fatal(err)
	}
	text, err := read(New(filepath.Join(dir, "repo")), name)
	if !errors.Is(err, ErrTooLarge) || len(text) != MaxFile {
		t.Errorf("%d bytes, error %v", len(text), err)
	}
}

// TestManyRoots checks that repositories within a repository do not use up what the system lets a process open.
func TestManyRoots(t *testing.T) {
	files := map[string]string{"repo/.git/": ""}
	var names []string
	for i := range 3 * maxRoots {
		name := "repo/" + string(rune('a'+i%26)) + "/" + string(rune('a'+i/26))
		files[name+"/.git/"], files[name+"/x"] = "", "text"
		names = append(names, name+"/x")
	}
	dir := tree(t, files)
	f := New(filepath.Join(dir, "repo"))
	for range 2 {
		for _, name := range names {
			if text, err := read(f, filepath.Join(dir, filepath.FromSlash(name))); text != "text" {
				t.Fatalf("%s: %q, error %v", name, text, err)
			}
		}
	}
	if len(f.roots) > maxRoots {
		t.Errorf("%d roots are open", len(f.roots))
	}
}

// TestListOnce checks that a directory is listed once, and again when something may have changed.
func TestListOnce(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o755); err != nil {
		t.Fatal(err)
	}
	f := New(dir)
	expect := func(when string, want int) {
		t.Helper()
		all, err := f.ReadDir(filepath.Join(dir, "d"))
		below, errBelow := fs.ReadDir(f.Sub(dir), "d")
		if err != nil || errBelow != nil || len(all) != want || len(below) != want {
			t.Errorf("%s: %d and %d entries instead of %d; %v, %v", when, len(all), len(below), want, err, errBelow)
		}
		clear(all) // a listing is the caller's own
	}
	expect("at first", 0)
	if err := os.WriteFile(filepath.Join(dir, "d", "a"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	expect("somebody else made a file", 0)
	f.Forget()
	expect("after Forget", 1)
	if err := f.Create(filepath.Join(dir, "d"), "b", nil); err != nil {
		t.Fatal(err)
	}
	expect("after Create", 2)
	if err := f.Remove(filepath.Join(dir, "d", "b")); err != nil {
		t.Fatal(err)
	}
	expect("after Remove", 1)
	if err := f.WriteFile(filepath.Join(dir, "d", "c"), func(io.Writer) error { return nil }); err != nil {
		t.Fatal(err)
	}
	expect("after WriteFile", 2)
}
