package workspace

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestOverlay(t *testing.T) {
	base := fstest.MapFS{"a/b": {Data: []byte("b")}, "c": {Data: []byte("c")}}
	o := overlay{FS: base, files: map[string]string{"c": "changed", "d": "d", "a/e": "e"}}
	got := map[string]string{}
	err := fs.WalkDir(o, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(o, name)
		got[name] = string(data)
		return err
	})
	if diff := cmp.Diff(map[string]string{"a/b": "b", "a/e": "e", "c": "changed", "d": "d"}, got); diff != "" || err != nil {
		t.Errorf("error %v (-want +got)\n%s", err, diff)
	}
}

// TestUnsavedKeepsDirectories checks that a directory is still there where a file beside it has unsaved text.
func TestUnsavedKeepsDirectories(t *testing.T) {
	w := tree(t, map[string]string{"Dockerfile": "FROM a\nCOPY lib .\n", "lib/x": ""})
	w.SetOverlay("Dockerfile", "FROM b\nCOPY lib .\n")
	for name, want := range map[string]bool{"lib": true, "lib/x": true, "Dockerfile": true, "absent": false} {
		if got := load(t, w, "Dockerfile").Builds[0].Context.Has(name); got != want {
			t.Errorf("the context has %s: %v", name, got)
		}
	}
}
