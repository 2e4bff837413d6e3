package workspace

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestOverlay(t *testing.T) {
	base := fstest.MapFS{"a/b": {Data: []byte("b")}, "c": {Data: []byte("c")}}
	o := overlay{base, map[string]string{"c": "changed", "d": "d", "a/e": "e"}}
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
