package tools_test

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"github.com/dockvet/dockvet/internal/layout"

	"github.com/dockvet/dockvet/tools/internal/oracle"
	"github.com/dockvet/dockvet/tools/internal/tree"
)

// TestFormatKeepsTheBuild has BuildKit compile real Dockerfiles before and after formatting.
func TestFormatKeepsTheBuild(t *testing.T) {
	root, err := tree.Root()
	if err != nil {
		t.Fatal(err)
	}
	names, err := tree.Files(tree.CorpusDir(root, ""))
	if err != nil || len(names) == 0 {
		t.Skipf("NO CORPUS at %s: formatting is not held against BuildKit", tree.CorpusDir(root, ""))
	}
	compared := 0
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out, err := layout.Format(name, src)
		if err != nil || bytes.Equal(src, out) {
			continue
		}
		want, ok := oracle.Builds(src)
		if !ok {
			continue
		}
		compared++
		if got, ok := oracle.Builds(out); !ok || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: formatting changes what BuildKit builds (it parses: %v)", name, ok)
		}
	}
	t.Logf("%d of %d files are formatted and compared", compared, len(names))
}
