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
	for src, want := range map[string][]string{
		"FROM a\nCOPY . .\nRUN rm -rf .git && npm run build\n":                                     {".github", ".gitignore", "CHANGELOG.md", "Dockerfile*", "compose*.y*ml"},
		"FROM a\nCOPY . .\nRUN rm -rf .git\nRUN npm run build\n":                                   {".git", ".github", ".gitignore", "CHANGELOG.md", "Dockerfile*", "compose*.y*ml"},
		"FROM a\nCOPY . .\nRUN make\n":                                                             {".github", ".gitignore", "CHANGELOG.md", "Dockerfile*", "compose*.y*ml"},
		"FROM a\nCOPY . .\nRUN go build\n":                                                         {".github", ".gitignore", "CHANGELOG.md", "Dockerfile*", "compose*.y*ml"},
		"FROM a\nCOPY . .\n":                                                                       {".git", ".github", ".gitignore", "CHANGELOG.md", "Dockerfile*", "compose*.y*ml"},
		"FROM a\nCOPY . .\nRUN changelog CHANGELOG.md <<E\n.gitignore\nE\nCOPY Dockerfile.dev /\n": {".github", "compose*.y*ml"},
	} {
		p := plan.New(parser.Parse("Dockerfile", []byte(src)), plan.Options{})
		if diff := cmp.Diff(want, reorder.Ignorable(p, names)); diff != "" {
			t.Errorf("%q (-want +got)\n%s", src, diff)
		}
	}
}
