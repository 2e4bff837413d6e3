package reorder_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dockvet/dockvet/internal/reorder"
	"github.com/dockvet/dockvet/parser"
	"github.com/dockvet/dockvet/plan"
)

func TestIgnorable(t *testing.T) {
	names := []string{".github/workflows/ci.yml", ".gitignore", "src/main.go", "docs/Dockerfile", "CHANGELOG.md", "Dockerfile.dev", "compose.prod.yaml", ".git"}
	for _, c := range []struct {
		src  string
		want []string
	}{
		{"FROM a\nCOPY . .\nRUN rm -rf .git && npm run build\n", []string{".github", ".gitignore", "CHANGELOG.md", "Dockerfile*", "compose*.y*ml"}},
		{"FROM a\nCOPY . .\nRUN rm -rf .git\nRUN npm run build\n", []string{".git", ".github", ".gitignore", "CHANGELOG.md", "Dockerfile*", "compose*.y*ml"}},
		{"FROM a\nCOPY . .\nRUN make\n", []string{".github", ".gitignore", "CHANGELOG.md", "Dockerfile*", "compose*.y*ml"}},
		{"FROM a\nCOPY . .\nRUN go build\n", []string{".github", ".gitignore", "CHANGELOG.md", "Dockerfile*", "compose*.y*ml"}},
		{"FROM a\nCOPY . .\n", []string{".git", ".github", ".gitignore", "CHANGELOG.md", "Dockerfile*", "compose*.y*ml"}},
		{"FROM a\nCOPY . .\nRUN changelog CHANGELOG.md <<E\n.gitignore\nE\nCOPY Dockerfile.dev /\n", []string{".github", "compose*.y*ml"}},
	} {
		p := plan.New(parser.Parse("Dockerfile", []byte(c.src)), plan.Options{})
		if diff := cmp.Diff(c.want, reorder.Ignorable(p, nil, names)); diff != "" {
			t.Errorf("%q (-want +got)\n%s", c.src, diff)
		}
	}
}
